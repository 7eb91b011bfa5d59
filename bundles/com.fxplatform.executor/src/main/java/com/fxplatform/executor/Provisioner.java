package com.fxplatform.executor;

import com.fxplatform.api.vault.SecretVault;
import com.fxplatform.executor.PlatformLine.Access;
import com.fxplatform.executor.PlatformLine.Heard;
import com.fxplatform.executor.Standing.Talk;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches this executor's configuration, applies it as one, and acknowledges it once everything runs healthy on it;
 * otherwise goes back to the last one that worked. Everything happens on one thread.
 */
@Component(service = Provisioner.class, immediate = true, configurationPid = "com.fxplatform.executor")
public final class Provisioner {
  static final String PID = "com.fxplatform.provisioned";
  private static final Logger LOG = LoggerFactory.getLogger(Provisioner.class);
  private static final ProvisionedConfig MANUAL = new ProvisionedConfig("manual", "", Map.of());
  private static final String OVERRIDE = "override.";

  /**
   * The times of the cycle.
   *
   * @param settle how long a new configuration must look healthy to be acknowledged; it is watched eight times as long
   * @param patience how long it may look sick before it is refused
   * @param gap between two fetches on the long run, {@value #BURST} may follow each other; the predecessor's server allows ten
   *     a minute
   * @param every without any nudge
   * @param retry the first wait after trouble
   */
  record Pace(Duration settle, Duration patience, Duration gap, Duration every, Duration retry) {
    static final Pace NORMAL =
        new Pace(Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofSeconds(6), Duration.ofMinutes(15), Duration.ofSeconds(1));
  }

  private static final int BURST = 5;
  private static final int WATCHED = 8;

  /**
   * A configuration that was put in force.
   *
   * @param before what to go back to
   */
  private record Trial(
      ProvisionedConfig config, Map<String, String> sickBefore, long since, Optional<ProvisionedConfig> before, boolean acknowledged) {}

  private final PlatformLine line;
  private final Standing standing;
  private final ConfigurationAdmin configurations;
  private final Pace pace;
  private final Backoff unreachable;
  private final Backoff refused;
  private final ScheduledThreadPoolExecutor worker;
  private final Runnable watcher = this::setUpAnew;
  private volatile Supplier<Map<String, String>> judge = Map::of;
  private volatile String heardOf = "";

  private volatile KnownGood known;
  private volatile Map<String, String> overrides;
  private volatile boolean auto = true;
  private volatile ProvisionedConfig shown;

  // below: only touched by the worker
  private boolean standby;
  private String identity = "";
  private String etag = "";
  private ProvisionedConfig current;
  private ProvisionedConfig good;
  private Trial trial;
  private ScheduledFuture<?> fetching;
  private final Deque<Long> fetches = new ArrayDeque<>();

  @Activate
  public Provisioner(@Reference PlatformLine line, @Reference ConfigurationAdmin configurations, Map<String, Object> properties) {
    this(line, configurations, properties, Pace.NORMAL);
  }

  Provisioner(PlatformLine line, ConfigurationAdmin configurations, Map<String, Object> properties, Pace pace) {
    this.line = line;
    this.standing = line.standing();
    this.configurations = configurations;
    this.pace = pace;
    this.unreachable = new Backoff(pace.retry(), pace.retry().multipliedBy(30));
    this.refused = new Backoff(pace.retry().multipliedBy(15), pace.retry().multipliedBy(300));
    worker = new ScheduledThreadPoolExecutor(1, PlatformLine.named("fx-executor-provisioning"));
    worker.setRemoveOnCancelPolicy(true);
    settings(properties);
    line.watch(watcher);
    submit(this::fetch);
  }

  @Modified
  void modified(Map<String, Object> properties) {
    submit(
        () -> {
          Map<String, String> before = overrides;
          boolean autoBefore = auto;
          settings(properties);
          if (auto != autoBefore) {
            LOG.info("Auto-provisioning was switched. on={}", auto);
            identity = "";
            schedule(Duration.ZERO, true);
          } else if (!overrides.equals(before) && current != null) {
            LOG.info("Local overrides changed. keys={}", overrides.keySet());
            apply(current);
          }
        });
  }

