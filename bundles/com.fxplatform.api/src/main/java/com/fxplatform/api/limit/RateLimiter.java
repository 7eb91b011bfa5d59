package com.fxplatform.api.limit;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Counts requests in buckets. A bucket's name says what is counted, its key who is counted; capacity and window of
 * each name are configuration of the room. Thread-safe; never blocks on I/O unless nodes count together
 * ({@link com.fxplatform.api.nodes.SharedCells}), and then for a bounded time: what cannot be asked is decided without.
 */
@ProviderType
public interface RateLimiter {
  /** Good configuration fetches per executor id: 10 per 60 s (wire-contract 5.1). */
  String CONFIG = "config";

  /** Wrong secrets per key and source. */
  String SECRET = "secret";

  /** Session endpoints per user (wire-contract 3.4). */
  String SESSION = "session";

  /** The same endpoints per source address, for callers without a session. */
  String ANONYMOUS = "anonymous";

  /** Sign-in attempts per source address. */
  String SIGN_IN = "sign-in";

  /** Failed sign-ins per user and source: when it is empty the account is locked for that source. */
  String SIGN_IN_FAILURE = "sign-in-failure";

  /**
   * Takes one from the bucket if there is one.
   *
   * @param bucket one of the names above or one that is configured
   * @param key who is counted; at most 256 characters
   * @throws IllegalArgumentException if no bucket of that name is configured
   */
  Permit ask(String bucket, String key);

  /** Like {@link #ask}, but takes nothing: whether one could be taken now. */
  Permit peek(String bucket, String key);

  /** Fills the bucket again, as if nothing had been taken: who proved who they are starts anew. */
  void forget(String bucket, String key);
}
