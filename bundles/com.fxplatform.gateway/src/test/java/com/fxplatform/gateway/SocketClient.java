package com.fxplatform.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A real client on a real socket, with the JDK's WebSocket. */
final class SocketClient implements WebSocket.Listener {
  private final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  final CompletableFuture<Void> ponged = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  final WebSocket socket;

  SocketClient(HttpClient http, int port, String pathAndQuery) throws Exception {
    socket = http.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(5))
        .buildAsync(URI.create("ws://127.0.0.1:" + port + pathAndQuery), this).get(10, TimeUnit.SECONDS);
  }

  static SocketClient connected(HttpClient http, int port) throws Exception {
    return new SocketClient(http, port, "/app/" + GatewayServer.KEY + "?protocol=7&client=js&version=8.6.0&flash=false");
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      frames.add(FakeWire.read(partial.toString()));
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    ponged.complete(null);
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  void say(String text) {
    socket.sendText(text, true).orTimeout(10, TimeUnit.SECONDS).join();
  }

  JsonNode await(String event) throws InterruptedException {
    return await(frame -> frame.path("event").asText().equals(event), event);
  }

  JsonNode await(Predicate<JsonNode> wanted, String what) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      JsonNode frame = frames.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (frame == null) {
        throw new AssertionError("No " + what + " within 10 s");
      }
      if (wanted.test(frame)) {
        return frame;
      }
    }
  }

  String socketId() throws InterruptedException {
    return FakeWire.data(await("pusher:connection_established")).path("socket_id").asText();
  }

  void subscribe(String socketId, String channel) throws InterruptedException {
    String auth = GatewayServer.KEY + ":" + Signatures.hmac(GatewayServer.SECRET, socketId + ":" + channel);
    say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\"" + auth + "\"}}");
    await("pusher_internal:subscription_succeeded");
  }
}
