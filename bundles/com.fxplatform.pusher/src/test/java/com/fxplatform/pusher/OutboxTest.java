package com.fxplatform.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.realtime.RealtimeApp;
import com.fxplatform.gateway.GatewayServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboxTest {
  private Outbox outbox;

  @AfterEach
  void stop() {
    if (outbox != null) {
      outbox.deactivate();
    }
  }

  @Test
  void theGatewayOfTheSameProcessIsServedAtOnce() {
    AppInForce apps = Fakes.apps(Map.of());
    Fakes.Gateway gateway = new Fakes.Gateway();
    outbox = new Outbox(apps);
    assertFalse(outbox.publish("c", "e", Map.of()), "nobody there");
    apps.bindGateway(gateway, Map.of("service.id", 1L));
    assertTrue(outbox.publish("c", "e", Map.of("at", Instant.parse("2026-11-23T10:00:00Z"), "html", "<&>")));
    assertEquals(1, gateway.delivered.size());
    assertTrue(gateway.delivered.get(0).contains("\"at\":\"2026-11-23T10:00:00.000Z\""), gateway.delivered.get(0));
    assertTrue(gateway.delivered.get(0).contains("\"html\":\"<&>\""));
    assertEquals(1, outbox.sentCount());
    assertEquals(1, outbox.lostCount());
  }

  @Test
  void whatPusherWouldRefuseIsNotTaken() {
    AppInForce apps = Fakes.apps(Map.of());
    apps.bindGateway(new Fakes.Gateway(), Map.of("service.id", 1L));
    outbox = new Outbox(apps);
    int around = "{\"x\":\"\"}".length();
    assertTrue(outbox.publish("c", "e", Map.of("x", "y".repeat(10_240 - around))));
    assertFalse(outbox.publish("c", "e", Map.of("x", "y".repeat(10_240 - around + 1))));
    assertFalse(outbox.publish("c", "e", Map.of("x", "ü".repeat(6_000))), "bytes count, not characters");
    assertFalse(outbox.publish("c", "e".repeat(201), Map.of()));
    assertFalse(outbox.publish("c", "e", Map.of("x", Double.NaN)));
  }

  @Test
  void toHostedPusherInOrderAndNeverWaiting() throws Exception {
    List<String> sent = new CopyOnWriteArrayList<>();
    CountDownLatch gate = new CountDownLatch(1);
    outbox = new Outbox(Fakes.hostedApps(), (app, channel, event, data) -> {
      gate.await();
      sent.add(event);
      return 200;
    });
    int taken = 0;
    for (int i = 0; i < 1_500; i++) {
      taken += outbox.publish("c", String.valueOf(i), Map.of()) ? 1 : 0;
    }
    assertEquals(Outbox.MOST_WAITING + 1, taken, "one on its way, the others wait");
    assertEquals(1_500 - taken, outbox.lostCount());
    gate.countDown();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (sent.size() < taken && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    for (int i = 0; i < taken; i++) {
      assertEquals(String.valueOf(i), sent.get(i));
    }
  }

  @Test
  void onceMoreAndThenItIsAFailureToBeSeen() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch seen = new CountDownLatch(5);
    AppInForce apps = Fakes.hostedApps();
    outbox = new Outbox(apps, (app, channel, event, data) -> {
      int call = calls.incrementAndGet();
      seen.countDown();
      if (call <= 2) {
        throw new IOException("connection reset");
      }
      return call == 3 ? 503 : call == 4 ? 200 : 401;
    });
    outbox.publish("c", "lost twice", Map.of());
    outbox.publish("c", "second try", Map.of());
    outbox.publish("c", "refused", Map.of());
    assertTrue(seen.await(10, TimeUnit.SECONDS));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (outbox.lostCount() < 2 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(5, calls.get());
    assertEquals(1, outbox.sentCount());
    assertEquals(2, outbox.lostCount());
    assertEquals("HTTP 401", outbox.lastFailure());
    assertTrue(new PublisherHealth(apps, outbox).execute().toString().contains("HTTP 401"));
  }

  @Test
  void theSignedRequestIsThatOfPushersDocumentation() {
    RealtimeApp app = new RealtimeApp("3", Fakes.KEY, Fakes.SECRET, "mt1", Optional.empty(), 0, true);
    byte[] body = "{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}".getBytes(StandardCharsets.UTF_8);
    assertEquals(new String(body, StandardCharsets.UTF_8),
        new String(HostedApi.body("project-3", "foo", "{\"some\":\"data\"}"), StandardCharsets.UTF_8));
    assertEquals("auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
        + "&body_md5=ec365a775a4cd0599faeb73354201b6f"
        + "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
        HostedApi.query(app, body, 1353088179));
  }

  @Test
  void aRealServerTakesOurRequest() throws Exception {
    var threads = Executors.newFixedThreadPool(2);
    try (GatewayServer server = new GatewayServer()) {
      HostedApi api = new HostedApi(threads);
      assertEquals(200, api.publish(server.app(), "private-x", "e", "{\"ü\":1}"));
      RealtimeApp wrong = new RealtimeApp(GatewayServer.APP_ID, GatewayServer.KEY, "wrong", "local", server.app().host(),
          server.port(), false);
      assertEquals(401, api.publish(wrong, "private-x", "e", "{}"));
    } finally {
      threads.shutdownNow();
    }
  }
}