  @Deactivate
  void close() {
    line.unwatch(watcher);
    worker.shutdownNow();
  }

  /** Somebody says that there may be something new: a nudge, not the truth. */
  void nudge() {
    submit(() -> schedule(Duration.ZERO, false));
  }

  /** The server says which revision it would give. */
  void hint(String revision) {
    if (!revision.isEmpty() && !revision.equals(heardOf)) {
      heardOf = revision;
      submit(
          () -> {
            if (current == null || !revision.equals(current.revision())) {
              schedule(Duration.ZERO, false);
            }
          });
    }
  }

  /** Who says what is sick now: name and reason of each. */
  void judgedBy(Supplier<Map<String, String>> complaints) {
    judge = complaints;
  }

  private void setUpAnew() {
    submit(
        () -> {
          unreachable.reset();
          refused.reset();
          schedule(Duration.ZERO, true);
        });
  }

  private void settings(Map<String, Object> properties) {
    Map<String, String> found = new TreeMap<>();
    properties.forEach(
        (key, value) -> {
          String text = PlatformLine.clean(String.valueOf(value));
          if (key.startsWith(OVERRIDE) && !text.isEmpty()) {
            found.put(key.substring(OVERRIDE.length()), text);
          }
        });
    overrides = found;
    auto = !"false".equals(PlatformLine.clean(String.valueOf(properties.get("autoProvision"))));
    standby = "true".equals(String.valueOf(properties.get("standby")));
    known = new KnownGood(folder(PlatformLine.clean(properties.get("folder") instanceof String s ? s : "")));
  }

