package com.fxplatform.sessions;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.mindrot.jbcrypt.BCrypt;

/** User passwords in the predecessor's bcrypt. Few are verified at once, so that sign-ins cannot eat the machine. */
final class Passwords {
  private static final int COST = 10;
  /** Verified for an e-mail that nobody has, so that it takes as long as for one that somebody has. */
  private static final String NOBODY = "$2a$10$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private final Semaphore places = new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors()));

  static String hash(String password) {
    return BCrypt.hashpw(password, BCrypt.gensalt(COST));
  }

  /** @throws com.fxplatform.api.Refusal 503 if too many are being verified */
  boolean matches(String password, java.util.Optional<String> hash) {
    boolean entered = false;
    try {
      entered = places.tryAcquire(5, TimeUnit.SECONDS);
      if (!entered) {
        throw new com.fxplatform.api.Refusal(503, "BUSY", "Too many sign-ins at once; try again in a moment")
            .withRetryAfter(java.time.Duration.ofSeconds(2));
      }
      String stored = hash.filter(h -> h.length() == 60 && h.startsWith("$2")).orElse(NOBODY);
      boolean same = BCrypt.checkpw(password, "$2a$" + stored.substring(4));
      return same && hash.isPresent();
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException unusable) {
      return false;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      if (entered) {
        places.release();
      }
    }
  }
}
