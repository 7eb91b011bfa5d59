package com.fxplatform.ratelimit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import java.lang.annotation.Annotation;
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
}
