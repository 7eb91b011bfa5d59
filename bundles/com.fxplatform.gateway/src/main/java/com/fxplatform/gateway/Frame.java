package com.fxplatform.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** One text frame to clients: written once, shared by everybody who gets it. */
record Frame(String text, int bytes) {
  static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private static final Frame PONG = event("pusher:pong", null, "{}", null);

  static Frame connected(String socketId, long activitySeconds) {
    ObjectNode data = JSON.createObjectNode().put("socket_id", socketId).put("activity_timeout", activitySeconds);
    return event("pusher:connection_established", null, data.toString(), null);
  }

  static Frame pong() {
    return PONG;
  }

  /** @param code a protocol code, or {@code null} for what has none */
  static Frame error(String message, Integer code) {
    return event("pusher:error", null, JSON.createObjectNode().put("message", message).put("code", code).toString(), null);
  }

  static Frame refused(String channel, String type, String error, int status) {
    ObjectNode data = JSON.createObjectNode().put("type", type).put("error", error).put("status", status);
    return event("pusher:subscription_error", channel, data.toString(), null);
  }

  static Frame subscribed(String channel) {
    return event("pusher_internal:subscription_succeeded", channel, "{}", null);
  }

  static Frame subscribed(String channel, Collection<Member> roster) {
    ObjectNode data = JSON.createObjectNode();
    ObjectNode presence = data.putObject("presence");
    ArrayNode ids = presence.putArray("ids");
    ObjectNode hash = presence.putObject("hash");
    for (Member member : roster) {
      ids.add(member.id());
      hash.set(member.id(), member.info());
    }
    presence.put("count", roster.size());
    return event("pusher_internal:subscription_succeeded", channel, data.toString(), null);
  }

  static Frame memberAdded(String channel, Member member) {
    ObjectNode data = JSON.createObjectNode().put("user_id", member.id());
    data.set("user_info", member.info());
    return event("pusher_internal:member_added", channel, data.toString(), null);
  }

  static Frame memberRemoved(String channel, String userId) {
    return event("pusher_internal:member_removed", channel, JSON.createObjectNode().put("user_id", userId).toString(), null);
  }

  static Frame signedIn(String userData) {
    return event("pusher:signin_success", null, JSON.createObjectNode().put("user_data", userData).toString(), null);
  }

  static Frame cacheMiss(String channel) {
    return event("pusher:cache_miss", channel, "{}", null);
  }

  /** Data is always there and always a string: official clients fall over anything else. */
  static Frame event(String event, String channel, String data, String userId) {
    ObjectNode frame = JSON.createObjectNode().put("event", event);
    if (channel != null) {
      frame.put("channel", channel);
    }
    frame.put("data", data);
    if (userId != null) {
      frame.put("user_id", userId);
    }
    String text = frame.toString();
    return new Frame(text, text.getBytes(StandardCharsets.UTF_8).length);
  }

  static ObjectNode object(String json, String what) throws Malformed {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException notJson) {
      throw new Malformed(what + " is not valid JSON");
    }
    throw new Malformed(what + " must be a JSON object");
  }

  /** A member that clients send either as an object or as an object written into a string. */
  static ObjectNode nested(ObjectNode frame, String name) throws Malformed {
    JsonNode value = frame.get(name);
    if (value instanceof ObjectNode object) {
      return object;
    }
    if (value != null && value.isTextual()) {
      return object(value.asText(), name);
    }
    throw new Malformed(name + " must be a JSON object");
  }

  static String text(ObjectNode object, String name) throws Malformed {
    JsonNode value = object.get(name);
    if (value == null || !value.isTextual()) {
      throw new Malformed(name + " must be a string");
    }
    return value.asText();
  }
}
