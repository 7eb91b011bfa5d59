package com.fxplatform.api.executor;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where executors are kept. Implement it to use your own database. Thread-safe; every call returns within a second.
 * Deleted executors are never found.
 */
@ConsumerType
public interface ExecutorDirectory {
  /** Refusal 409: the owner has an executor of this name. */
  String DUPLICATE_NAME = "DUPLICATE_NAME";

  /** Refusal 403: the owner has as many executors as allowed. */
  String EXECUTOR_LIMIT = "EXECUTOR_LIMIT";

  /** Refusal 404: no such executor, or not the caller's. */
  String EXECUTOR_NOT_FOUND = "EXECUTOR_NOT_FOUND";

  Optional<Executor> byId(String id);

  Optional<Executor> byKey(String apiKey);

  /** The executor's own bcrypt hash, of any prefix {@code $2a$ $2b$ $2y$}. */
  Optional<String> secretHash(String executorId);

  /** The hash of the secret before the last rotation, while its overlap lasts; empty otherwise. */
  default Optional<String> retiredSecretHash(String executorId) {
    return Optional.empty();
  }

  /** What executor and Expert Advisor share. Goes to the executor itself and to nobody else. */
  Optional<String> sharedSecret(String executorId);

  /** All executors of a user, newest first. */
  List<Executor> ofUser(String userId);

  /**
   * An executor that may have been deleted.
   *
   * @param deletedAt when; empty while it lives
   */
  record Ever(Executor executor, Optional<Instant> deletedAt) {}

  /** All executors a user ever had, deleted ones too, newest first; a directory that forgets them has the living ones. */
  default List<Ever> everOfUser(String userId) {
    return ofUser(userId).stream().map(executor -> new Ever(executor, Optional.empty())).toList();
  }

  /** Those heard from since then, at most {@code limit}, latest first. */
  List<Executor> heardSince(Instant since, int limit);

  /** @throws com.fxplatform.api.Refusal 409 {@link #DUPLICATE_NAME}, 403 {@link #EXECUTOR_LIMIT} */
  Executor create(NewExecutor executor);

  /** @throws com.fxplatform.api.Refusal 404 {@link #EXECUTOR_NOT_FOUND}, 409 {@link #DUPLICATE_NAME} */
  Executor change(String executorId, ExecutorChange change);

  /**
   * Replaces the executor's secret: from the return on only the new one is good, and the old one until the end of the overlap.
   *
   * @param apiSecretHash bcrypt of the new secret
   * @param oldGoodUntil the end of the overlap; empty for none
   * @throws com.fxplatform.api.Refusal 404 {@link #EXECUTOR_NOT_FOUND}, 501 if this directory cannot
   */
  default void rotateSecret(String executorId, String apiSecretHash, Optional<Instant> oldGoodUntil) {
    throw new com.fxplatform.api.Refusal(501, "ROTATION_NOT_OFFERED", "Secrets are not kept here and cannot be rotated here");
  }

  /** Forgets an executor: its keys stop working at once. */
  void delete(String executorId);

  /**
   * Notes that an executor was heard.
   *
   * @param status what it says of itself; empty leaves it as it is
   * @param vitals merged over the vitals kept so far; JSON values
   */
  Executor heard(String executorId, Instant at, Optional<String> status, Map<String, Object> vitals);
}
