package com.fxplatform.api.auth;

import com.fxplatform.api.executor.Executor;
import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Checks an executor's key and secret. Thread-safe. A secret lately proven good costs microseconds; any other costs
 * one bcrypt verification on a bounded pool, the same for a key that does not exist.
 *
 * <p>Wrong secrets are counted per key and source and throttled by that pair, so that a stranger who knows a key
 * cannot lock its owner out.
 */
@ProviderType
public interface CredentialCheck {
  /**
   * @param apiKey as sent
   * @param apiSecret as sent
   * @param source the address that counts, see {@link com.fxplatform.api.http.Request#source()}
   */
  Verdict check(String apiKey, String apiSecret, String source);

  /** Whether key and secret belong together. Each endpoint answers it with its own texts. */
  sealed interface Verdict {
    /** They do. */
    record Good(Executor executor) implements Verdict {}

    /** No executor has this key. */
    record UnknownKey() implements Verdict {}

    /** The key exists, the secret is another. */
    record WrongSecret() implements Verdict {}

    /** Too many wrong secrets from this source for this key. */
    record Throttled(Duration retryAfter) implements Verdict {}

    /** More verifications are waiting than the machine can do soon. */
    record Busy(Duration retryAfter) implements Verdict {}
  }
}
