package com.fxplatform.pusher;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Counts what goes wrong and says so at most once a minute, with how often it happened. */
final class OncePerMinute {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLong total = new AtomicLong();
  private final AtomicLong saidAt = new AtomicLong(System.nanoTime() - MINUTE);
  private final LongConsumer say;

  /** @param say gets the count since the start */
  OncePerMinute(LongConsumer say) {
    this.say = say;
  }

  void happened() {
    long count = total.incrementAndGet();
    long last = saidAt.get();
    long now = System.nanoTime();
    if (now - last >= MINUTE && saidAt.compareAndSet(last, now)) {
      say.accept(count);
    }
  }

  long total() {
    return total.get();
  }
}
