package com.fxplatform.api.http;

import com.fxplatform.api.Refusal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Checks the members of a JSON object and collects what is wrong, in the words the predecessor's validator uses
 * (wire-contract 3.1): read every member first, then {@link #check()}. Unknown members are ignored. For one thread.
 *
 * <p>A member that is wrong reads as an empty string, an empty map or empty until {@link #check()} throws.
 */
@ProviderType
public final class Fields {
  /** Refusal 400: at least one member is wrong; {@code meta} has a list of texts per member. */
  public static final String VALIDATION_ERROR = "VALIDATION_ERROR";

  private final Map<String, ?> object;
  private final Map<String, Object> wrong = new LinkedHashMap<>();

  private Fields(Map<String, ?> object) {
    this.object = object;
  }

  public static Fields of(Map<String, ?> object) {
    return new Fields(object);
  }

  /** A mandatory text of {@code min} to {@code max} characters. */
  public String text(String name, int min, int max) {
    if (!object.containsKey(name)) {
      wrong(name, "Required");
      return "";
    }
    return length(name, object.get(name), min, max);
  }

  /** An optional text; {@code null} counts as absent only if {@code nullable}. */
  public Optional<String> maybeText(String name, int min, int max, boolean nullable) {
    if (absent(name, nullable)) {
      return Optional.empty();
    }
    return Optional.of(length(name, object.get(name), min, max));
  }

  /** A mandatory text out of a list. */
  public String oneOf(String name, String... allowed) {
    if (!object.containsKey(name)) {
      wrong(name, "Required");
      return "";
    }
    return pick(name, object.get(name), allowed);
  }

  /** An optional text out of a list. */
  public Optional<String> maybeOneOf(String name, String... allowed) {
    return absent(name, false) ? Optional.empty() : Optional.of(pick(name, object.get(name), allowed));
  }

  /** An optional object. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> maybeObject(String name) {
    if (absent(name, false)) {
      return Map.of();
    }
    if (object.get(name) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    wrong(name, "Expected object, received " + kind(object.get(name)));
    return Map.of();
  }

  /** An optional number. */
  public Optional<BigDecimal> maybeNumber(String name) {
    if (absent(name, false)) {
      return Optional.empty();
    }
    if (object.get(name) instanceof Number number) {
      return Optional.of(new BigDecimal(number.toString()));
    }
    wrong(name, "Expected number, received " + kind(object.get(name)));
    return Optional.empty();
  }

  /**
   * How many rows a page has, from a query: what is more than allowed counts as the most allowed.
   *
   * @param sent the query's value; empty gives {@code otherwise}
   */
  public int pageSize(String name, Optional<String> sent, int otherwise, int most) {
    if (sent.isEmpty()) {
      return otherwise;
    }
    if (sent.get().matches("[0-9]{1,9}") && Integer.parseInt(sent.get()) > 0) {
      return Math.min(most, Integer.parseInt(sent.get()));
    }
    wrong(name, "Expected a number from 1 to " + most);
    return otherwise;
  }

  /** Notes something wrong that no other method finds. */
  public void wrong(String name, String text) {
    @SuppressWarnings("unchecked")
    List<String> texts = (List<String>) wrong.computeIfAbsent(name, n -> new ArrayList<String>());
    texts.add(text);
  }

  /** Takes over what another object's members got wrong, under one name: nested errors go by their parent's. */
  public void nested(String name, Fields inner) {
    inner.wrong.values().forEach(texts -> ((List<?>) texts).forEach(text -> wrong(name, text.toString())));
  }

  /** @throws Refusal 400 {@link #VALIDATION_ERROR} if anything is wrong */
  public void check() {
    if (!wrong.isEmpty()) {
      throw new Refusal(400, VALIDATION_ERROR, "Validation error").withMeta(wrong);
    }
  }

  private boolean absent(String name, boolean nullable) {
    return !object.containsKey(name) || nullable && object.get(name) == null;
  }

  private String length(String name, Object value, int min, int max) {
    if (!(value instanceof String text)) {
      wrong(name, "Expected string, received " + kind(value));
      return "";
    }
    if (text.length() < min) {
      wrong(name, "String must contain at least " + min + " character(s)");
    }
    if (text.length() > max) {
      wrong(name, "String must contain at most " + max + " character(s)");
    }
    return text;
  }

  private String pick(String name, Object value, String... allowed) {
    String list = Stream.of(allowed).map(word -> "'" + word + "'").collect(Collectors.joining(" | "));
    if (!(value instanceof String text)) {
      wrong(name, "Expected " + list + ", received " + kind(value));
      return "";
    }
    if (!List.of(allowed).contains(text)) {
      String shown = text.length() > 40 ? text.substring(0, 40) : text;
      wrong(name, "Invalid enum value. Expected " + list + ", received '" + shown + "'");
      return "";
    }
    return text;
  }

  private static String kind(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String) {
      return "string";
    }
    if (value instanceof Number) {
      return "number";
    }
    if (value instanceof Boolean) {
      return "boolean";
    }
    return value instanceof List ? "array" : "object";
  }
}
