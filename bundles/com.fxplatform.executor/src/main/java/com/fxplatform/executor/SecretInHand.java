package com.fxplatform.executor;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A secret for as long as it takes to say several things in a row: a keyring or a sealed file is asked once, not for each
 * request. It is overwritten when its time is over, used or not.
 */
final class SecretInHand {
  /** Asks the vault. */
  interface Source {
    Optional<char[]> read() throws IOException;
  }

  private final Executor later;
  private char[] held;
  private long taken;

  SecretInHand(Duration kept) {
    later = CompletableFuture.delayedExecutor(kept.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);
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
    later.execute(() -> putDown(mine));
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
}
