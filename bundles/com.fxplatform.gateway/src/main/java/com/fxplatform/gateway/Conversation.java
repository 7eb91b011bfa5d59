package com.fxplatform.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fxplatform.api.realtime.RealtimeApp;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients say and what becomes of it. Nothing a client sends ends more than its own connection. */
final class Conversation {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

  private final Hub hub;

  Conversation(Hub hub) {
    this.hub = hub;
  }

  /** One text of one client; calls for one connection follow each other. */
  void heard(Connection connection, String text) {
    connection.heard(hub.now());
    hub.heard();
    if (!connection.open()) {
      return;
    }
    try {
      ObjectNode frame = Frame.object(text, "The message");
      String event = Frame.text(frame, "event");
      switch (event) {
        case "pusher:ping" -> hub.tell(connection, Frame.pong());
        case "pusher:pong" -> { }
        case "pusher:subscribe" -> subscribe(connection, Frame.nested(frame, "data"));
        case "pusher:unsubscribe" -> hub.leave(connection, Frame.text(Frame.nested(frame, "data"), "channel"));
        case "pusher:signin" -> signIn(connection, Frame.nested(frame, "data"));
        default -> clientEvent(connection, event, frame);
      }
    } catch (Malformed no) {
      malformed(connection, no.getMessage());
    } catch (RuntimeException bug) {
      LOG.error("A client's message could not be handled socket={}", connection.socketId(), bug);
      malformed(connection, "The message could not be handled");
    }
  }

  private void malformed(Connection connection, String message) {
    if (connection.oneMoreMalformed() > hub.limits().malformedFrames()) {
      LOG.info("A client was closed for its malformed messages socket={}", connection.socketId());
      hub.close(connection, 4100, "Too many malformed messages");
    } else {
      hub.tell(connection, Frame.error(message, null));
    }
  }

  private void subscribe(Connection connection, ObjectNode data) throws Malformed {
    ChannelName name = new ChannelName(Frame.text(data, "channel"));
    if (!name.allowed()) {
      throw new Malformed("The channel name is not allowed: at most 164 of A-Z a-z 0-9 _ - = @ , . ;");
    }
    if (connection.joined().containsKey(name.text())) {
      existing(connection, name);
      return;
    }
    if (connection.joined().size() >= hub.limits().channelsPerConnection()) {
      refuse(connection, name, "LimitReached", "This connection has as many channels as allowed", 403);
      return;
    }
    Member member = null;
    if (name.toUser()) {
      if (connection.user() == null || !connection.user().id().equals(name.user())) {
        refuse(connection, name, "AuthError", "Only this user may subscribe, and must sign in before", 401);
        return;
      }
    } else if (name.needsSignature()) {
      Optional<String> channelData = optionalText(data, "channel_data");
      String signed = connection.socketId() + ":" + name.text() + channelData.map(given -> ":" + given).orElse("");
      if (!signed(signed, optionalText(data, "auth").orElse(""))) {
        refuse(connection, name, "AuthError", "The signature is not valid for this connection and channel", 401);
        return;
      }
      if (name.presence()) {
        member = channelData.isPresent()
            ? Member.of(Frame.object(channelData.get(), "channel_data"), "user_id") : connection.user();
        if (member == null) {
          refuse(connection, name, "AuthError", "A presence channel needs channel_data or a signed-in user", 401);
          return;
        }
      }
    }
    switch (hub.join(connection, name, member)) {
      case ALREADY -> existing(connection, name);
      case FULL -> refuse(connection, name, "LimitReached", "This presence channel is full", 403);
      default -> { }
    }
  }

  private void existing(Connection connection, ChannelName name) {
    hub.tell(connection, Frame.error("Existing subscription to channel " + name.text(), null));
  }

  private void refuse(Connection connection, ChannelName name, String type, String error, int status) {
    // the first is what a client library hands to the channel, the second what hosted Pusher has always sent
    hub.tell(connection, Frame.refused(name.text(), type, error, status));
    hub.tell(connection, Frame.error(error + ": " + name.text(), 4009));
  }

  private void signIn(Connection connection, ObjectNode data) throws Malformed {
    String userData = Frame.text(data, "user_data");
    if (!signed(connection.socketId() + "::user::" + userData, Frame.text(data, "auth"))) {
      hub.tell(connection, Frame.error("The sign-in is not valid", 4009));
      hub.close(connection, 4009, "The sign-in is not valid");
      return;
    }
    connection.signedIn(Member.of(Frame.object(userData, "user_data"), "id"));
    hub.tell(connection, Frame.signedIn(userData));
  }

  private void clientEvent(Connection connection, String event, ObjectNode frame) throws Malformed {
    if (!event.startsWith("client-")) {
      throw new Malformed("Clients may send pusher: events and events that start with client-");
    }
    String text = Frame.text(frame, "channel");
    Channel channel = connection.joined().get(text);
    if (channel == null || !channel.name().clientEvents()) {
      throw new Malformed("Client events need a private or presence channel that you are subscribed to");
    }
    if (!connection.mayTrigger(hub.limits().clientEventsPerSecond(), hub.now())) {
      hub.tell(connection, Frame.error("More than " + hub.limits().clientEventsPerSecond()
          + " client events in a second: this one was dropped", 4301));
      return;
    }
    JsonNode value = frame.get("data");
    String data = value == null ? "{}" : value.isTextual() ? value.asText() : value.toString();
    Optional<String> unfit = Hub.unfit(channel.name(), event, data);
    if (unfit.isPresent()) {
      throw new Malformed(unfit.get());
    }
    hub.relay(connection, channel, event, data);
  }

  private boolean signed(String text, String auth) {
    Optional<RealtimeApp> app = hub.app();
    return app.isPresent() && Signatures.same(app.get().key() + ":" + Signatures.hmac(app.get().secret(), text), auth);
  }

  private static Optional<String> optionalText(ObjectNode data, String name) throws Malformed {
    JsonNode value = data.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(Frame.text(data, name));
  }
}
