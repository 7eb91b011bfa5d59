package com.fxplatform.executor;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A secret for as long as it takes to say several things in a row: a keyring or a sealed file is asked once, not for each
 * request. It is overwritten when its time is over, used or not.
 */
final class SecretInHand implements AutoCloseable {
  /** Asks the vault. */
  interface Source {
    Optional<char[]> read() throws IOException;
  }

  private final long keptMillis;
  // a thread only while there is something in hand
  private final ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(1, PlatformLine.named("fx-executor-secret"));
  private char[] held;
  private long taken;

  SecretInHand(Duration kept) {
    keptMillis = kept.toMillis();
    later.setKeepAliveTime(1, TimeUnit.SECONDS);
    later.allowCoreThreadTimeOut(true);
  }

  /** A copy, which the caller clears; the source is asked if there is nothing in hand. */
  Optional<char[]> take(Source source) throws IOException {
    long before;
    synchronized (this) {
      if (held != null) {
        return Optional.of(held.clone());
      }
      before = taken;
    }
    // not under the lock: a keyring may ask a person
    Optional<char[]> read = source.read();
    read.ifPresent(secret -> keep(secret.clone(), before));
    return read;
  }

  /** Unless it was put down meanwhile: then it may be the former one. */
  private synchronized void keep(char[] secret, long before) {
    if (taken != before) {
      Arrays.fill(secret, '\0');
      return;
    }
    long mine = ++taken;
    held = secret;
    try {
      later.schedule(() -> putDown(mine), keptMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      putDown();
    }
  }

  private synchronized void putDown(long which) {
    if (taken == which) {
      putDown();
    }
  }

  /** The next one is read anew. */
  synchronized void putDown() {
    taken++;
    if (held != null) {
      Arrays.fill(held, '\0');
      held = null;
    }
  }

  @Override
  public void close() {
    later.shutdownNow();
    putDown();
  }
}
