package com.fxplatform.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.executor.PlatformLine.Heard;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connection of its own, for one measurement: connect, sign, subscribe, and one ping that must come back. */
final class RealtimeEcho implements WebSocket.Listener {
  private static final String LINK = "Realtime";
  private static final long PATIENCE = 8_000;
  private static final int MOST = 64 * 1024;

  private final PlatformLine line;
  private final ProvisionedConfig config;
  private final LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>(100);
  private final StringBuilder partial = new StringBuilder();

  RealtimeEcho(PlatformLine line, ProvisionedConfig config) {
    this.line = line;
    this.config = config;
  }

  Finding measure() {
    String key = config.text("pusherKey");
    if (key.isEmpty()) {
      return Finding.skipped(LINK, "the platform names no realtime app; commands come with the heartbeats.");
    }
    String cluster = config.text("pusherCluster").isEmpty() ? "mt1" : config.text("pusherCluster");
    String host = config.text("pusherHost").isEmpty() ? "ws-" + cluster + ".pusher.com" : config.text("pusherHost");
    boolean tls = !Boolean.FALSE.equals(config.values().get("pusherTls"));
    String port = config.values().get("pusherPort") instanceof Number n && n.intValue() > 0 ? ":" + n : "";
    String remedy = "Let " + host + port + " through the firewall (wss); until then commands come with heartbeats every 5 s.";
    WebSocket socket = null;
    try {
      URI address = URI.create((tls ? "wss://" : "ws://") + host + port + "/app/" + key + "?protocol=7&client=fx-diagnose&version=1.0&flash=false");
      socket =
          HttpClient.newBuilder().connectTimeout(Duration.ofMillis(PATIENCE)).build().newWebSocketBuilder()
              .connectTimeout(Duration.ofMillis(PATIENCE)).buildAsync(address, this).get(PATIENCE + 1_000, TimeUnit.MILLISECONDS);
      JsonNode hello = PlatformLine.JSON.readTree(await("pusher:connection_established").path("data").asText("{}"));
      String channel = "private-executor-" + config.text("executorId");
      Heard signed = sign(hello.path("socket_id").asText(), channel);
      if (!signed.ok()) {
        return Finding.fail(LINK, host + " answers, but the platform does not sign our channel (HTTP " + signed.status() + ").", "Tell the platform's operator.");
      }
      String auth = PlatformLine.JSON.readTree(signed.text()).path("auth").asText();
      send(socket, Map.of("event", "pusher:subscribe", "data", Map.of("channel", channel, "auth", auth)));
      await("pusher_internal:subscription_succeeded");
      long start = System.nanoTime();
      send(socket, Map.of("event", "pusher:ping", "data", Map.of()));
      await("pusher:pong");
      return Finding.ok(LINK, "Subscribed to " + host + port + "; an echo takes " + Diagnosis.since(start) + " ms.");
    } catch (TimeoutException late) {
      return Finding.fail(LINK, host + port + " does not answer in time: " + late.getMessage() + ".", remedy);
    } catch (ExecutionException | IOException | IllegalArgumentException broken) {
      Throwable cause = broken instanceof ExecutionException && broken.getCause() != null ? broken.getCause() : broken;
      return Finding.fail(LINK, host + port + " cannot be reached: " + cause.getClass().getSimpleName() + ".", remedy);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return Finding.skipped(LINK, "stopped.");
    } finally {
      if (socket != null) {
        socket.abort();
      }
    }
  }

  private Heard sign(String socketId, String channel) throws IOException {
    String form = "socket_id=" + URLEncoder.encode(socketId, StandardCharsets.UTF_8) + "&channel_name=" + URLEncoder.encode(channel, StandardCharsets.UTF_8);
    return line.form("/api/pusher/auth", form);
  }

  private static void send(WebSocket socket, Map<String, ?> frame)
      throws JsonProcessingException, InterruptedException, ExecutionException, TimeoutException {
    socket.sendText(PlatformLine.JSON.writeValueAsString(frame), true).get(PATIENCE, TimeUnit.MILLISECONDS);
  }

  private JsonNode await(String event) throws InterruptedException, TimeoutException, JsonProcessingException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
    while (true) {
      String frame = frames.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (frame == null) {
        throw new TimeoutException("no " + event.replaceAll("^pusher(_internal)?:", ""));
      }
      JsonNode read = PlatformLine.JSON.readTree(frame);
      if (read != null && read.path("event").asText().equals(event)) {
        return read;
      }
      if (read != null && read.path("event").asText().equals("pusher:error")) {
        throw new TimeoutException("it says " + read.path("data").toString().replaceAll("[^A-Za-z0-9 .,:{}\"_-]", "?"));
      }
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    if (partial.length() + data.length() <= MOST) {
      partial.append(data);
    }
    if (last) {
      frames.offer(partial.toString());
      partial.setLength(0);
    }
    socket.request(1);
    return null;
  }
}
