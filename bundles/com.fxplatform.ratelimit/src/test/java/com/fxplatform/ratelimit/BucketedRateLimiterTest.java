package com.fxplatform.ratelimit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.nodes.NodesAway;
import com.fxplatform.api.nodes.SharedCells;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BucketedRateLimiterTest {
  private static BucketedRateLimiter.Config limits(String limits) {
    return new BucketedRateLimiter.Config() {
      @Override
      public String limits() {
        return limits;
      }

      @Override
      public int keys() {
        return 1000;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return BucketedRateLimiter.Config.class;
      }
    };
  }

  @Test
  void closingHasAReserveOfItsOwn() {
    var limiter = new BucketedRateLimiter(limits("session=1/60"));
    assertEquals(true, limiter.ask(RateLimiter.SESSION, "u").granted());
    assertEquals(false, limiter.ask(RateLimiter.SESSION, "u").granted());
    assertEquals(100, limiter.ask("closing", "u").limit());
  }

  @Test
  void tenConfigurationsAMinuteAndNotOneMore() throws Exception {
    var limiter = new BucketedRateLimiter(limits(""));
    var pool = Executors.newFixedThreadPool(8);
    try {
      var tries = pool.invokeAll(IntStream.range(0, 40)
          .<java.util.concurrent.Callable<Permit>>mapToObj(i -> () -> limiter.ask(RateLimiter.CONFIG, "one")).toList());
      int granted = 0;
      for (Future<Permit> permit : tries) {
        granted += permit.get().granted() ? 1 : 0;
      }
      assertEquals(10, granted);
    } finally {
      pool.shutdown();
    }
    Permit eleventh = limiter.ask(RateLimiter.CONFIG, "one");
    assertFalse(eleventh.granted());
    assertEquals(10, eleventh.limit());
    assertTrue(eleventh.retryAfter().toSeconds() <= 60 && !eleventh.retryAfter().isZero());
    assertTrue(limiter.ask(RateLimiter.CONFIG, "another").granted(), "one key does not use up another's quota");
  }

  @Test
  void peekTakesNothing() {
    var limiter = new BucketedRateLimiter(limits("config=1/60"));
    assertTrue(limiter.peek(RateLimiter.CONFIG, "k").granted());
    assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
    assertFalse(limiter.peek(RateLimiter.CONFIG, "k").granted());
  }

  @Test
  void whatIsForgottenStartsAnewAlsoWhereNodesCountTogether() {
    for (boolean together : new boolean[] {false, true}) {
      var limiter = new BucketedRateLimiter(limits("config=1/60"));
      if (together) {
        limiter.bindCells(new Cells(), Map.of());
      }
      assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
      assertTrue(limiter.ask(RateLimiter.CONFIG, "other").granted());
      limiter.forget(RateLimiter.CONFIG, "k");
      assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
      assertFalse(limiter.ask(RateLimiter.CONFIG, "k").granted(), "forgotten once, not for ever");
      assertFalse(limiter.ask(RateLimiter.CONFIG, "other").granted(), "another's stays");
      limiter.forget(RateLimiter.CONFIG, "nobody");
    }
  }

  @Test
  void aChangedLimitAppliesAtOnceAndABadOneIsRefused() {
    var limiter = new BucketedRateLimiter(limits("config=1/60"));
    assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
    assertFalse(limiter.ask(RateLimiter.CONFIG, "k").granted());
    limiter.configure(limits("config=2/60"));
    assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
    var refused = assertThrows(IllegalArgumentException.class, () -> limiter.configure(limits("config=many")));
    assertTrue(refused.getMessage().contains("config=many"));
    assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted(), "the previous limits stay in force");
  }

  @Test
  void anUnknownLimitIsABug() {
    assertThrows(IllegalArgumentException.class, () -> new BucketedRateLimiter(limits("")).ask("nonsense", "k"));
  }

  /** Cells in this process, which can be away. */
  private static final class Cells implements SharedCells {
    final Map<String, byte[]> kept = new ConcurrentHashMap<>();
    volatile boolean away;

    @Override
    public Optional<byte[]> get(String key) {
      if (away) {
        throw new NodesAway("away", null);
      }
      return Optional.ofNullable(kept.get(key));
    }

    @Override
    public synchronized boolean swap(String key, byte[] expected, byte[] next, Duration keep) {
      byte[] now = get(key).orElse(null);
      if (!Arrays.equals(now, expected)) {
        return false;
      }
      assertTrue(keep.toSeconds() <= 66, "it ends by itself: " + keep);
      kept.put(key, next);
      return true;
    }
  }

  @Test
  void nodesCountTogether() throws Exception {
    Cells cells = new Cells();
    var one = new BucketedRateLimiter(limits(""));
    var other = new BucketedRateLimiter(limits(""));
    one.bindCells(cells, Map.of("service.id", 1L));
    other.bindCells(cells, Map.of("service.id", 1L));
    var pool = Executors.newFixedThreadPool(8);
    try {
      var tries = pool.invokeAll(IntStream.range(0, 40).<java.util.concurrent.Callable<Permit>>mapToObj(
          i -> () -> (i % 2 == 0 ? one : other).ask(RateLimiter.CONFIG, "key\nwith anything")).toList());
      int granted = 0;
      for (Future<Permit> permit : tries) {
        granted += permit.get().granted() ? 1 : 0;
      }
      assertEquals(10, granted);
    } finally {
      pool.shutdown();
    }
    assertFalse(one.peek(RateLimiter.CONFIG, "key\nwith anything").granted());
    assertTrue(other.ask(RateLimiter.CONFIG, "another").granted());
    assertTrue(cells.kept.keySet().stream().noneMatch(key -> key.contains("anything")), "strangers choose keys, they are hashed");
    one.configure(limits("config=11/60"));
    assertTrue(one.ask(RateLimiter.CONFIG, "key\nwith anything").granted(), "a changed limit starts anew");
  }

  @Test
  void withoutTheOthersWrongSecretsAreRefusedAndGoodOnesPass() {
    Cells cells = new Cells();
    var limiter = new BucketedRateLimiter(limits("sign-in=2/60"));
    limiter.bindCells(cells, Map.of("service.id", 1L));
    cells.away = true;
    for (int i = 0; i < 20; i++) {
      assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted());
    }
    assertFalse(limiter.peek(RateLimiter.SECRET, "k").granted());
    Permit wrong = limiter.ask(RateLimiter.SECRET, "k");
    assertFalse(wrong.granted());
    assertFalse(wrong.retryAfter().isZero());
    assertTrue(limiter.ask(RateLimiter.SIGN_IN, "k").granted());
    assertTrue(limiter.ask(RateLimiter.SIGN_IN, "k").granted());
    assertFalse(limiter.ask(RateLimiter.SIGN_IN, "k").granted(), "each node counts sign-ins by itself");
    cells.away = false;
    assertTrue(limiter.ask(RateLimiter.SECRET, "k").granted(), "healed");
    limiter.unbindCells(cells);
    assertTrue(limiter.ask(RateLimiter.CONFIG, "k").granted(), "alone again");
  }
}
