package com.fxplatform.zmq;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The origin's Expert Advisor as it is: it searches substrings, so every byte is ours and nothing of the caller's can reach
 * the wire that its search could mistake for something else (zmq-bridge 1 and 6.2).
 */
final class CompatDialect implements Dialect {
  static final String PING = "PING";
  static final String GET_ACCOUNT = "GET_ACCOUNT";
  static final String GET_PRICE = "GET_PRICE";
  static final String GET_BARS = "GET_BARS";
  static final String OPEN_POSITION = "OPEN_POSITION";
  static final String CLOSE_POSITION = "CLOSE_POSITION";

  /** Not written, only looked at by the link: two strategies may open the same symbol at the same time. */
  static final String STRATEGY = "strategyId";

  static final int LARGEST_REQUEST = 3500;

  // the Expert Advisor prints this many characters of every request into the terminal's journal
  static final int JOURNALLED = 100;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z0-9._#+-]{1,31}");
  private static final Pattern COMMENT = Pattern.compile("[A-Za-z0-9 ._:-]{0,31}");
  private static final Pattern SECRET = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{0,512}");
  private static final Set<String> TIMEFRAMES =
      Set.of(
          "M1", "M5", "M15", "M30", "H1", "H4", "D1", "W1", "MN1",
          "1", "5", "15", "30", "60", "240", "1440", "10080", "43200");
  private static final long LARGEST_TICKET = 1L << 53;
  private static final long MOST_BARS = 10_000;
  private static final int LARGEST_SCALE = 10;
  private static final int LARGEST_PRECISION = 18;
  private static final int SHORTEST_ID = 16;
  private static final DateTimeFormatter MILLIS = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
  private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
  private static final Map<String, Set<String>> PARAMETERS =
      Map.of(
          PING, Set.of(),
          GET_ACCOUNT, Set.of(),
          GET_PRICE, Set.of("symbol"),
          GET_BARS, Set.of("symbol", "timeframe", "bars"),
          OPEN_POSITION, Set.of("symbol", "action", "lotSize", "stopLoss", "takeProfit", "comment", STRATEGY),
          CLOSE_POSITION, Set.of("ticket"));
  static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(64).maxNestingDepth(16).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /** The commands of every Expert Advisor. */
  static boolean knows(String name) {
    return PARAMETERS.containsKey(name);
  }

  /** Whether the Expert Advisor could ever compare a secret equal: it ends a string at the next quote. */
  static boolean usable(String secret) {
    return SECRET.matcher(secret).matches();
  }

  @Override
  public Optional<String> objection(TerminalRequest request) {
    Set<String> known = PARAMETERS.get(request.name());
    if (known == null) {
      return Optional.of("The Expert Advisor knows no command " + printable(request.name()) + ".");
    }
    if (!ID.matcher(request.id()).matches()) {
      return Optional.of("The request id may only have letters, digits and . _ : -, at most 64.");
    }
    Map<String, Object> given = request.parameters();
    for (String key : given.keySet()) {
      if (!known.contains(key)) {
        return Optional.of(request.name() + " has no parameter " + printable(key) + ".");
      }
    }
    return switch (request.name()) {
      case GET_PRICE -> symbol(given);
      case GET_BARS -> symbol(given).or(() -> timeframe(given)).or(() -> bars(given));
      case OPEN_POSITION -> order(given);
      case CLOSE_POSITION -> ticket(given);
      default -> Optional.empty();
    };
  }

  private static Optional<String> order(Map<String, Object> given) {
    return symbol(given)
        .or(() -> no("BUY".equals(given.get("action")) || "SELL".equals(given.get("action")), "The action must be BUY or SELL."))
        .or(() -> number(given, "lotSize", true))
        .or(() -> number(given, "stopLoss", false))
        .or(() -> number(given, "takeProfit", false))
        .or(
            () ->
                no(
                    matches(COMMENT, given.getOrDefault("comment", "")),
                    "The comment may only have letters, digits, blanks and . _ : -, at most 31."));
  }

