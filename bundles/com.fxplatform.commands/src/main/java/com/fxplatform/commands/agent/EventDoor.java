package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.realtime.EventListener;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commands that come as realtime events. */
@Component(
    property = {
      EventListener.EVENT + "=command-received",
      EventListener.EVENT + "=trade-command",
      EventListener.EVENT + "=command-cancel",
      EventListener.EVENT + "=emergency-stop"
    })
public final class EventDoor implements EventListener {
  private static final Logger LOG = LoggerFactory.getLogger(EventDoor.class);
  private static final int MOST = 64 * 1024;

  private final Agent agent;

  @Activate
  public EventDoor(@Reference Agent agent) {
    this.agent = agent;
  }

  @Override
  public void on(String event, String json) {
    Map<String, Object> data = read(event, json);
    switch (event) {
      case "command-cancel" -> {
        if (data.get("commandId") instanceof String id) {
          agent.cancel(id, data.get("reason") instanceof String reason && !reason.isBlank() ? reason : "no reason given");
        }
      }
      case "emergency-stop" -> stop(data);
      default -> {
        if (!data.isEmpty()) {
          agent.accept(data, "event");
        }
      }
    }
  }

  /** Whatever it says: an emergency stop that cannot be read stops too. */
  private void stop(Map<String, Object> data) {
    Map<String, Object> command = new LinkedHashMap<>();
    boolean named = data.get("commandId") instanceof String id && !id.isBlank();
    command.put("id", named ? data.get("commandId") : "emergency-" + Instant.now().toEpochMilli());
    command.put("command", CommandNames.EMERGENCY_STOP);
    command.put("priority", "URGENT");
    if (data.get("timestamp") != null) {
      command.put("timestamp", data.get("timestamp"));
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (String key : new String[] {"reason", "initiator"}) {
      if (data.get(key) instanceof String text) {
        parameters.put(key, text.length() > 500 ? text.substring(0, 500) : text);
      }
    }
    command.put("parameters", parameters);
    agent.accept(command, named ? "event" : "local");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(String event, String json) {
    try {
      if (json != null && json.length() <= MOST && Journal.JSON.readValue(json, Object.class) instanceof Map<?, ?> map) {
        return (Map<String, Object>) map;
      }
    } catch (JsonProcessingException | IllegalArgumentException nonsense) {
      LOG.debug("Not JSON. event={}", event);
    }
    LOG.warn("An event could not be read. event={} length={}", event, json == null ? 0 : json.length());
    return Map.of();
  }
}
