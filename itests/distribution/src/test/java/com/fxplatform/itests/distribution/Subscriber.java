package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A Pusher client: somebody who listens at the gateway. */
final class Subscriber implements WebSocket.Listener {
  private static final Duration SOON = Duration.ofSeconds(30);

  final List<JsonNode> frames = new CopyOnWriteArrayList<>();
  private final StringBuilder part = new StringBuilder();
  private WebSocket socket;

  static Subscriber connect(String platform, String key) throws Exception {
    Subscriber client = new Subscriber();
    client.socket = HttpClient.newHttpClient().newWebSocketBuilder()
        .buildAsync(URI.create(platform.replace("http", "ws") + "/app/" + key + "?protocol=7"), client).get(20, TimeUnit.SECONDS);
    Await.until("connected", SOON, () -> client.count("pusher:connection_established") == 1);
    return client;
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    part.append(text);
    if (last) {
      frames.add(Json.read(part.toString()));
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  long count(String event) {
    return frames.stream().filter(frame -> frame.path("event").asText().equals(event)).count();
  }

  JsonNode first(String event) {
    return all(event).stream().findFirst().orElseThrow();
  }

  /** What was said with every event of this name, oldest first. */
  List<JsonNode> all(String event) {
    return frames.stream().filter(frame -> frame.path("event").asText().equals(event))
        .map(frame -> Json.read(frame.path("data").asText())).toList();
  }

  void subscribe(Browser node, String channel, String... headers) throws Exception {
    String socketId = first("pusher:connection_established").path("socket_id").asText();
    JsonNode auth = node.form("/api/pusher/auth", Map.of("socket_id", socketId, "channel_name", channel), headers).json();
    Map<String, Object> data = new HashMap<>(Map.of("channel", channel, "auth", auth.path("auth").asText()));
    if (auth.has("channel_data")) {
      data.put("channel_data", auth.path("channel_data").asText());
    }
    long before = count("pusher_internal:subscription_succeeded");
    socket.sendText(Json.write(Map.of("event", "pusher:subscribe", "data", data)), true).get(20, TimeUnit.SECONDS);
    Await.until("subscribed to " + channel, SOON, () -> count("pusher_internal:subscription_succeeded") > before);
  }

  void hangUp() {
    socket.abort();
  }
}
