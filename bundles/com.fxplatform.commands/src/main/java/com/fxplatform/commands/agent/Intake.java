package com.fxplatform.commands.agent;

import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.Priority;
import com.fxplatform.commands.agent.Entry.State;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a command however it was written (wire-contract 7.3). */
final class Intake {
  static final int MOST_PARAMETERS = 16 * 1024;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private Intake() {}

  static Optional<String> id(Map<String, ?> raw) {
    return raw.get("id") instanceof String id && ID.matcher(id).matches() ? Optional.of(id) : Optional.empty();
  }

  /**
   * @param now the server's clock
   * @param commandTimeout how long a priced command is good for, milliseconds
   */
  static Entry read(Map<String, ?> raw, String id, long seq, String via, long now, long receivedAt, long commandTimeout) {
    Map<String, Object> parameters = parameters(raw);
    String name = name(raw, parameters);
    Priority priority = name.equals(CommandNames.EMERGENCY_STOP) ? Priority.URGENT : priority(raw.get("priority"));
    // a command from the future would live too long
    long createdAt = Math.min(now, time(raw.get("timestamp")).or(() -> time(raw.get("createdAt"))).orElse(now));
    long expiresAt = 0;
    if (!CommandNames.CLOSING.contains(name)) {
      expiresAt = time(raw.get("expiresAt")).orElse(CommandNames.PRICED.contains(name) ? createdAt + commandTimeout : 0L);
    }
    return new Entry(id, seq, name, parameters, priority, createdAt, expiresAt, receivedAt, via, State.ACCEPTED, receivedAt, "", Map.of(), false);
  }

  private static Map<String, Object> parameters(Map<String, ?> raw) {
    Object found = raw.get("payload") instanceof Map ? raw.get("payload") : raw.get("parameters");
    Map<String, Object> parameters = new LinkedHashMap<>();
    if (found instanceof Map<?, ?> map) {
      map.forEach((key, value) -> parameters.put(String.valueOf(key), value));
    } else if (raw.containsKey("strategyId")) {
      // flat, as the predecessor's activation sends it
      parameters.putAll(raw);
      parameters.remove("id");
    }
    return parameters;
  }

  private static String name(Map<String, ?> raw, Map<String, Object> parameters) {
    for (String member : new String[] {"type", "command"}) {
      if (raw.get(member) instanceof String text && !text.isBlank()) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        return NAME.matcher(name).matches() ? name : "UNKNOWN";
      }
    }
    if (raw.containsKey("strategyId") || parameters.containsKey("strategyId")) {
      boolean closes = raw.containsKey("closePositions") || parameters.containsKey("closePositions");
      return closes ? "STOP_STRATEGY" : "START_STRATEGY";
    }
    return "UNKNOWN";
  }

  private static Priority priority(Object value) {
    try {
      return value instanceof String text ? Priority.valueOf(text.strip().toUpperCase(Locale.ROOT)) : Priority.NORMAL;
    } catch (IllegalArgumentException other) {
      return Priority.NORMAL;
    }
  }

  static Optional<Long> time(Object value) {
    try {
      if (value instanceof Number number) {
        return Optional.of(number.longValue());
      }
      return value instanceof String text ? Optional.of(Instant.parse(text.strip()).toEpochMilli()) : Optional.empty();
    } catch (DateTimeException | ArithmeticException nonsense) {
      return Optional.empty();
    }
  }
}