  private static Optional<String> symbol(Map<String, Object> given) {
    return no(matches(SYMBOL, given.get("symbol")), "The symbol must have 1 to 31 letters, digits or . _ # + -.");
  }

  private static Optional<String> timeframe(Map<String, Object> given) {
    Object timeframe = given.get("timeframe");
    return no(timeframe == null || TIMEFRAMES.contains(timeframe), "The timeframe must be one of M1 to MN1.");
  }

  private static Optional<String> bars(Map<String, Object> given) {
    return no(given.get("bars") == null || whole(given.get("bars"), MOST_BARS), "The bars must be 1 to " + MOST_BARS + ".");
  }

  private static Optional<String> ticket(Map<String, Object> given) {
    return no(whole(given.get("ticket"), LARGEST_TICKET), "The ticket must be a positive whole number.");
  }

  private static Optional<String> number(Map<String, Object> given, String key, boolean required) {
    Object value = given.get(key);
    if (value == null) {
      return no(!required, "The " + key + " is missing.");
    }
    Optional<BigDecimal> number = decimal(value);
    boolean fits =
        number.isPresent()
            && Math.abs(number.get().scale()) <= LARGEST_SCALE
            && number.get().precision() <= LARGEST_PRECISION
            && number.get().signum() >= (required ? 1 : 0);
    return no(fits, "The " + key + " must be a " + (required ? "positive " : "") + "number.");
  }

  private static boolean whole(Object value, long largest) {
    Long number = value instanceof Integer small ? Long.valueOf(small) : value instanceof Long large ? large : null;
    return number != null && number > 0 && number <= largest;
  }

  private static Optional<BigDecimal> decimal(Object value) {
    if (value instanceof BigDecimal exact) {
      return Optional.of(exact);
    }
    return value instanceof Integer || value instanceof Long
        ? Optional.of(BigDecimal.valueOf(((Number) value).longValue()))
        : Optional.empty();
  }

  private static boolean matches(Pattern pattern, Object value) {
    return value instanceof String text && pattern.matcher(text).matches();
  }

  private static Optional<String> no(boolean fine, String objection) {
    return fine ? Optional.empty() : Optional.of(objection);
  }

  private static String printable(String text) {
    String plain = text.replaceAll("[^A-Za-z0-9._-]", "?");
    return plain.substring(0, Math.min(plain.length(), 40));
  }

  @Override
  public byte[] encode(TerminalRequest request, Instant now, String secret) {
    StringBuilder text = new StringBuilder(256);
    text.append("{\"command\":\"").append(request.name());
    text.append("\",\"requestId\":\"").append(wireId(request.id()));
    text.append("\",\"timestamp\":\"").append(MILLIS.format(now));
    text.append("\",\"parameters\":{");
    Map<String, Object> given = request.parameters();
    switch (request.name()) {
      case GET_PRICE -> string(text, "symbol", given);
      case GET_BARS -> {
        string(text, "symbol", given);
        string(text, "timeframe", given);
        number(text, "bars", given);
      }
      case OPEN_POSITION -> {
        string(text, "symbol", given);
        string(text, "action", given);
        number(text, "lotSize", given);
        number(text, "stopLoss", given);
        number(text, "takeProfit", given);
        Object comment = given.get("comment");
        member(text, "comment").append('"');
        text.append(comment == null || "".equals(comment) ? key(request.id()) : comment).append('"');
      }
      case CLOSE_POSITION -> number(text, "ticket", given);
      default -> { }
    }
    text.append('}');
    if (!secret.isEmpty()) {
      text.append(",\"token\":\"");
      if (text.length() < JOURNALLED) {
        throw new IllegalStateException("The token would show in the terminal's journal");
      }
      text.append(secret).append('"');
    }
    byte[] frame = text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    if (frame.length > LARGEST_REQUEST) {
      throw new IllegalStateException("A request of " + frame.length + " bytes would be cut by the Expert Advisor");
    }
    return frame;
  }

