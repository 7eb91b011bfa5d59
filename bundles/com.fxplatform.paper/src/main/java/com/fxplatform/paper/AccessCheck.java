package com.fxplatform.paper;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Expert Advisor's token check with its lockout: from five failures on everything is refused, the right token too,
 * until 300 s after the last counted one by the broker's clock, which stands still while no quotes come.
 */
public final class AccessCheck {
  private static final int LIMIT = 5;
  private static final Duration LOCK = Duration.ofSeconds(300);

  private final Clock brokerTime;
  private final AtomicInteger refusals = new AtomicInteger();
  private String secret;
  private int failures;
  private Instant lastFailure = Instant.EPOCH;

  public AccessCheck(Clock brokerTime, String secret) {
    this.brokerTime = brokerTime;
    this.secret = secret;
  }

  /** A new input, as if the trader had typed it: the Expert Advisor starts over and has forgotten all failures. */
  public synchronized void secret(String changed) {
    if (!changed.equals(secret)) {
      secret = changed;
      failures = 0;
    }
  }

  synchronized String secret() {
    return secret;
  }

  public synchronized boolean required() {
    return !secret.isEmpty();
  }

  /** Whether a request with this token may go on. */
  public synchronized boolean admits(String token) {
    if (secret.isEmpty()) {
      return true;
    }
    Instant now = brokerTime.instant();
    if (failures >= LIMIT) {
      if (now.isBefore(lastFailure.plus(LOCK))) {
        refusals.incrementAndGet();
        return false;
      }
      failures = 0;
    }
    if (token.equals(secret)) {
      failures = 0;
      return true;
    }
    failures++;
    lastFailure = now;
    refusals.incrementAndGet();
    return false;
  }

  /** Failures counted towards the lockout. */
  public synchronized int failures() {
    return failures;
  }

  /** Requests refused since the start, counted or not. */
  public int refusals() {
    return refusals.get();
  }
}
