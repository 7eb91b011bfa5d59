package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fxplatform.itests.distribution.Browser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the owner's browser hears: the events of the private channel, told after they are stored. */
final class OwnersEvents implements WebSocket.Listener, AutoCloseable {
  /** One that has ended, and when we heard of it. */
  record Ended(String commandId, String status, JsonNode result, long nanos) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> socketId = new CompletableFuture<>();
  private final CompletableFuture<Void> subscribed = new CompletableFuture<>();
  private final StringBuilder part = new StringBuilder();
  private final WebSocket socket;

  OwnersEvents(Browser owner, String userId, String key) throws Exception {
    URI gateway = URI.create(owner.platform.replace("http://", "ws://") + "/app/" + key + "?protocol=7&client=benchmark&version=1");
    socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(gateway, this).get(10, TimeUnit.SECONDS);
    String channel = "private-user-" + userId;
    String auth = owner.form("/api/pusher/auth", Map.of("socket_id", socketId.get(10, TimeUnit.SECONDS), "channel_name", channel))
        .json().path("auth").asText();
    socket.sendText(JSON.writeValueAsString(Map.of("event", "pusher:subscribe", "data", Map.of("channel", channel, "auth", auth))), true);
    subscribed.get(10, TimeUnit.SECONDS);
  }

  /** Waits for the end of one command; others that end meanwhile are forgotten. */
  Ended await(String commandId) throws InterruptedException {
    while (true) {
      Ended next = ended.poll(30, TimeUnit.SECONDS);
      if (next == null) {
        throw new IllegalStateException("Command " + commandId + " did not end within 30 s");
      }
      if (next.commandId.equals(commandId)) {
        return next;
      }
    }
  }

  /** The next that ended; null if none did for a second. */
  Ended next() throws InterruptedException {
    return ended.poll(1, TimeUnit.SECONDS);
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    long now = System.nanoTime();
    part.append(text);
    if (last) {
      hear(part.toString(), now);
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void hear(String text, long now) {
    try {
      JsonNode event = JSON.readTree(text);
      JsonNode data = event.path("data").isTextual() ? JSON.readTree(event.path("data").asText()) : event.path("data");
      switch (event.path("event").asText()) {
        case "pusher:connection_established" -> socketId.complete(data.path("socket_id").asText());
        case "pusher_internal:subscription_succeeded" -> subscribed.complete(null);
        case "execution-completed" -> ended.add(new Ended(data.path("commandId").asText(), data.path("status").asText(),
            data.path("result"), now));
        case "pusher:ping" -> socket.sendText("{\"event\":\"pusher:pong\",\"data\":{}}", true);
        default -> { }
      }
    } catch (java.io.IOException garbage) {
      throw new IllegalStateException("The gateway said what is no JSON: " + text, garbage);
    }
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    socketId.completeExceptionally(new IllegalStateException("The gateway closed: " + code + " " + reason));
    return null;
  }

  @Override
  public void close() {
    socket.abort();
  }
}
