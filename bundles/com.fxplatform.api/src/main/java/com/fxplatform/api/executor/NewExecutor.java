package com.fxplatform.api.executor;

import java.util.Optional;

/**
 * What is needed to make an executor.
 *
 * @param userId its owner
 * @param name 3 to 100 characters
 * @param platform {@code MT5} or {@code MT4}
 * @param brokerServer as told by the owner
 * @param accountNumber as told by the owner
 * @param apiKey the key, unique
 * @param apiSecretHash bcrypt of the secret; the secret itself is never kept
 * @param sharedSecret what executor and Expert Advisor share, 32 hex digits
 * @param limit how many executors the owner may have; 0 or less for no limit
 */
public record NewExecutor(
    String userId,
    String name,
    String platform,
    Optional<String> brokerServer,
    Optional<String> accountNumber,
    String apiKey,
    String apiSecretHash,
    String sharedSecret,
    int limit) {
  /** Without secrets. */
  @Override
  public String toString() {
    return "NewExecutor[" + userId + ", " + name + "]";
  }
}