  /** Long enough that the token comes after what the Expert Advisor prints. */
  private static String wireId(String id) {
    return id.length() >= SHORTEST_ID ? id : "req_" + "0".repeat(SHORTEST_ID - id.length()) + id;
  }

  /** The comment by which an operator finds the position of a request: evidence, brokers may rewrite comments. */
  static String key(String id) {
    byte[] hash;
    try {
      hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
    StringBuilder key = new StringBuilder("NX");
    long bits = 0;
    int held = 0;
    for (int at = 0; key.length() < 28; ) {
      if (held < 5) {
        bits = bits << 8 | hash[at++] & 0xFF;
        held += 8;
      }
      held -= 5;
      key.append(BASE32.charAt((int) (bits >> held) & 31));
    }
    return key.toString();
  }

  private static StringBuilder member(StringBuilder text, String key) {
    if (text.charAt(text.length() - 1) != '{') {
      text.append(',');
    }
    return text.append('"').append(key).append("\":");
  }

  private static void string(StringBuilder text, String key, Map<String, Object> given) {
    if (given.get(key) instanceof String value) {
      member(text, key).append('"').append(value).append('"');
    }
  }

  private static void number(StringBuilder text, String key, Map<String, Object> given) {
    decimal(given.get(key)).ifPresent(value -> member(text, key).append(value.toPlainString()));
  }

  @Override
  public Optional<TerminalReply> decode(TerminalRequest request, byte[] frame) {
    Map<String, Object> reply;
    try {
      reply = JSON.readValue(frame, OBJECT);
    } catch (IOException garbage) {
      return Optional.empty();
    }
    if (reply == null) {
      return Optional.empty();
    }
    if ("ERROR".equals(reply.get("status"))) {
      return Optional.of(failed(reply));
    }
    if (!"OK".equals(reply.get("status"))) {
      return Optional.empty();
    }
    Map<String, Object> data = data(reply);
    if (PING.equals(request.name()) && reply.get("v") instanceof Integer version) {
      data.put("v", version);
    }
    return fits(request, reply, data)
        ? Optional.of(new TerminalReply(TerminalReply.Outcome.OK, data, Optional.empty(), Optional.empty()))
        : Optional.empty();
  }

  private static TerminalReply failed(Map<String, Object> reply) {
    Object error = reply.get("error");
    Object message = reply.get("message");
    String why = error instanceof String text ? text : message instanceof String text ? text : "The terminal gave no reason";
    Map<String, Object> rest = new LinkedHashMap<>(reply);
    rest.keySet().removeAll(Set.of("status", "message"));
    if (error instanceof String) {
      rest.remove("error");
    }
    rest.values().removeIf(value -> value == null);
    return new TerminalReply(TerminalReply.Outcome.FAILED, Map.copyOf(rest), Optional.of(why), Optional.empty());
  }

  private static Map<String, Object> data(Map<String, Object> reply) {
    Map<String, Object> data = new LinkedHashMap<>();
    if (reply.get("data") instanceof Map<?, ?> given) {
      given.forEach(
          (key, value) -> {
            if (value != null) {
              data.put((String) key, value);
            }
          });
    }
    return data;
  }

  private static boolean fits(TerminalRequest request, Map<String, Object> reply, Map<String, Object> data) {
    return switch (request.name()) {
      case PING -> "PONG".equals(reply.get("message"));
      case OPEN_POSITION ->
          data.get("ticket") instanceof Number ticket
              && ticket.longValue() > 0
              && sameSymbol(request, data);
      // the right answer has no data; what has some answers another request
      case CLOSE_POSITION -> data.isEmpty() && !"PONG".equals(reply.get("message"));
      case GET_ACCOUNT -> data.get("balance") instanceof Number && data.get("equity") instanceof Number;
      case GET_PRICE -> data.get("bid") instanceof Number && sameSymbol(request, data);
      case GET_BARS -> data.get("bars") instanceof List && sameSymbol(request, data);
      default -> false;
    };
  }

  private static boolean sameSymbol(TerminalRequest request, Map<String, Object> data) {
    return request.parameters().get("symbol").equals(data.get("symbol"));
  }
}
