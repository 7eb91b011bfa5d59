package com.fxplatform.executor;

import com.fxplatform.api.command.CommandIntake;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts once by itself if the platform has not heard this executor for a while. Off unless it is configured; what it did
 * stays until somebody resumes.
 */
@Component(
    service = HealthCheck.class,
    immediate = true,
    property = {HealthCheck.NAME + "=dead-man", HealthCheck.TAGS + "=ready"},
    configurationPid = "com.fxplatform.provisioned",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class DeadManSwitch implements HealthCheck {
  private static final Logger LOG = LoggerFactory.getLogger(DeadManSwitch.class);

  @ObjectClassDefinition(name = "FX Platform dead man's switch")
  @interface Config {
    @AttributeDefinition(description = "Minutes without the platform after which to act; 0 for never")
    int deadMan_minutes() default 0;

    @AttributeDefinition(description = "What to do: none, halt (no new orders) or close-all (an emergency stop)")
    String deadMan_action() default "halt";
  }

  private final Roster<CommandIntake> intake = new Roster<>(Duration.ofSeconds(5));
  private final Standing standing;
  private final Duration minute;
  private final ScheduledExecutorService worker;
  private volatile Config config;
  private volatile boolean acted;

  // below: only touched by the worker
  private Optional<Instant> heard = Optional.empty();
  private long heardAt;

  @Activate
  public DeadManSwitch(@Reference PlatformLine line, Config config) {
    this(line.standing(), config, Duration.ofMinutes(1), Duration.ofSeconds(1));
  }

  DeadManSwitch(Standing standing, Config config, Duration minute, Duration look) {
    this.standing = standing;
    this.config = config;
    this.minute = minute;
    heardAt = System.nanoTime();
    worker = Executors.newSingleThreadScheduledExecutor(PlatformLine.named("fx-executor-deadman"));
    worker.scheduleWithFixedDelay(this::look, look.toNanos(), look.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Modified
  void modified(Config changed) {
    config = changed;
  }

  @Deactivate
  void close() {
    worker.shutdown();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindIntake(CommandIntake service, Map<String, ?> properties) {
    intake.bind(service, properties);
  }

  void unbindIntake(CommandIntake service) {
    intake.unbind(service);
  }

  @Override
  public Result execute() {
    Config now = config;
    if (now.deadMan_minutes() <= 0) {
      return new Result(Result.Status.OK, "The dead man's switch is off.");
    }
    return acted
        ? new Result(Result.Status.CRITICAL, "The platform was away for " + now.deadMan_minutes() + " minutes and the dead man's switch acted: " + now.deadMan_action() + ".")
        : new Result(Result.Status.OK, "Acts after " + now.deadMan_minutes() + " minutes without the platform: " + now.deadMan_action() + ".");
  }

  private void look() {
    try {
      Optional<Instant> accepted = standing.beat().accepted();
      if (!accepted.equals(heard)) {
        heard = accepted;
        heardAt = System.nanoTime();
        acted = false;
      }
      int minutes = config.deadMan_minutes();
      if (minutes > 0 && !acted && System.nanoTime() - heardAt >= minute.multipliedBy(minutes).toNanos()) {
        acted = act(minutes, config.deadMan_action());
      }
    } catch (RuntimeException trouble) {
      LOG.warn("The dead man's switch could not act yet; it tries again. reason=\"{}\"", trouble.getMessage());
    }
  }

  private boolean act(int minutes, String action) {
    String command =
        switch (action) {
          case "halt" -> "PAUSE";
          case "close-all" -> "EMERGENCY_STOP";
          default -> "";
        };
    LOG.error("The platform has not heard this executor for too long. minutes={} action={}", minutes, action);
    if (command.isEmpty()) {
      return true;
    }
    if (!intake.speaks("")) {
      return false;
    }
    String reason = "dead man's switch: the platform was away for " + minutes + " minutes";
    intake.run(i -> i.accept(Map.of("id", "deadman-" + Instant.now().toEpochMilli(), "command", command, "parameters", Map.of("reason", reason)), "local"));
    return true;
  }
}
