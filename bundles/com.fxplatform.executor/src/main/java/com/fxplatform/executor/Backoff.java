package com.fxplatform.executor;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Waits that double up to a limit, each spread by a quarter so that many executors do not come back at once. */
final class Backoff {
  private final long first;
  private final long most;
  private long next;

  Backoff(Duration first, Duration most) {
    this.first = first.toMillis();
    this.most = most.toMillis();
    this.next = this.first;
  }

  Duration next() {
    long wait = next;
    next = Math.min(most, next * 2);
    return Duration.ofMillis(wait - ThreadLocalRandom.current().nextLong(wait / 4 + 1));
  }

  void reset() {
    next = first;
  }
}
