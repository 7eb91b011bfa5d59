package com.fxplatform.credentials;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.auth.SessionGuard;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What the executor endpoints have in common: who asks, and which executor is theirs. */
@Component(service = ExecutorDesk.class)
public final class ExecutorDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  final Roster<ExecutorDirectory> directory = new Roster<>(PATIENCE);
  private final Roster<Authenticator> authenticators = new Roster<>(Authenticator.SCHEME, PATIENCE);
  private final Roster<RateLimiter> limiter = new Roster<>(PATIENCE);
  private final Roster<CommandRegister> commands = new Roster<>(PATIENCE);
  final Roster<AuditTrail> audit = new Roster<>(PATIENCE);
  private final SessionGuard guard = new SessionGuard(authenticators, limiter);

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindAuthenticator(Authenticator service, Map<String, ?> properties) {
    authenticators.bind(service, properties);
  }

  void unbindAuthenticator(Authenticator service) {
    authenticators.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindLimiter(RateLimiter service, Map<String, ?> properties) {
    limiter.bind(service, properties);
  }

  void unbindLimiter(RateLimiter service) {
    limiter.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCommands(CommandRegister service, Map<String, ?> properties) {
    commands.bind(service, properties);
  }

  void unbindCommands(CommandRegister service) {
    commands.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindAudit(AuditTrail service, Map<String, ?> properties) {
    audit.bind(service, properties);
  }

  void unbindAudit(AuditTrail service) {
    audit.unbind(service);
  }

  /** Writes down what an owner did to an executor. */
  void note(String action, Executor executor, Request request, Map<String, Object> details) {
    audit.tryCall("", trail -> {
      trail.note(new AuditTrail.Entry(action, AuditTrail.SUCCESS, Optional.of(executor.userId()), Optional.of(executor.id()),
          Optional.of(request.source()), details));
      return true;
    });
  }

  Caller user(Request request) {
    return guard.require(request);
  }

  /** The caller's own executor of the path; another's answers like none. */
  Executor own(Request request, Caller caller) {
    return directory.<Optional<Executor>>call(executors -> executors.byId(request.pathValue("id")))
        .filter(executor -> executor.userId().equals(caller.userId()))
        .orElseThrow(() -> new Refusal(404, ExecutorDirectory.EXECUTOR_NOT_FOUND, "Executor not found"));
  }

  /** How many commands each executor had; trades are kept by the predecessor's strategy part, which is not ours. */
  Map<String, Map<String, Object>> counts(Collection<String> executorIds) {
    Map<String, Long> known = commands.<Map<String, Long>>tryCall("", register -> register.counts(executorIds)).orElse(Map.of());
    Map<String, Map<String, Object>> counts = new HashMap<>();
    executorIds.forEach(id -> counts.put(id, Map.of("trades", 0, "commands", known.getOrDefault(id, 0L))));
    return counts;
  }

  List<CommandRow> recentCommands(Executor executor) {
    return commands.<List<CommandRow>>tryCall("", register -> register.ofExecutor(executor.id(), Optional.empty(), 10))
        .orElse(List.of());
  }
}
