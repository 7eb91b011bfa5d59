package com.fxplatform.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What this hub tells the hubs of other nodes; nothing while it is alone. It keeps who is present here, so that a roster
 * and the comings and goings around it leave in one order.
 */
final class OtherNodes {
  private final Map<String, Map<String, Member>> present = new LinkedHashMap<>();
  private volatile Consumer<String> way;

  /** @param tell takes a message to all other nodes and returns at once; {@code null}: there are none */
  void reachedBy(Consumer<String> tell) {
    way = tell;
  }

  void event(String channel, String event, String data, String exceptSocket, String userId) {
    Consumer<String> tell = way;
    if (tell != null) {
      ObjectNode message = message("event").put("channel", channel).put("event", event).put("data", data);
      if (exceptSocket != null) {
        message.put("except", exceptSocket);
      }
      if (userId != null) {
        message.put("user", userId);
      }
      tell.accept(message.toString());
    }
  }

  synchronized void here(String channel, Member member) {
    present.computeIfAbsent(channel, name -> new LinkedHashMap<>()).put(member.id(), member);
    if (way != null) {
      ObjectNode message = message("here").put("channel", channel).put("user", member.id());
      message.set("info", member.info());
      way.accept(message.toString());
    }
  }

  synchronized void gone(String channel, String userId) {
    Map<String, Member> members = present.get(channel);
    if (members != null && members.remove(userId) != null && members.isEmpty()) {
      present.remove(channel);
    }
    if (way != null) {
      way.accept(message("gone").put("channel", channel).put("user", userId).toString());
    }
  }

  /** Everybody who is present here: it replaces whatever the others knew of this node. */
  synchronized void roster() {
    if (way != null) {
      ObjectNode message = message("roster");
      ArrayNode all = message.putArray("present");
      present.forEach((channel, members) -> members.values().forEach(member -> {
        ObjectNode one = all.addObject().put("channel", channel).put("user", member.id());
        one.set("info", member.info());
      }));
      way.accept(message.toString());
    }
  }

  void terminate(String userId) {
    say("terminate", userId);
  }

  /** Asks all for their rosters. */
  void who() {
    say("who", null);
  }

  /** I am still here, and this is the key of the app that I serve. */
  void alive(String key) {
    Consumer<String> tell = way;
    if (tell != null) {
      tell.accept(message("alive").put("key", key).toString());
    }
  }

  /** Whoever was present here is not any more. */
  void farewell() {
    say("farewell", null);
  }

  private void say(String what, String userId) {
    Consumer<String> tell = way;
    if (tell != null) {
      tell.accept((userId == null ? message(what) : message(what).put("user", userId)).toString());
    }
  }

  private static ObjectNode message(String what) {
    return Frame.JSON.createObjectNode().put("say", what);
  }
}
