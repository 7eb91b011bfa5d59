package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gateway on real sockets. */
@Timeout(60)
class GatewaySocketTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private GatewayServer server;

  @BeforeEach
  void start() throws Exception {
    server = new GatewayServer(0,
        GatewayServer.limits(Duration.ofSeconds(120), Duration.ofSeconds(30), 256 * 1024));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static void eventually(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "Not within 15 s: " + what);
      Thread.onSpinWait();
    }
  }

  @Test
  void anEventReachesItsSubscriber() throws Exception {
    SocketClient client = SocketClient.connected(http, server.port());
    String socketId = client.socketId();
    client.subscribe(socketId, "private-executor-e1");
    assertEquals(1, server.deliver("private-executor-e1", "command-received", "{\"id\":\"ü€\"}"));
    assertEquals("{\"id\":\"ü€\"}", client.await("command-received").path("data").asText());
    client.say("{\"event\":\"pusher:ping\"}");
    client.await("pusher:pong");
    client.socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2}));
    client.ponged.get(10, TimeUnit.SECONDS);
    client.socket.abort();
    eventually(() -> server.connections() == 0, "the gateway forgets who went away");
    assertEquals(0, server.subscribers("private-executor-e1"));
  }

  @Test
  void closeCodes() throws Exception {
    assertEquals(4001, new SocketClient(http, server.port(), "/app/nokey?protocol=7").closed.get(10, TimeUnit.SECONDS));
    String app = "/app/" + GatewayServer.KEY;
    assertEquals(4008, new SocketClient(http, server.port(), app).closed.get(10, TimeUnit.SECONDS));
    assertEquals(4007, new SocketClient(http, server.port(), app + "?protocol=2").closed.get(10, TimeUnit.SECONDS));
    assertEquals(4006, new SocketClient(http, server.port(), app + "?protocol=x").closed.get(10, TimeUnit.SECONDS));
    SocketClient binary = SocketClient.connected(http, server.port());
    binary.socketId();
    binary.socket.sendBinary(ByteBuffer.allocate(3), true);
    assertEquals(1003, binary.closed.get(10, TimeUnit.SECONDS));
    SocketClient large = SocketClient.connected(http, server.port());
    large.socketId();
    large.say("{\"event\":\"" + "x".repeat(40_000) + "\"}");
    assertEquals(1009, large.closed.get(10, TimeUnit.SECONDS));
    eventually(() -> server.connections() == 0, "all are gone");
  }

  @Test
  void stoppingSaysComeAgain() throws Exception {
    List<SocketClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      SocketClient client = SocketClient.connected(http, server.port());
      client.socketId();
      clients.add(client);
    }
    server.gateway().deactivate();
    for (SocketClient client : clients) {
      assertEquals(4200, client.closed.get(10, TimeUnit.SECONDS));
    }
    assertEquals(4200, SocketClient.connected(http, server.port()).closed.get(10, TimeUnit.SECONDS));
  }

  @Test
  void hundredsOfMalformedFramesDisturbNobodyElse() throws Exception {
    SocketClient bystander = SocketClient.connected(http, server.port());
    bystander.subscribe(bystander.socketId(), "private-bystander");
    List<String> evil = new ArrayList<>(List.of("", " ", "null", "[]", "{}", "1", "\"\"", "{\"event\":1}", "{\"event\":null}",
        "{\"event\":\"pusher:subscribe\"}", "{\"event\":\"pusher:subscribe\",\"data\":null}",
        "{\"event\":\"pusher:subscribe\",\"data\":\"x\"}", "{\"event\":\"pusher:subscribe\",\"data\":\"[]\"}",
        "{\"event\":\"pusher:subscribe\",\"data\":{}}", "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":7}}",
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"\"}}",
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"a b\"}}",
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-x\",\"auth\":{}}}",
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-x\",\"auth\":\"a:b\",\"channel_data\":7}}",
        "{\"event\":\"pusher:unsubscribe\"}", "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":[]}}",
        "{\"event\":\"pusher:signin\"}", "{\"event\":\"pusher:signin\",\"data\":{\"auth\":1,\"user_data\":2}}",
        "{\"event\":\"client-x\"}", "{\"event\":\"client-x\",\"channel\":{}}", "{\"event\":\"pusher:nonsense\",\"data\":{}}",
        "{\"event\":\"pusher:ping\",\"data\":" + "[".repeat(15_000) + "]".repeat(15_000) + "}",
        "{\"event\":\"pusher:ping\",\"data\":" + "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000) + "}",
        "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"__proto__\",\"constructor\":1}}",
        "{\"event\":\"pusher:ping\"}trailing", "{\"event\":\"pusher:ping\"} {}", "\u0000", "{\"event\":\"\\ud800\"}"));
    String valid = "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-x\",\"auth\":\"k:v\",\"channel_data\":\"{}\"}}";
    Random random = new Random(20261123);
    while (evil.size() < 600) {
      StringBuilder mutant = new StringBuilder(valid);
      for (int i = 0; i <= random.nextInt(6); i++) {
        int at = random.nextInt(mutant.length());
        switch (random.nextInt(3)) {
          case 0 -> mutant.setCharAt(at, (char) (32 + random.nextInt(95)));
          case 1 -> mutant.deleteCharAt(at);
          default -> mutant.insert(at, (char) (32 + random.nextInt(95)));
        }
      }
      evil.add(mutant.toString());
    }
    SocketClient client = null;
    int connections = 0;
    for (int i = 0; i < evil.size(); i++) {
      if (i % 60 == 0) {
        // fewer than a connection is allowed, so that each frame is really looked at
        client = SocketClient.connected(http, server.port());
        client.socketId();
        connections++;
      }
      client.say(evil.get(i));
      if (i % 60 == 59 || i == evil.size() - 1) {
        client.say("{\"event\":\"pusher:ping\"}");
        client.await("pusher:pong");
      }
    }
    assertEquals(10, connections);
    server.deliver("private-bystander", "still-here", "{}");
    bystander.await("still-here");
    assertEquals(11, server.connections(), "not even their senders were closed");
  }

  @Test
  void aClientThatStopsReadingIsCutOffAndTheOthersHearEverything() throws Exception {
    SocketClient reader = SocketClient.connected(http, server.port());
    reader.subscribe(reader.socketId(), "private-x");
    try (Socket lazy = new Socket()) {
      lazy.setReceiveBufferSize(4096);
      lazy.connect(new InetSocketAddress("127.0.0.1", server.port()), 5000);
      lazy.getOutputStream().write(("GET /app/" + GatewayServer.KEY + "?protocol=7 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
          + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      InputStream in = lazy.getInputStream();
      StringBuilder start = new StringBuilder();
      while (!start.toString().contains("activity_timeout")) {
        int next = in.read();
        assertTrue(next >= 0, "the upgrade was refused: " + start);
        start.append((char) next);
      }
      assertFalse(start.toString().toLowerCase().contains("deflate"));
      lazy.getOutputStream().write(masked("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}"));
      eventually(() -> server.subscribers("news") == 1, "the lazy client is subscribed");
      reader.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}");
      reader.await("pusher_internal:subscription_succeeded");
      int sent = 0;
      String data = "x".repeat(10_000);
      // the kernel's buffers take some megabytes before our own queue fills
      while (server.gateway().hub().slowCount() == 0 && sent < 5_000) {
        String expected = data + sent;
        server.deliver("news", "e", expected);
        reader.await(frame -> frame.path("data").asText().equals(expected), "event " + sent);
        sent++;
      }
      assertEquals(1, server.gateway().hub().slowCount(), "after " + sent + " events");
      eventually(() -> server.subscribers("news") == 1, "only the reader is left");
      server.deliver("news", "last", "{}");
      reader.await("last");
      // and the line is really cut: what was buffered ends
      lazy.setSoTimeout(10_000);
      byte[] sink = new byte[65_536];
      int n = 0;
      while (n >= 0) {
        try {
          n = in.read(sink);
        } catch (SocketException reset) {
          n = -1;
        }
      }
    }
  }

  private static byte[] masked(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 6);
    frame.put((byte) 0x81).put((byte) (0x80 | payload.length)).putInt(0).put(payload);
    return frame.array();
  }
}
