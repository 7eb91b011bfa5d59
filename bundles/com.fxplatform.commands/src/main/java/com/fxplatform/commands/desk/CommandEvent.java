package com.fxplatform.commands.desk;

import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The events about one command (wire-contract 7.2), in the superset that every known client understands (15 #2). */
final class CommandEvent {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private CommandEvent() {}

  static Map<String, Object> of(CommandRow row) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("id", row.id());
    event.put("command", row.command());
    event.put("type", row.command());
    event.put("parameters", row.parameters());
    event.put("priority", row.priority().name());
    event.put("executorId", row.executorId());
    event.put("createdAt", text(row.createdAt()));
    event.put("timestamp", text(row.createdAt()));
    row.expiresAt().ifPresent(at -> event.put("expiresAt", text(at)));
    return event;
  }

  static Map<String, Object> completed(CommandRow row) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("commandId", row.id());
    event.put("executorId", row.executorId());
    event.put("command", row.command());
    event.put("status", row.status());
    event.put("success", CommandRegister.EXECUTED.equals(row.status()));
    event.put("result", row.result().orElse(null));
    event.put("late", row.late());
    event.put("timestamp", text(Instant.now()));
    return event;
  }

  /** Always with milliseconds, as on the rest of the wire. */
  static String text(Instant instant) {
    return MILLIS.format(instant);
  }
}
