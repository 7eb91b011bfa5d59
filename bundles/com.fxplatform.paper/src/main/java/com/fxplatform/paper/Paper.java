package com.fxplatform.paper;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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

/** The paper terminal of this process: the configured market and account behind one port. */
@Component(
    configurationPid = "com.fxplatform.paper",
    service = HealthCheck.class,
    immediate = true,
    property = {HealthCheck.NAME + "=paper-terminal", HealthCheck.TAGS + "=live", HealthCheck.TAGS + "=ready"})
@Designate(ocd = Paper.Config.class)
public final class Paper implements HealthCheck {
  private static final long SECRET_LOOK_MILLIS = 200;

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

    @AttributeDefinition(description = "Folder of the trade log, from which positions are rebuilt; empty for memory only")
    String folder() default "";
  }

  /** What a terminal is made of; another of these is another terminal. */
  private record Setting(String host, int port, long seed, double balance, int tickMillis, String folder) {
    static Setting of(Config config) {
      return new Setting(
          given(config.host()), config.port(), config.seed(), config.balance(), config.tickMillis(), given(config.folder()));
    }
  }

  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread made = Executors.defaultThreadFactory().newThread(work);
            made.setName("fx-paper-secret");
            made.setDaemon(true);
            return made;
          });
  private final AccessCheck access = new AccessCheck(Clock.systemUTC(), "");
  private Setting setting;
  private TradeLog log;
  private volatile PaperTerminal terminal;
  private volatile String typedSecret = "";
  private volatile SecretFile secretFile;

  @Activate
  public Paper(Config config) {
    apply(config);
    watch.scheduleWithFixedDelay(this::refreshSecret, SECRET_LOOK_MILLIS, SECRET_LOOK_MILLIS, TimeUnit.MILLISECONDS);
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
    Setting wanted = Setting.of(config);
    if (wanted.equals(setting)) {
      return;
    }
    stop();
    log = wanted.folder().isEmpty() ? TradeLog.inMemory() : TradeLog.in(Path.of(wanted.folder()));
    Clock clock = Clock.systemUTC();
    Broker broker = new Broker(new SeededWalk(wanted.seed()), clock, log, wanted.balance());
    terminal =
        new PaperTerminal(
                wanted.host(),
                wanted.port(),
                Duration.ofMillis(Math.max(0, wanted.tickMillis())),
                new ExpertAdvisor(broker, access),
                Faults.NONE)
            .start();
    setting = wanted;
  }

  private void refreshSecret() {
    SecretFile file = secretFile;
    access.secret(file == null ? typedSecret : file.read().orElse(typedSecret));
  }

  /** The port it is bound to; 0 while there is none. */
  int port() {
    return terminal.port();
  }

  @Override
  public Result execute() {
    PaperTerminal current = terminal;
    return switch (current.state()) {
      case BOUND -> new Result(Result.Status.OK, "The paper terminal listens on port " + current.port() + ".");
      case PORT_TAKEN ->
          new Result(
              Result.Status.CRITICAL,
              "The paper terminal cannot bind " + current.endpoint().substring("tcp://".length())
                  + ": end what uses that port (another terminal?), or set port in com.fxplatform.paper.");
      case STARTING -> new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "The paper terminal is starting.");
      case STOPPED -> new Result(Result.Status.CRITICAL, "The paper terminal has died: see the log and start it again.");
    };
  }

  @Deactivate
  void deactivate() {
    watch.shutdown();
    stop();
  }

  private synchronized void stop() {
    if (terminal != null) {
      terminal.close();
      log.close();
      setting = null;
    }
  }

  /** An unresolved placeholder is a missing value. */
  private static String given(String value) {
    return value == null || value.startsWith("$[") ? "" : value.strip();
  }
}
