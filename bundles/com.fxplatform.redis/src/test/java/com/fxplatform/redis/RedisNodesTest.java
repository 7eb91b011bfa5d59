package com.fxplatform.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.nodes.NodeListener;
import com.fxplatform.api.nodes.NodesAway;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class RedisNodesTest {
  private static final class Heard implements NodeListener {
    final List<String> messages = new CopyOnWriteArrayList<>();
    final AtomicInteger reconnected = new AtomicInteger();

    @Override
    public void heard(String node, String message) {
      messages.add(message);
    }

    @Override
    public void reconnected() {
      reconnected.incrementAndGet();
    }
  }

  private static RedisNodes.Config config(String url) {
    return new RedisNodes.Config() {
      @Override
      public String _url() {
        return url;
      }

      @Override
      public int patience() {
        return 1000;
      }

      @Override
      public String prefix() {
        return "test";
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return RedisNodes.Config.class;
      }
    };
  }

  private static void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, what);
      LockSupport.parkNanos(10_000_000L);
    }
  }

  @Test
  void twoNodesHearEachOtherAndShareCellsAndSurviveTheirRedis(@TempDir Path folder) throws Exception {
    try (RedisServer redis = new RedisServer(folder)) {
      RedisNodes a = new RedisNodes(config(redis.url()));
      RedisNodes b = new RedisNodes(config(redis.url()));
      Heard atA = new Heard();
      Heard atB = new Heard();
      a.bindListener(atA, Map.of("service.id", 1L, NodeListener.TOPIC, "t"));
      b.bindListener(atB, Map.of("service.id", 2L, NodeListener.TOPIC, "t"));
      until("both listen", () -> atA.reconnected.get() > 0 && atB.reconnected.get() > 0);
      for (int i = 0; i < 100; i++) {
        assertTrue(a.tell("t", "line\n" + i));
      }
      a.tell("other topic", "not for this listener");
      until("all arrived", () -> atB.messages.size() == 100);
      assertEquals("line\n0", atB.messages.get(0));
      assertEquals("line\n99", atB.messages.get(99));
      assertTrue(atA.messages.isEmpty(), "nobody hears himself");

      byte[] one = {0, 1, (byte) 200};
      byte[] two = {2};
      assertTrue(a.swap("cell", null, one, Duration.ofSeconds(60)));
      assertFalse(b.swap("cell", null, two, Duration.ofSeconds(60)), "somebody was faster");
      assertArrayEquals(one, b.get("cell").orElseThrow());
      assertTrue(b.swap("cell", one, two, Duration.ofMillis(300)));
      assertFalse(a.swap("cell", one, two, Duration.ofSeconds(60)));
      until("forgotten", () -> a.get("cell").isEmpty());

      redis.close();
      until("known to be away", () -> {
        assertThrows(NodesAway.class, () -> a.get("cell"));
        return new RedisHealth(a).execute().getStatus() == Result.Status.WARN;
      });
      long start = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        assertThrows(NodesAway.class, () -> a.get("cell"));
      }
      assertTrue(System.nanoTime() - start < 2_000_000_000L, "nobody waits for a dead Redis");

      int before = atB.reconnected.get();
      redis.start();
      until("healed", () -> new RedisHealth(a).execute().isOk() && new RedisHealth(b).execute().isOk()
          && atB.reconnected.get() > before);
      assertTrue(a.get("cell").isEmpty());
      a.tell("t", "again");
      until("told again", () -> atB.messages.contains("again"));
      a.close();
      b.close();
    }
  }

  @Test
  void aWrongAddressIsSaidWithoutItsPassword() {
    RedisNodes nodes = new RedisNodes(config("http://:hunter2@host"));
    var result = new RedisHealth(nodes).execute();
    assertEquals(Result.Status.CRITICAL, result.getStatus());
    assertTrue(result.toString().contains("REDIS_URL must have the form"), result.toString());
    assertFalse(result.toString().contains("hunter2"));
    assertFalse(nodes.tell("t", "m"));
    assertThrows(NodesAway.class, () -> nodes.get("c"));
  }
}
