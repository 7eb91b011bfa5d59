package com.fxplatform.pusher;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorChange;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.executor.NewExecutor;
import com.fxplatform.api.realtime.RealtimeApp;
import com.fxplatform.api.realtime.RealtimeGateway;
import com.fxplatform.gateway.GatewayServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Neighbours, as small as they can be. */
final class Fakes {
  static final String USER = "clu000000000000000000user1";
  static final String EXECUTOR = "cle000000000000000000exec1";
  static final String KEY = "278d425bdf160c739803";
  static final String SECRET = "7ad3773142a6692b25b8";

  private Fakes() {}

  static AppInForce apps(Map<String, ?> config) {
    return new AppInForce(GatewayServer.config(AppInForce.Config.class, config));
  }

  static AppInForce hostedApps() {
    return apps(Map.of("appId", "3", "key", KEY, "_secret", SECRET, "cluster", "ap1"));
  }

  static Executor executor(String id, String owner) {
    return new Executor(id, owner, "VPS", "exe_0", "MT5", Optional.empty(), Optional.empty(), "online", Optional.empty(),
        Instant.EPOCH, Instant.EPOCH, Map.of());
  }

  static Caller executorCaller() {
    return new Caller(USER, Optional.of(executor(EXECUTOR, USER)), Caller.API_KEY, Set.of());
  }

  static Caller userCaller() {
    return new Caller(USER, Optional.empty(), Caller.SESSION, Set.of("user"));
  }

  static final class Gateway implements RealtimeGateway {
    final List<String> delivered = new CopyOnWriteArrayList<>();
    Optional<RealtimeApp> app =
        Optional.of(new RealtimeApp("7", "gwkey", "gwsecret", "local", Optional.of("127.0.0.1"), 8080, false));

    @Override
    public Optional<RealtimeApp> app() {
      return app;
    }

    @Override
    public int deliver(String channel, String event, String data) {
      delivered.add(channel + " " + event + " " + data);
      return 1;
    }
  }

  /** Knows the executors it was given. */
  record Directory(List<Executor> executors) implements ExecutorDirectory {
    @Override
    public Optional<Executor> byId(String id) {
      return executors.stream().filter(executor -> executor.id().equals(id)).findFirst();
    }

    @Override
    public Optional<Executor> byKey(String apiKey) {
      return Optional.empty();
    }

    @Override
    public Optional<String> secretHash(String executorId) {
      return Optional.empty();
    }

    @Override
    public Optional<String> sharedSecret(String executorId) {
      return Optional.empty();
    }

    @Override
    public List<Executor> ofUser(String userId) {
      return List.of();
    }

    @Override
    public List<Executor> heardSince(Instant since, int limit) {
      return List.of();
    }

    @Override
    public Executor create(NewExecutor executor) {
      throw new Refusal(403, EXECUTOR_LIMIT, "no");
    }

    @Override
    public Executor change(String executorId, ExecutorChange change) {
      throw new Refusal(404, EXECUTOR_NOT_FOUND, "no");
    }

    @Override
    public void delete(String executorId) {
      // nothing is kept
    }

    @Override
    public Executor heard(String executorId, Instant at, Optional<String> status, Map<String, Object> vitals) {
      throw new Refusal(404, EXECUTOR_NOT_FOUND, "no");
    }
  }
}
