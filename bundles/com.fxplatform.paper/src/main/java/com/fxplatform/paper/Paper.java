package com.fxplatform.paper;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The paper terminal of this process: the configured market and account behind one port. */
@Component(
    configurationPid = "com.fxplatform.paper",
    service = HealthCheck.class,
    immediate = true,
    property = {HealthCheck.NAME + "=paper-terminal", HealthCheck.TAGS + "=live", HealthCheck.TAGS + "=ready"})
@Designate(ocd = Paper.Config.class)
public final class Paper implements HealthCheck {
  private static final Logger LOG = LoggerFactory.getLogger(Paper.class);
  private static final long LOOK_MILLIS = 200;

  /** Configuration of PID {@code com.fxplatform.paper}; all of it live. */
  @ObjectClassDefinition(name = "Paper terminal", description = "A simulated MT5 terminal")
  public @interface Config {
    @AttributeDefinition(description = "Address it listens on")
    String host() default "127.0.0.1";

    @AttributeDefinition(description = "Port it listens on; 0 for any free one")
    int port() default 5556;

    @AttributeDefinition(description = "Shared secret as typed into InpSharedSecret; empty for no authentication")
    String _sharedSecret() default "";

    @AttributeDefinition(description = "File with the shared secret; may appear later, read again on change, wins over the key")
    String secretFile() default "";

    @AttributeDefinition(description = "Seed of the prices")
    long seed() default 1;

    @AttributeDefinition(description = "Deposit in US dollars")
    double balance() default 10_000;

    @AttributeDefinition(description = "Milliseconds between two ticks; one request is taken per tick; 0 for at once")
    int tickMillis() default 1;

    @AttributeDefinition(description = "File with prices (time,symbol,bid,ask) instead of the random walk; repeated without end")
    String prices() default "";

    @AttributeDefinition(description = "Spread of every symbol in points instead of its own; 0 for its own")
    int spread() default 0;

    @AttributeDefinition(description = "Whether it listens as an Expert Advisor of protocol 1")
    boolean compat() default true;

    @AttributeDefinition(description = "tcp://host:port of an executor's bridge: speaks protocol 2 with it as well; empty for no")
    String executor() default "";

    @AttributeDefinition(description = "Name of this terminal in protocol 2")
    String terminal() default "paper";

    @AttributeDefinition(description = "Number of its account in protocol 2")
    String account() default "900001";

    @AttributeDefinition(description = "Name of the broker's server in protocol 2")
    String server() default "Paper-Demo";

    @AttributeDefinition(description = "Public CURVE key of the bridge (Z85): encrypts protocol 2; empty for no")
    String curveServerKey() default "";

    @AttributeDefinition(description = "Public CURVE key of this terminal (Z85), for a bridge with an allow-list; empty for a new one")
    String curvePublicKey() default "";

    @AttributeDefinition(description = "Secret CURVE key of this terminal (Z85)")
    String _curveSecretKey() default "";

    @AttributeDefinition(description = "Faults: name[:value][@probability][#nth], comma-separated; see the README")
    String faults() default "";

    @AttributeDefinition(description = "Commands that meet the faults, comma-separated; empty for all")
    String faultCommands() default "";

    @AttributeDefinition(description = "Folder of the trade log, from which positions are rebuilt; empty for memory only")
    String folder() default "";
  }

