package com.fxplatform.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Dictionary;
import java.util.HexFormat;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One configuration as the server gave it, accepted or refused as a whole.
 *
 * @param revision the server's, or one that follows the values where the server gives none
 * @param etag what to ask {@code If-None-Match} with; empty for none
 * @param values as given, without the members that change with the clock
 */
record ProvisionedConfig(String revision, String etag, Map<String, Object> values) {
  private static final ObjectMapper SORTED =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  private static final Set<String> VOLATILE = Set.of("serverTime", "executorStatus", "timestamp", "requestProcessingTime");
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,119}");
  // what OSGi itself reads from a component's properties is not the server's to set
  private static final Pattern RESERVED =
      Pattern.compile("(service|component|felix|objectClass|osgi)(\\..*)?|.*\\.(target|cardinality\\.minimum)");
  private static final int MOST_KEYS = 2000;
  private static final int LONGEST = 16 * 1024;

  private record Range(long from, long to) {}

  private static final Map<String, Range> NUMBERS =
      Map.of(
          "deadMan.minutes", new Range(0, 100_000),
          "safety.maxPositions", new Range(0, 1_000_000),
          "zmqPort", new Range(0, 65_535),
          "zmqCommandPort", new Range(1, 65_535),
          // the port above is needed as well
          "zmqRobustPort", new Range(0, 65_534),
          "pusherPort", new Range(0, 65_535),
          "heartbeatInterval", new Range(1, 3_600),
          "heartbeatTimeout", new Range(1, 86_400),
          "commandTimeout", new Range(100, 3_600_000),
          "connectionTimeout", new Range(100, 600_000));
  private static final Set<String> SWITCHES = Set.of("pusherTls", "autoReconnect");
  private static final Map<String, Pattern> TEXTS =
      Map.of(
          "executorId", Pattern.compile("[A-Za-z0-9_-]{1,64}"),
          "executorName", Pattern.compile("[^\\p{Cntrl}]{0,200}"),
          "platformUrl", Pattern.compile("[^\\p{Cntrl}]{0,2000}"),
          "pusherKey", Pattern.compile("[A-Za-z0-9_-]{0,200}"),
          // these become part of an address
          "pusherCluster", Pattern.compile("[A-Za-z0-9-]{0,32}"),
          "pusherHost", Pattern.compile("[A-Za-z0-9.:\\[\\]-]{0,253}"),
          "zmqHost", Pattern.compile("[A-Za-z0-9.:/*\\[\\]_-]{0,255}"),
          ".sharedSecret", Pattern.compile("[\\p{Graph}]{0,256}"));

  /**
   * Reads an answer of the config endpoint.
   *
   * @throws IllegalArgumentException with the reason in one sentence
   */
  static ProvisionedConfig read(String text, String etag) {
    JsonNode answer;
    try {
      answer = PlatformLine.JSON.readTree(text);
    } catch (JsonProcessingException nonsense) {
      throw new IllegalArgumentException("The server's answer is no JSON.");
    }
    if (answer == null || !answer.path("success").isBoolean() || !answer.path("success").booleanValue()) {
      throw new IllegalArgumentException("The server's answer does not say success.");
    }
    if (!answer.path("config").isObject()) {
      throw new IllegalArgumentException("The server's answer has no config.");
    }
    Map<String, Object> values = new LinkedHashMap<>(toMap(answer.path("config")));
    values.keySet().removeAll(VOLATILE);
    String revision = etag.startsWith("W/") ? etag.substring(2) : etag;
    revision = revision.replace("\"", "").strip();
    if (!revision.matches("[\\p{Graph}]{1,100}")) {
      revision = digest(values);
    }
    ProvisionedConfig config = new ProvisionedConfig(revision, etag, values);
    config.flat(Map.of());
    return config;
  }

  /** The server's clock, if the answer tells it. */
  static Optional<java.time.Instant> clock(String text) {
    try {
      JsonNode answer = PlatformLine.JSON.readTree(text);
      for (JsonNode time : List.of(answer.path("serverTime"), answer.path("config").path("serverTime"), answer.path("timestamp"))) {
        if (time.isTextual()) {
          return Optional.of(java.time.Instant.parse(time.textValue()));
        }
      }
    } catch (JsonProcessingException | java.time.DateTimeException none) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> toMap(JsonNode object) {
    return PlatformLine.JSON.convertValue(object, Map.class);
  }

  String text(String key) {
    return values.get(key) instanceof String s ? s : "";
  }

  /**
   * One level of keys, local overrides laid over, everything checked.
   *
   * @throws IllegalArgumentException with the reason in one sentence
   */
  Dictionary<String, Object> flat(Map<String, String> overrides) {
    Map<String, Object> flat = new TreeMap<>();
    flatten("", values, flat, 0);
    overrides.forEach(
        (key, value) -> {
          String name = key.equals("sharedSecret") ? ".sharedSecret" : key;
          if (name.equals(".sharedSecret") || (KEY.matcher(name).matches() && !RESERVED.matcher(name).matches())) {
            flat.put(name, value);
          } else {
            throw new IllegalArgumentException("override." + key + " is no key that can be overridden.");
          }
        });
    if (!(flat.get("executorId") instanceof String)) {
      throw new IllegalArgumentException("The configuration names no executorId.");
    }
    NUMBERS.forEach((key, range) -> flat.computeIfPresent(key, (k, v) -> number(k, v, range)));
    SWITCHES.forEach(key -> flat.computeIfPresent(key, ProvisionedConfig::onOff));
    TEXTS.forEach(
        (key, pattern) -> {
          Object value = flat.get(key);
          if (value != null && !(value instanceof String s && pattern.matcher(s).matches())) {
            throw new IllegalArgumentException("The value of " + key.replace(".", "") + " is not valid.");
          }
        });
    return new Hashtable<>(flat);
  }

  private static void flatten(String prefix, Map<?, ?> from, Map<String, Object> to, int depth) {
    if (depth > 8 || to.size() > MOST_KEYS) {
      throw new IllegalArgumentException("The configuration is too large.");
    }
    from.forEach(
        (rawKey, value) -> {
          String key = prefix + rawKey;
          if (value == null || RESERVED.matcher(key).matches()) {
            return;
          }
          if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("The configuration has a key with characters that no key has.");
          }
          if (value instanceof Map<?, ?> nested) {
            flatten(key + ".", nested, to, depth + 1);
            return;
          }
          to.put(key.equals("sharedSecret") ? ".sharedSecret" : key, plain(key, value));
        });
  }

  private static Object plain(String key, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(item -> item instanceof Map || item instanceof List ? json(item) : String.valueOf(plain(key, item))).toArray(String[]::new);
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.doubleValue();
    }
    if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
      return value;
    }
    String text = String.valueOf(value);
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("The value of " + key + " is too long.");
    }
    // the platform would resolve it to a secret or a variable of this machine
    if (text.contains("$[")) {
      throw new IllegalArgumentException("The value of " + key + " has a $[ placeholder, which only local files may have.");
    }
    return text;
  }

  private static Object number(String key, Object value, Range range) {
    try {
      long number = new BigDecimal(String.valueOf(value).strip()).longValueExact();
      if (number >= range.from() && number <= range.to()) {
        return (int) number;
      }
    } catch (ArithmeticException | NumberFormatException notOne) {
      throw new IllegalArgumentException(key + " must be a whole number from " + range.from() + " to " + range.to() + ".");
    }
    throw new IllegalArgumentException(key + " must be a whole number from " + range.from() + " to " + range.to() + ".");
  }

  private static Object onOff(String key, Object value) {
    String text = String.valueOf(value).strip();
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    throw new IllegalArgumentException(key + " must be true or false.");
  }

  private static String json(Object value) {
    try {
      return SORTED.writeValueAsString(value);
    } catch (JsonProcessingException bug) {
      throw new IllegalArgumentException("The configuration has a value that is no JSON.");
    }
  }

  private static String digest(Map<String, Object> values) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(json(values).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
