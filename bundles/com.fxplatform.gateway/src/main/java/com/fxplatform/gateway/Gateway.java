package com.fxplatform.gateway;

import com.fxplatform.api.realtime.RealtimeApp;
import com.fxplatform.api.realtime.RealtimeGateway;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Owns the hub: which app is served, the clock that probes clients, and the farewell when it ends. */
@Component(service = {Gateway.class, RealtimeGateway.class}, configurationPid = "com.fxplatform.gateway")
@Designate(ocd = Gateway.Config.class)
public final class Gateway implements RealtimeGateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final int HIGHEST_PORT = 65_535;

  /** Text throughout: a value that could not be resolved still starts with {@code $[} and counts as missing. */
  @ObjectClassDefinition(name = "Realtime gateway")
  @interface Config {
    @AttributeDefinition(description = "Where the app's id, key and secret are kept")
    String folder() default "";

    @AttributeDefinition(description = "FX_MASTER_KEY: what a missing app follows from if none is kept yet, the same on all nodes")
    String _masterKey() default "";

    @AttributeDefinition(description = "The app's id; made up and kept if missing")
    String appId() default "";

    @AttributeDefinition(description = "The app's public key; made up and kept if missing")
    String key() default "";

    @AttributeDefinition(description = "The app's secret; made up and kept if missing")
    String _secret() default "";

    @AttributeDefinition(description = "The host that clients are told")
    String host() default "127.0.0.1";

    @AttributeDefinition(description = "The port that clients are told: the HTTP port as they reach it")
    String port() default "8080";

    @AttributeDefinition(description = "Whether clients are told to use TLS")
    String tls() default "false";

    @AttributeDefinition(description = "false closes all clients and refuses new ones")
    String enabled() default "true";
  }

  private final ScheduledExecutorService timer;
  private final Hub hub;
  private final Conversation conversation;
  private volatile Optional<String> problem = Optional.empty();
  private AppFile.Identity unkept;
  private volatile String disagreement;
  private volatile Runnable beside;
  private long ticks;

  @Activate
  public Gateway(Config config) {
    this(config, Limits.standard());
  }

  Gateway(Config config, Limits limits) {
    timer = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = Executors.defaultThreadFactory().newThread(task);
      thread.setName("fx-gateway-timer");
      thread.setDaemon(true);
      return thread;
    });
    hub = new Hub(configured(config), limits, System::nanoTime, timer);
    conversation = new Conversation(hub);
    timer.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
    LOG.info("The realtime gateway is {} app={}", hub.app().isPresent() ? "open" : "switched off",
        hub.app().map(RealtimeApp::toString).orElse("none"));
  }

  @Modified
  void modified(Config config) {
    hub.serve(configured(config));
    LOG.info("The realtime gateway's configuration changed app={}", hub.app().map(RealtimeApp::toString).orElse("none"));
  }

  @Deactivate
  void deactivate() {
    hub.drain(Duration.ofSeconds(1));
    timer.shutdownNow();
    LOG.info("The realtime gateway is closed");
  }

  /** What the gateway's clock does beside probing clients, every five seconds; {@code null}: nothing. */
  void everyFewSeconds(Runnable task) {
    beside = task;
  }

  private void tick() {
    try {
      hub.tick();
      Runnable task = beside;
      if (task != null && ++ticks % 5 == 0) {
        task.run();
      }
    } catch (RuntimeException bug) {
      LOG.error("The gateway's clock stumbled", bug);
    }
  }

  private RealtimeApp configured(Config config) {
    problem = Optional.empty();
    if ("false".equalsIgnoreCase(value(config.enabled()))) {
      return null;
    }
    AppFile.Identity identity = new AppFile.Identity(value(config.appId()), value(config.key()), value(config._secret()));
    if (identity.appId().isEmpty() || identity.key().isEmpty() || identity.secret().isEmpty()) {
      identity = kept(value(config.folder()), value(config._masterKey()));
    }
    String host = value(config.host());
    return identity.at(host.isEmpty() ? "127.0.0.1" : host, port(value(config.port())),
        "true".equalsIgnoreCase(value(config.tls())));
  }

  private AppFile.Identity kept(String folder, String masterKey) {
    try {
      if (folder.isEmpty()) {
        throw new IOException("No folder is configured");
      }
      return new AppFile(Path.of(folder)).identity(masterKey);
    } catch (IOException | RuntimeException unreadable) {
      problem = Optional.of("The app's key could not be kept, clients must fetch a new one after each restart: "
          + unreadable.getMessage());
      LOG.warn("The gateway goes on with an app made up for this run folder={}", folder, unreadable);
      if (unkept == null) {
        unkept = AppFile.Identity.random();
      }
      return unkept;
    }
  }

  private int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= HIGHEST_PORT) {
        return port;
      }
    } catch (NumberFormatException noNumber) {
      // said below
    }
    problem = Optional.of("The port that clients are told is no port: set com.fxplatform.gateway/port");
    return 8080;
  }

  private static String value(String configured) {
    return configured == null || configured.startsWith("$[") ? "" : configured.trim();
  }

  Hub hub() {
    return hub;
  }

  Conversation conversation() {
    return conversation;
  }

  /** What an operator should repair, if anything. */
  Optional<String> problem() {
    return problem.or(() -> Optional.ofNullable(disagreement));
  }

  /** @param sentence how another node contradicts this one, or {@code null} */
  void disagreement(String sentence) {
    disagreement = sentence;
  }

  @Override
  public Optional<RealtimeApp> app() {
    return hub.app();
  }

  @Override
  public int deliver(String channel, String event, String data) {
    ChannelName name = new ChannelName(channel);
    Hub.unfit(name, event, data).ifPresent(why -> {
      throw new IllegalArgumentException(why);
    });
    return hub.publish(name, event, data, null);
  }
}