  /** What a terminal is made of; another of these is another terminal. */
  private record Setting(
      String host,
      int port,
      long seed,
      double balance,
      int tickMillis,
      String folder,
      String prices,
      int spread,
      boolean compat,
      Optional<RobustTerminal.Identity> second) {
    static Setting of(Config config) {
      return new Setting(
          given(config.host()), config.port(), config.seed(), config.balance(), config.tickMillis(), given(config.folder()),
          given(config.prices()), Math.max(0, config.spread()), config.compat(), second(config));
    }

    private static Optional<RobustTerminal.Identity> second(Config config) {
      String executor = given(config.executor());
      return executor.matches("tcp://[A-Za-z0-9.-]+:\\d{1,5}")
          ? Optional.of(
              new RobustTerminal.Identity(
                  given(config.terminal()), given(config.account()), given(config.server()),
                  executor.replace("//localhost:", "//127.0.0.1:"), given(config.curveServerKey()), given(config._curveSecretKey()),
                  given(config.curvePublicKey())))
          : Optional.empty();
    }
  }

  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = Executors.defaultThreadFactory().newThread(work);
            made.setName("fx-paper-market");
            made.setDaemon(true);
            return made;
          });
  private final AccessCheck access = new AccessCheck(Clock.systemUTC(), "");
  private final OrderedFaults faults = new OrderedFaults();
  private Setting setting;
  private TradeLog log;
  private Optional<String> noPrices = Optional.empty();
  private RobustTerminal second;
  private volatile Broker broker;
  private volatile PaperTerminal terminal;
  private volatile String typedSecret = "";
  private volatile SecretFile secretFile;

  @Activate
  public Paper(Config config) {
    apply(config);
    watch.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Modified
  void modified(Config config) {
    apply(config);
  }

  private synchronized void apply(Config config) {
    typedSecret = given(config._sharedSecret());
    String file = given(config.secretFile());
    secretFile = file.isEmpty() ? null : new SecretFile(Path.of(file));
    refreshSecret();
    faults.order(given(config.faults()), given(config.faultCommands()), config.seed());
    Setting wanted = Setting.of(config);
    if (wanted.equals(setting)) {
      return;
    }
    stop();
    Path folder = wanted.folder().isEmpty() ? null : Path.of(wanted.folder());
    log = folder == null ? TradeLog.inMemory() : TradeLog.in(folder);
    Clock clock = Clock.systemUTC();
    broker = new Broker(market(wanted, clock), clock, log, wanted.balance());
    broker.dealing(faults::retcode);
    if (wanted.compat()) {
      terminal =
          new PaperTerminal(
                  wanted.host(),
                  wanted.port(),
                  Duration.ofMillis(Math.max(0, wanted.tickMillis())),
                  new ExpertAdvisor(broker, access, wanted.second().isPresent()),
                  faults)
              .start();
    }
    wanted
        .second()
        .ifPresent(identity -> second = RobustTerminal.of(identity, broker, log, clock, folder, access::secret, faults).start());
    setting = wanted;
  }

  private Prices market(Setting wanted, Clock clock) {
    Prices prices = new SeededWalk(wanted.seed());
    noPrices = Optional.empty();
    if (!wanted.prices().isEmpty()) {
      try {
        prices = new CsvPrices(Path.of(wanted.prices()), clock.instant());
      } catch (IOException unusable) {
        noPrices = Optional.of(unusable.getMessage());
        LOG.error("The prices cannot be used, so there are none. why=\"{}\"", unusable.getMessage());
        prices = new NoPrices();
      }
    }
    return wanted.spread() == 0 ? prices : new FixedSpread(prices, wanted.spread());
  }

  /** The market's second hand: prices change, stops are reached. */
  private void look() {
    try {
      refreshSecret();
      Broker current = broker;
      if (faults.polls() && current != null) {
        current.tick();
      }
    } catch (RuntimeException bug) {
      LOG.error("The paper terminal could not look at the market.", bug);
    }
  }

  private void refreshSecret() {
    SecretFile file = secretFile;
    access.secret(file == null ? typedSecret : file.read().orElse(typedSecret));
  }

  /** The port it is bound to; 0 while there is none. */
  int port() {
    PaperTerminal current = terminal;
    return current == null ? 0 : current.port();
  }

  @Override
  public synchronized Result execute() {
    Optional<String> trouble = faults.problem().or(() -> noPrices);
    if (trouble.isPresent()) {
      return new Result(Result.Status.CRITICAL, trouble.get());
    }
    PaperTerminal current = terminal;
    if (current == null) {
      return second == null
          ? new Result(
              Result.Status.CRITICAL, "The paper terminal speaks no protocol: set compat=true or executor in com.fxplatform.paper.")
          : new Result(Result.Status.OK, "The paper terminal speaks protocol 2" + secondLeg());
    }
    return switch (current.state()) {
      case BOUND -> new Result(Result.Status.OK, "The paper terminal listens on port " + current.port() + secondLeg());
      case PORT_TAKEN ->
          new Result(
              Result.Status.CRITICAL,
              "The paper terminal cannot bind " + current.endpoint().substring("tcp://".length())
                  + ": end what uses that port (another terminal?), or set port in com.fxplatform.paper.");
      case STARTING -> new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "The paper terminal is starting.");
      case STOPPED -> new Result(Result.Status.CRITICAL, "The paper terminal has died: see the log and start it again.");
    };
  }

  private String secondLeg() {
    return second == null ? "." : second.ready() ? " and is known to the bridge." : " and waits for the executor's bridge.";
  }

  @Deactivate
  void deactivate() {
    watch.shutdown();
    stop();
  }

  private synchronized void stop() {
    if (terminal != null) {
      terminal.close();
      terminal = null;
    }
    if (second != null) {
      second.close();
      second = null;
    }
    if (log != null) {
      broker = null;
      log.close();
      log = null;
      setting = null;
    }
  }

  /** An unresolved placeholder is a missing value. */
  private static String given(String value) {
    return value == null || value.startsWith("$[") ? "" : value.strip();
  }
}
