package com.fxplatform.api.auth;

import com.fxplatform.api.executor.Executor;
import java.util.Optional;
import java.util.Set;

/**
 * Who is calling.
 *
 * @param userId the user, or the owner of the executor
 * @param executor the executor, when one calls
 * @param scheme how it proved that: {@code api-key} or {@code session}
 * @param roles {@code user}, {@code admin}; empty for executors
 */
public record Caller(String userId, Optional<Executor> executor, String scheme, Set<String> roles) {
  /** {@link #scheme} of an executor that sent {@code X-API-Key} and {@code X-API-Secret}. */
  public static final String API_KEY = "api-key";

  /** {@link #scheme} of a signed-in web user. */
  public static final String SESSION = "session";
}