  private static Optional<Path> folder(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
    } catch (InvalidPathException nonsense) {
      LOG.warn("The folder of com.fxplatform.executor is no path on this machine. folder={}", text);
      return Optional.empty();
    }
  }

  private void schedule(Duration wait, boolean atOnce) {
    long nanos = wait.toNanos();
    if (!atOnce) {
      // the window is one gap longer than the burst: two of them a minute stay within ten
      nanos = fetches.size() < BURST ? nanos
          : Math.max(nanos, fetches.getFirst() + pace.gap().toNanos() * (BURST + 1) - System.nanoTime());
    }
    if (fetching != null) {
      fetching.cancel(false);
    }
    fetching = worker.schedule(guarded(this::fetch), Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  private void fetch() {
    if (standby) {
      return;
    }
    Access access = line.access();
    if (!access.identity().equals(identity)) {
      forget();
      identity = access.identity();
    }
    if (!access.ready()) {
      if (standing.platform(Talk.WAITING_FOR_SETUP, access.problem())) {
        LOG.info("The executor waits for its setup. reason=\"{}\"", access.problem());
      }
      return;
    }
    if (!auto) {
      byHand();
      return;
    }
    fetches.addLast(System.nanoTime());
    if (fetches.size() > BURST) {
      fetches.removeFirst();
    }
    try {
      Instant sent = Instant.now();
      Heard heard =
          line.exchange("GET", "/api/executor/config", etag.isEmpty() ? Map.of() : Map.of("If-None-Match", etag), null, line.patience());
      if (!line.access().equals(access)) {
        // set up anew while we asked: that answer was for somebody else
        schedule(Duration.ZERO, true);
        return;
      }
      hear(heard, sent, Instant.now(), access);
    } catch (IOException away) {
      if (standing.platform(Talk.UNREACHABLE, PlatformLine.sentence(away, access))) {
        LOG.warn("The platform cannot be reached; trying again. platform={} reason=\"{}\"", access.url().orElseThrow(), standing.platform().detail());
      }
      fallBackAtStart();
      schedule(unreachable.next(), true);
    }
  }

  /** Nothing is asked: the lines of the local file are the whole configuration. */
  private void byHand() {
    standing.platform(Talk.OK, "Configured by hand: auto-provisioning is off.");
    if (current == null) {
      apply(MANUAL);
    }
  }

  private void hear(Heard heard, Instant sent, Instant received, Access access) {
    switch (heard.status()) {
      case 200 -> {
        ProvisionedConfig.clock(heard.text()).ifPresent(server -> line.clock(server, sent, received));
        ok(access);
        receive(heard);
      }
      case 304 -> ok(access);
      case 400, 401, 404 -> {
        String why = "The platform refuses this executor's credentials (HTTP " + heard.status() + "): run fx setup again.";
        if (standing.platform(Talk.CREDENTIALS_REFUSED, why)) {
          LOG.warn("The platform refuses this executor's credentials: run fx setup again. platform={} status={}", access.url().orElseThrow(), heard.status());
        }
        schedule(refused.next(), true);
      }
      case 429 -> {
        standing.platform(Talk.TROUBLE, "The platform asks us to slow down.");
        schedule(heard.retryAfter().orElse(pace.retry().multipliedBy(60)), true);
      }
      default -> {
        if (standing.platform(Talk.TROUBLE, "The platform has a problem of its own (HTTP " + heard.status() + "); trying again.")) {
          LOG.warn("The platform answers with an error; trying again. platform={} status={}", access.url().orElseThrow(), heard.status());
        }
        fallBackAtStart();
        schedule(unreachable.next(), true);
      }
    }
  }

  private void ok(Access access) {
    unreachable.reset();
    refused.reset();
    if (standing.platform(Talk.OK, "Connected to " + access.url().orElseThrow() + ".")) {
      LOG.info("The platform knows this executor. platform={}", access.url().orElseThrow());
    }
    schedule(pace.every(), true);
  }

  private void receive(Heard heard) {
    ProvisionedConfig received;
    try {
      received = ProvisionedConfig.read(heard.text(), heard.etag());
    } catch (IllegalArgumentException invalid) {
      standing.revision(heard.etag().replace("\"", ""), "rejected: " + invalid.getMessage());
      LOG.warn("A configuration is refused as a whole. reason=\"{}\"", invalid.getMessage());
      return;
    }
    etag = received.etag();
    if (current != null && current.values().equals(received.values()) && current.revision().equals(received.revision())) {
      return;
    }
    apply(received);
  }

  /** At the start, without the platform: what once worked will do. */
  private void fallBackAtStart() {
    if (current != null) {
      return;
    }
    known
        .latest(identity)
        .ifPresent(
            last -> {
              LOG.info("Starting on the last configuration that worked. revision={}", last.revision());
              good = last;
              etag = last.etag();
              apply(last);
            });
  }

  private void apply(ProvisionedConfig next) {
    Map<String, String> sick = trial == null ? complaints() : trial.sickBefore();
    Dictionary<String, Object> flat;
    current = next;
    try {
      flat = next.flat(overrides);
    } catch (IllegalArgumentException invalid) {
      standing.revision(next.revision(), "rejected: " + invalid.getMessage());
      LOG.warn("A configuration is refused. revision={} reason=\"{}\"", next.revision(), invalid.getMessage());
      return;
    }
    standing.revision(next.revision(), "applying");
    boolean changed = put(flat);
    shown = next;
    trial = new Trial(next, sick, System.nanoTime(), Optional.ofNullable(good), false);
    if (!changed && good != null) {
      acknowledge();
      trial = null;
      return;
    }
    LOG.info("A configuration is applied. revision={} keys={}", next.revision(), flat.size());
    look();
  }

  private boolean put(Dictionary<String, Object> flat) {
    sharedSecret(flat);
    line.provisioned(String.valueOf(flat.get("executorId")), timeout(flat));
    standing.name(flat.get("executorName") instanceof String s ? s : "");
    try {
      return configurations.getConfiguration(PID, "?").updateIfDifferent(flat);
    } catch (IOException broken) {
      throw new IllegalStateException("Config Admin cannot take the configuration", broken);
    }
  }

  /** What is in force now; on any thread. */
  Optional<ProvisionedConfig> inForce() {
    return Optional.ofNullable(shown);
  }

  /** The last configuration that worked, from the disk; on any thread. */
  Optional<ProvisionedConfig> stored() {
    return known.latest(line.access().identity()).or(() -> auto ? Optional.empty() : Optional.of(MANUAL));
  }

  /** A configuration with the local overrides; on any thread. */
  Dictionary<String, Object> flat(ProvisionedConfig config) {
    return config.flat(overrides);
  }

  /** A platform that does not provision the terminal's secret leaves it to what setup or import put into the vault. */
  void sharedSecret(Dictionary<String, Object> flat) {
    if (flat.get(".sharedSecret") instanceof String given && !given.isEmpty()) {
      return;
    }
    try {
      line.secret(SecretVault.SHARED_SECRET)
          .ifPresent(
              secret -> {
                flat.put(".sharedSecret", new String(secret));
                Arrays.fill(secret, '\0');
              });
    } catch (IOException | RuntimeException unreadable) {
      LOG.warn("The terminal's shared secret in the vault cannot be read. reason=\"{}\"", unreadable.getMessage());
    }
  }

  private static Duration timeout(Dictionary<String, Object> flat) {
    return flat.get("connectionTimeout") instanceof Integer ms ? Duration.ofMillis(ms) : Duration.ofSeconds(10);
  }

  private void look() {
    Trial on = trial;
    if (on == null) {
      return;
    }
    Map<String, String> sick = complaints();
    sick.keySet().removeAll(on.sickBefore().keySet());
    Duration tried = Duration.ofNanos(System.nanoTime() - on.since());
    if (sick.isEmpty() && !on.acknowledged() && tried.compareTo(pace.settle()) >= 0) {
      acknowledge();
    }
    if (sick.isEmpty() && tried.compareTo(pace.settle().multipliedBy(WATCHED)) >= 0) {
      trial = null;
    } else if (!sick.isEmpty() && tried.compareTo(pace.patience()) >= 0) {
      reject(String.join(" ", sick.values()));
    } else {
      worker.schedule(
          guarded(
              () -> {
                if (trial != null && trial.since() == on.since()) {
                  look();
                }
              }),
          Math.max(1, pace.settle().toMillis() / 8),
          TimeUnit.MILLISECONDS);
    }
  }

  private void acknowledge() {
    ProvisionedConfig accepted = trial.config();
    trial = new Trial(accepted, trial.sickBefore(), trial.since(), trial.before(), true);
    boolean news = !accepted.equals(good);
    good = accepted;
    if (news && auto) {
      known.keep(identity, accepted);
    }
    standing.revision(accepted.revision(), "applied");
    LOG.info("The configuration works and is acknowledged. revision={}", accepted.revision());
  }

  private void reject(String why) {
    Trial on = trial;
    ProvisionedConfig bad = on.config();
    trial = null;
    Optional<ProvisionedConfig> back = on.before().filter(g -> !g.equals(bad)).or(() -> known.latest(identity).filter(g -> !g.equals(bad)));
    if (back.isPresent()) {
      good = back.get();
      put(good.flat(overrides));
      if (on.acknowledged() && auto) {
        // it was kept as good; the next start must not begin with it
        known.keep(identity, good);
      }
    }
    String then = back.map(g -> "back on " + g.revision()).orElse("there is no earlier one to go back to");
    standing.revision(bad.revision(), "rejected: " + why);
    LOG.warn("A configuration does not work here and is refused. revision={} reason=\"{}\" then=\"{}\"", bad.revision(), why, then);
  }

  private void forget() {
    boolean applied = current != null;
    current = null;
    good = null;
    trial = null;
    etag = "";
    heardOf = "";
    standing.nobody();
    if (applied) {
      try {
        Configuration former = configurations.getConfiguration(PID, "?");
        former.delete();
      } catch (IOException broken) {
        throw new IllegalStateException("Config Admin cannot forget the configuration", broken);
      }
    }
  }

  private Map<String, String> complaints() {
    return new LinkedHashMap<>(judge.get());
  }

  private void submit(Runnable work) {
    try {
      worker.execute(guarded(work));
    } catch (RejectedExecutionException closed) {
      LOG.debug("Nothing more to do: the executor stops.");
    }
  }

  private Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RejectedExecutionException closed) {
        LOG.debug("The executor stops.");
      } catch (RuntimeException bug) {
        LOG.error("The provisioning cycle failed; it goes on in a minute.", bug);
        fetching = worker.schedule(guarded(this::fetch), 60, TimeUnit.SECONDS);
      }
    };
  }
}
