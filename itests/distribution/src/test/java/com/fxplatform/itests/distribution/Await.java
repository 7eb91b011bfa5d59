package com.fxplatform.itests.distribution;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
public final class Await {
  /** What is waited for. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  private Await() {}

  public static void until(String what, Duration atMost, Condition condition) throws Exception {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Not within " + atMost.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(5_000_000L);
    }
  }
}
