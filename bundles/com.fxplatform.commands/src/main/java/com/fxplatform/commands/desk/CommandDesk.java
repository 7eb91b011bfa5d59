package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.auth.SessionGuard;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.metrics.Meter;
import com.fxplatform.api.provisioning.Provisioning;
import com.fxplatform.api.realtime.Publisher;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What the command endpoints share: the rooms they need, who asks, and how long a command lives. */
@Component(service = CommandDesk.class, configurationPid = "com.fxplatform.commands.desk")
@Designate(ocd = CommandDesk.Config.class)
public final class CommandDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Executors count as connected this long after a heartbeat (wire-contract 5.4). */
  static final Duration ONLINE = Duration.ofMinutes(5);

  @ObjectClassDefinition(name = "FX Platform command desk")
  @interface Config {
    @AttributeDefinition(description = "Milliseconds after which an order that depends on the price is stale")
    int commandTimeout() default 30_000;

    @AttributeDefinition(description = "Milliseconds for which a command that was handed out is not handed out again")
    int lease() default 3000;

    @AttributeDefinition(description = "Hours after which a command that neither closes nor depends on the price is stale")
    int otherHours() default 24;

    @AttributeDefinition(description = "Also tell status events on the public channel executors, to all tenants, as the predecessor did")
    boolean publicBroadcast() default false;
  }

  /** The bucket of what closes and halts, once the session's own is empty. */
  private static final String RESERVE = "closing";

  private static final Meter STATES = Meter.counter("fx_command_states_total", "States that commands came to.", "state");

  final Roster<CommandRegister> register = new Roster<>(PATIENCE);
  final Roster<ExecutorDirectory> directory = new Roster<>(PATIENCE);
  final Roster<Publisher> publisher = new Roster<>(PATIENCE);
  final Roster<Provisioning> provisioning = new Roster<>(PATIENCE);
  private final Roster<AuditTrail> audit = new Roster<>(PATIENCE);
  private final Roster<CredentialCheck> credentials = new Roster<>(PATIENCE);
  private final Roster<Authenticator> authenticators = new Roster<>(Authenticator.SCHEME, PATIENCE);
  private final Roster<RateLimiter> limiter = new Roster<>(PATIENCE);
  private final SessionGuard guard = new SessionGuard(authenticators, limiter);
  private volatile Duration timeout;
  private volatile Duration lease;
  private volatile Duration other;
  private volatile boolean publicBroadcast;

  @Activate
  public CommandDesk(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    if (config.commandTimeout() < 1000 || config.commandTimeout() > 600_000) {
      throw new IllegalArgumentException("commandTimeout must be from 1000 to 600000 ms, not " + config.commandTimeout());
    }
    timeout = Duration.ofMillis(config.commandTimeout());
    lease = Duration.ofMillis(Math.max(0, config.lease()));
    publicBroadcast = config.publicBroadcast();
    other = Duration.ofHours(Math.max(1, config.otherHours()));
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindRegister(CommandRegister service, Map<String, ?> properties) {
    register.bind(service, properties);
  }

  void unbindRegister(CommandRegister service) {
    register.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCredentials(CredentialCheck service, Map<String, ?> properties) {
    credentials.bind(service, properties);
  }

  void unbindCredentials(CredentialCheck service) {
    credentials.unbind(service);
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
  void bindPublisher(Publisher service, Map<String, ?> properties) {
    publisher.bind(service, properties);
  }

  void unbindPublisher(Publisher service) {
    publisher.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindProvisioning(Provisioning service, Map<String, ?> properties) {
    provisioning.bind(service, properties);
  }

  void unbindProvisioning(Provisioning service) {
    provisioning.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindAudit(AuditTrail service, Map<String, ?> properties) {
    audit.bind(service, properties);
  }

  void unbindAudit(AuditTrail service) {
    audit.unbind(service);
  }

  /** Writes down what became of a command; {@code source} is empty for what we did ourselves. */
  void note(String action, CommandRow row, Optional<String> source) {
    STATES.add(1, row.status());
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("commandId", row.id());
    details.put("command", row.command());
    details.put("status", row.status());
    if (action.equals(AuditTrail.COMMAND_SENT)) {
      details.put("priority", row.priority().name());
    }
    if (row.late()) {
      details.put("late", true);
    }
    note(new AuditTrail.Entry(action, AuditTrail.SUCCESS, Optional.of(row.userId()), Optional.of(row.executorId()), source, details));
  }

  void note(AuditTrail.Entry entry) {
    audit.tryCall("", trail -> {
      trail.note(entry);
      return true;
    });
  }

  /** Hands commands out, and writes down that it did. */
  List<CommandRow> handOut(Executor executor, int most, Request request) {
    List<CommandRow> waiting = register.call(commands -> commands.lease(executor.id(), most, lease()));
    waiting.forEach(row -> note(AuditTrail.COMMAND_DELIVERED, row, Optional.of(request.source())));
    return waiting;
  }

  Caller user(Request request) {
    return guard.require(request);
  }

  /**
   * Like {@link #user}, for what may be an order to close or to halt: a user whose requests are used up, by a page that
   * asks too often, still has a reserve for that.
   */
  Caller user(Request request, BooleanSupplier closes) {
    try {
      return guard.require(request);
    } catch (Refusal full) {
      if (full.status() != 429 || !closes.getAsBoolean()) {
        throw full;
      }
      return authenticators.<Optional<Caller>>call(Caller.SESSION, authenticator -> authenticator.authenticate(request))
          .filter(caller -> limiter.call(limits -> reserve(limits, caller.userId())))
          .orElseThrow(() -> full);
    }
  }

  private static boolean reserve(RateLimiter limits, String user) {
    try {
      return limits.ask(RESERVE, user).granted();
    } catch (IllegalArgumentException unknown) {
      // somebody's own limiter, which knows no reserve
      return false;
    }
  }

  /** The caller's own executor of the path; another's answers like none. */
  Executor own(Request request, Caller caller) {
    return directory.<Optional<Executor>>call(executors -> executors.byId(request.pathValue("id")))
        .filter(executor -> executor.userId().equals(caller.userId()))
        .orElseThrow(CommandDesk::noExecutor);
  }

  /** The executor of the path, proven by its own key and secret (wire-contract 5.6). */
  Executor executor(Request request) {
    return proven(request, Optional.of(request.pathValue("id")));
  }

  /** Whoever proves to be an executor. */
  Executor anyExecutor(Request request) {
    return proven(request, Optional.empty());
  }

  private Executor proven(Request request, Optional<String> id) {
    String key = request.headers().first("X-API-Key").orElse("");
    String secret = request.headers().first("X-API-Secret").orElse("");
    if (key.isEmpty() || secret.isEmpty()) {
      throw new Refusal(401, "MISSING_CREDENTIALS", "API credentials required");
    }
    Verdict verdict = credentials.call(check -> check.check(key, secret, request.source()));
    if (verdict instanceof Verdict.Good good) {
      if (id.filter(wanted -> !wanted.equals(good.executor().id())).isPresent()) {
        throw noExecutor();
      }
      return good.executor();
    }
    if (verdict instanceof Verdict.WrongSecret) {
      // another executor's key counts as unknown here, whatever the secret (the order of wire-contract 5.6)
      if (id.isPresent() && directory.<Optional<Executor>>call(all -> all.byKey(key)).filter(e -> e.id().equals(id.get())).isEmpty()) {
        throw noExecutor();
      }
      throw new Refusal(401, "INVALID_CREDENTIALS", "Invalid API credentials");
    }
    if (verdict instanceof Verdict.Throttled throttled) {
      throw new Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many wrong secrets. Please wait before trying again.")
          .withRetryAfter(throttled.retryAfter());
    }
    if (verdict instanceof Verdict.Busy busy) {
      throw new Refusal(503, "BUSY", "The platform is verifying many credentials right now; try again shortly")
          .withRetryAfter(busy.retryAfter());
    }
    throw noExecutor();
  }

  /** Short: an answer that got lost takes a command with it, and an order is stale soon. */
  Duration lease() {
    return lease;
  }

  /** When a new command goes stale; what closes or stops something never does. */
  Optional<Instant> expiry(String name, Instant now) {
    if (CommandNames.CLOSING.contains(name)) {
      return Optional.empty();
    }
    return Optional.of(now.plus(CommandNames.PRICED.contains(name) ? timeout : other));
  }

  static boolean connected(Executor executor) {
    return executor.lastHeartbeat().filter(heard -> heard.isAfter(Instant.now().minus(ONLINE))).isPresent();
  }

  /** Nudges the executor; what does not arrive comes with its next heartbeat. */
  boolean announce(CommandRow row) {
    return publisher.<Boolean>tryCall("", p -> p.publish("private-executor-" + row.executorId(), "command-received", CommandEvent.of(row)))
        .orElse(false);
  }

  /** Tells the owner, and whoever else the operator wants to know, how an executor is. */
  void tellStatus(Executor executor, Map<String, Object> event) {
    publisher.tryCall("", p -> p.publish("private-user-" + executor.userId(), "status-update", event));
    if (publicBroadcast) {
      publisher.tryCall("", p -> p.publish("executors", "status-update", event));
    }
  }

  /** Tells the owner, and nobody else. */
  void tellOwner(Executor executor, String event, Map<String, Object> data) {
    publisher.tryCall("", p -> p.publish("private-user-" + executor.userId(), event, data));
  }

  /** Tells the owner how a command ended. */
  void tell(CommandRow row) {
    publisher.tryCall("", p -> p.publish("private-user-" + row.userId(), "execution-completed", CommandEvent.completed(row)));
  }

  /** Takes back what is on its way, and tells both ends; the executor's word still wins if it was faster. */
  void cancelled(CommandRow row, String reason, Request request) {
    publisher.tryCall("", p -> p.publish("private-executor-" + row.executorId(), "command-cancel",
        Map.of("commandId", row.id(), "reason", reason)));
    note(AuditTrail.COMMAND_STATUS, row, Optional.of(request.source()));
    tell(row);
  }

  private static Refusal noExecutor() {
    return new Refusal(404, ExecutorDirectory.EXECUTOR_NOT_FOUND, "Executor not found");
  }
}
