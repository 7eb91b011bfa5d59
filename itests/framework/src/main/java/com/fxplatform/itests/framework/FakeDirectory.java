package com.fxplatform.itests.framework;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorChange;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.executor.NewExecutor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Executors in memory, all with one secret. What the tests do not need refuses loudly. */
final class FakeDirectory implements ExecutorDirectory {
  static final String SECRET = "right-secret";
  /** bcrypt of it, at the lowest cost. */
  private static final String HASH = "$2b$04$jASWGUwaEa6Obw5YThgl1uvt3AEaNI4ihAQWH1aTRq/aXI2HAD.Xm";

  private final Map<String, Executor> byId = new ConcurrentHashMap<>();

  /** A new executor; its key is {@code exe_} and the id. */
  Executor add(String id) {
    var executor = new Executor(id, "u1", "Desk " + id, "exe_" + id, "MT5", Optional.empty(), Optional.empty(), "online",
        Optional.empty(), Instant.EPOCH, Instant.EPOCH, Map.of());
    byId.put(id, executor);
    return executor;
  }

  @Override
  public Optional<Executor> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  @Override
  public Optional<Executor> byKey(String apiKey) {
    return byId.values().stream().filter(executor -> executor.apiKey().equals(apiKey)).findFirst();
  }

  @Override
  public Optional<String> secretHash(String executorId) {
    return byId(executorId).map(executor -> HASH);
  }

  @Override
  public Optional<String> sharedSecret(String executorId) {
    return Optional.empty();
  }

  @Override
  public List<Executor> ofUser(String userId) {
    return List.copyOf(byId.values());
  }

  @Override
  public List<Executor> heardSince(Instant since, int limit) {
    return List.of();
  }

  @Override
  public Executor create(NewExecutor executor) {
    throw new AssertionError("No test creates executors");
  }

  @Override
  public Executor change(String executorId, ExecutorChange change) {
    throw new AssertionError("No test changes executors");
  }

  @Override
  public void delete(String executorId) {
    byId.remove(executorId);
  }

  @Override
  public Executor heard(String executorId, Instant at, Optional<String> status, Map<String, Object> vitals) {
    return byId.get(executorId);
  }
}
