package com.fxplatform.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.api.command.CommandIntake;
import com.fxplatform.api.command.TradingState;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.RealtimeLink;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.executor.PlatformLine.Heard;
import com.fxplatform.executor.Standing.Revision;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
 * Tells the platform that this executor lives, and brings home the commands that wait for it. Beats faster while
 * realtime is away, so that no command waits longer than five seconds.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = "com.fxplatform.provisioned",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Heartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final int PAGE = 10;
  // a server leases what it hands out for three seconds: then it brings again what got lost with an answer
  private static final Duration LEASE = Duration.ofMillis(3500);
  private static final int MOST_HELD = 100;
  private static final int LONGEST = 200;
  private static final String PLATFORM = platform();

  @ObjectClassDefinition(name = "FX Platform provisioned configuration")
  @interface Config {
    @AttributeDefinition(description = "This executor's id")
    String executorId() default "";

    @AttributeDefinition(description = "Seconds between heartbeats")
    int heartbeatInterval() default 60;
  }

  /**
   * The times of the heart.
   *
   * @param look how often it looks whether it is time
   * @param poll how often it beats at least while realtime is away
   * @param retry the first wait after trouble
   */
  record Pace(Duration look, Duration poll, Duration retry) {
    static final Pace NORMAL = new Pace(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofSeconds(1));
  }

  /** A command that the platform thinks is with us. */
  private record Held(JsonNode command, long since) {}

  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final Roster<RealtimeLink> realtime = new Roster<>(Duration.ofSeconds(5));
  private final Roster<CommandIntake> intake = new Roster<>(Duration.ofSeconds(5));
  private final Roster<TradingState> trading = new Roster<>(Duration.ofSeconds(5));
  private final PlatformLine line;
  private final Provisioner provisioner;
  private final Pace pace;
  private final Backoff unreachable;
  private final Backoff refused;
  private final ScheduledExecutorService worker;
  private volatile Config config;
  private volatile boolean toldOnline;
  // somebody who takes commands has come: what waits at the server is asked for at once
  private volatile boolean takes;
  // address, key or secret are others now: what they were refused for is over
  private volatile boolean setUpAnew;
  private final Runnable watcher = () -> setUpAnew = true;

  // below: only touched by the worker
  private final ClockWatch clocks = new ClockWatch();
  private long last;
  private boolean first = true;
  // since when it was subscribed when we last looked
  private Optional<Instant> listening = Optional.empty();
  private Duration trouble = Duration.ZERO;
  // an answer got lost, and commands may have been in it: perhaps the last one of the process before us
  private boolean lostAnswer = true;
  private boolean askAgain;
  private long heardAgain;
  private Revision told;
  private Optional<TradingState.Report> toldTrading = Optional.empty();
  // brought, and not taken yet: nobody takes commands, or the journal is closed
  private final Map<String, Held> held = new LinkedHashMap<>();

  @Activate
  public Heartbeat(@Reference PlatformLine line, @Reference Provisioner provisioner, Config config) {
    this(line, provisioner, config, Pace.NORMAL);
  }

  Heartbeat(PlatformLine line, Provisioner provisioner, Config config, Pace pace) {
    this.line = line;
    this.provisioner = provisioner;
    this.config = config;
    this.pace = pace;
    // no slower than polling: a platform that is back may have a command
    this.unreachable = new Backoff(pace.retry(), pace.poll().compareTo(pace.retry()) > 0 ? pace.poll() : pace.retry());
    this.refused = new Backoff(pace.retry().multipliedBy(15), pace.retry().multipliedBy(300));
    worker = Executors.newSingleThreadScheduledExecutor(PlatformLine.named("fx-executor-heartbeat"));
  }

  /** The references that come after the constructor are there now. */
  @Activate
  void activate() {
    line.watch(watcher);
    worker.scheduleWithFixedDelay(this::look, 0, pace.look().toNanos(), TimeUnit.NANOSECONDS);
  }

  @Modified
  void modified(Config changed) {
    config = changed;
  }

  @Deactivate
  void close() {
    line.unwatch(watcher);
    worker.shutdownNow();
    if (toldOnline && line.access().ready()) {
      try {
        line.exchange("POST", path(), Map.of(), Map.of("status", "offline"), Duration.ofSeconds(2));
      } catch (IOException | RuntimeException away) {
        LOG.debug("The platform could not be told that this executor stops. reason=\"{}\"", away.getMessage());
      }
    }
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTerminal(TerminalLink service, Map<String, ?> properties) {
    terminal.bind(service, properties);
  }

  void unbindTerminal(TerminalLink service) {
    terminal.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindRealtime(RealtimeLink service, Map<String, ?> properties) {
    realtime.bind(service, properties);
  }

  void unbindRealtime(RealtimeLink service) {
    realtime.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindIntake(CommandIntake service, Map<String, ?> properties) {
    intake.bind(service, properties);
    takes = true;
  }

  void unbindIntake(CommandIntake service) {
    intake.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTrading(TradingState service, Map<String, ?> properties) {
    trading.bind(service, properties);
  }

  void unbindTrading(TradingState service) {
    trading.unbind(service);
  }

  private void look() {
    try {
      takeHeld();
      Optional<Instant> subscribed = subscribed();
      Revision now = line.standing().revision();
      long jump = clocks.jumped(System.currentTimeMillis(), System.nanoTime());
      if (jump != 0) {
        // what came meanwhile is asked for at once, and the clock is compared anew
        LOG.info("This machine slept, or its clock was set. jumpMs={}", jump);
        trouble = Duration.ZERO;
        first = true;
      }
      if (setUpAnew) {
        setUpAnew = false;
        trouble = Duration.ZERO;
        refused.reset();
        unreachable.reset();
        first = true;
      }
      long waited = System.nanoTime() - last;
      boolean due;
      // what was published while nobody listened waits for us now
      boolean listensAgain = subscribed.isPresent() && !subscribed.equals(listening);
      if (!trouble.isZero() && !(listensAgain && lostAnswer)) {
        due = waited >= trouble.toNanos();
      } else {
        due = first || takes || listensAgain || !now.equals(told) || tradingNews() || waited >= interval(subscribed.isPresent()).toNanos();
      }
      if (due) {
        first = false;
        takes = false;
        last = System.nanoTime();
        beat(now);
        last = System.nanoTime();
      }
      listening = subscribed;
    } catch (RuntimeException bug) {
      trouble = pace.retry().multipliedBy(30);
      LOG.error("A heartbeat failed; the next one comes.", bug);
    }
  }

  /** An emergency stop given here is the owner's business at once. */
  private boolean tradingNews() {
    Optional<TradingState.Report> now = trading();
    return now.isPresent() && !now.equals(toldTrading);
  }

  private Optional<TradingState.Report> trading() {
    return trading.speaks("") ? trading.call(TradingState::report) : Optional.empty();
  }

  private Duration interval(boolean subscribed) {
    Duration every = Duration.ofSeconds(Math.max(1, config.heartbeatInterval()));
    if (askAgain && LEASE.compareTo(every) < 0) {
      return LEASE;
    }
    return !subscribed && pace.poll().compareTo(every) < 0 ? pace.poll() : every;
  }

  private Optional<Instant> subscribed() {
    return realtime.speaks("")
        ? realtime.call(link -> link.state() == RealtimeLink.State.SUBSCRIBED ? Optional.of(link.since()) : Optional.empty())
        : Optional.empty();
  }

  private void beat(Revision revision) {
    Standing standing = line.standing();
    Instant sent = Instant.now();
    Optional<TradingState.Report> report = trading();
    try {
      Heard heard = line.exchange("POST", path(), Map.of(), body(revision, report, sent), line.patience());
      if (heard.ok()) {
        unreachable.reset();
        refused.reset();
        trouble = Duration.ZERO;
        if (lostAnswer) {
          lostAnswer = false;
          askAgain = true;
          heardAgain = System.nanoTime();
        } else if (System.nanoTime() - heardAgain >= LEASE.toNanos()) {
          // not by a heartbeat for another reason, inside the lease
          askAgain = false;
        }
        toldOnline = true;
        told = revision;
        toldTrading = report;
        if (!standing.beat().problem().isEmpty() || standing.beat().accepted().isEmpty()) {
          LOG.info("The platform hears this executor. executor={}", config.executorId());
        }
        // of now: `listening` still tells the look before
        standing.beatAccepted((int) interval(subscribed().isPresent()).toSeconds());
        hear(heard.text(), sent, Instant.now());
        return;
      }
      switch (heard.status()) {
        case 401, 404 -> {
          trouble = refused.next();
          failed("The platform refuses this executor's heartbeat (HTTP " + heard.status() + "): run fx setup again.");
          provisioner.nudge();
        }
        case 429 -> {
          trouble = heard.retryAfter().orElse(pace.retry().multipliedBy(30));
          failed("The platform asks for fewer heartbeats.");
        }
        default -> {
          trouble = unreachable.next();
          failed("The platform answers heartbeats with an error (HTTP " + heard.status() + "); trying again.");
        }
      }
    } catch (IOException away) {
      lostAnswer = true;
      trouble = unreachable.next();
      failed(PlatformLine.sentence(away, line.access()));
    }
  }

  private void failed(String why) {
    if (line.standing().beat().problem().isEmpty()) {
      LOG.warn("A heartbeat was not accepted. reason=\"{}\"", why);
    }
    line.standing().beatFailed(why);
  }

  private String path() {
    return "/api/executor/" + config.executorId() + "/heartbeat";
  }

  private Map<String, Object> body(Revision revision, Optional<TradingState.Report> report, Instant now) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("version", PlatformLine.VERSION);
    metadata.put("platform", PLATFORM);
    if (terminal.speaks("")) {
      terminal.run(
          link -> {
            link.account()
                .ifPresent(
                    account -> {
                      metadata.put("accountBalance", account.balance());
                      metadata.put("accountEquity", account.equity());
                      account.openPositions().ifPresent(count -> metadata.put("openPositions", count));
                      account.server().ifPresent(server -> metadata.put("brokerServer", server));
                      account.number().ifPresent(number -> metadata.put("accountNumber", number));
                    });
            metadata.put("terminalState", link.status().state().name());
          });
    }
    if (realtime.speaks("")) {
      metadata.put("realtimeState", realtime.<String>call(link -> link.state().name()));
    }
    metadata.put("configRevision", revision.revision());
    metadata.put("configState", shortened(revision.state()));
    report.ifPresent(
        is -> {
          metadata.put("tradingState", is.word().name().toLowerCase(Locale.ROOT));
          metadata.put("tradingReason", shortened(is.reason()));
          metadata.put("tradingSince", is.since().map(since -> since.truncatedTo(ChronoUnit.MILLIS).toString()).orElse(""));
          metadata.put("flat", is.flat());
        });
    metadata.put("clockSkewMs", line.clockOffset().toMillis());
    metadata.put("timestamp", now.truncatedTo(ChronoUnit.MILLIS).toString());
    metadata.values().removeIf(java.util.Objects::isNull);
    return Map.of("status", "online", "metadata", metadata);
  }

  /** No longer than a server takes. */
  private static String shortened(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
  }

  private void hear(String text, Instant sent, Instant received) {
    JsonNode reply;
    try {
      reply = PlatformLine.JSON.readTree(text);
    } catch (JsonProcessingException nonsense) {
      failed("The platform answers heartbeats with something that is no JSON: check platformUrl.");
      return;
    }
    ProvisionedConfig.clock(text).ifPresent(server -> line.clock(server, sent, received));
    provisioner.hint(reply.path("configRevision").asText(""));
    JsonNode pending = reply.path("pendingCommands");
    boolean news = false;
    for (JsonNode command : pending) {
      String id = command.path("id").asText("");
      if (command.isObject() && held.size() < MOST_HELD) {
        held.put(id, new Held(command, System.nanoTime()));
        news |= take(id, command);
      }
    }
    if (news && pending.size() >= PAGE) {
      // a full page: more may wait behind it
      trouble = pace.look();
    }
  }

  /** The platform brings again after a while what is not taken by then. */
  private void takeHeld() {
    if (!held.isEmpty() && intake.speaks("")) {
      Map.copyOf(held).forEach((id, each) -> take(id, each.command()));
    }
    held.values().removeIf(each -> System.nanoTime() - each.since() > TimeUnit.SECONDS.toNanos(30));
  }

  @SuppressWarnings("unchecked")
  private boolean take(String id, JsonNode command) {
    if (!intake.speaks("")) {
      return false;
    }
    try {
      Map<String, Object> raw = PlatformLine.JSON.convertValue(command, Map.class);
      boolean news = intake.<Boolean>call(i -> i.accept(raw, "heartbeat"));
      held.remove(id);
      return news;
    } catch (RuntimeException no) {
      LOG.debug("A waiting command could not be taken now; it is tried again. command={} reason=\"{}\"", id, no.getMessage());
      return false;
    }
  }

  private static String platform() {
    String name = System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
    return name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "macos" : name;
  }
}
