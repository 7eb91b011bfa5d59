package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one runtime in this process until it is told to stop: {@code fx run}. */
final class Server {
  private static final long LIVE_MILLIS = 25;
  private static final long LOOK_MILLIS = 200;
  private static final long STOP_PATIENCE_MILLIS = 8000;

  private final Fx fx;
  private final Instance instance;
  private final String name;
  private final boolean daemon;
  private final long began = System.nanoTime();
  // whoever sets it ends the framework, and nobody else
  private final AtomicBoolean ending = new AtomicBoolean();

  /** @param daemon started by {@code fx start}: says nothing on the console while all is well */
  Server(Fx fx, String name, boolean daemon) {
    this.fx = fx;
    this.instance = fx.instance();
    this.name = name;
    this.daemon = daemon;
  }

  int run() throws InterruptedException {
    RuntimeFile runtime = fx.service(name);
    Settings settings = fx.settings(runtime);
    instance.create();
    Logging.to(instance.logs().resolve(name + ".log"), !daemon, settings.get(Settings.LOG_LEVEL));
    // Logback takes its time; meanwhile there is enough to read
    CompletableFuture<Logger> log = CompletableFuture.supplyAsync(() -> LoggerFactory.getLogger(Server.class));
    instance.refuseOpenSecrets();
    try (FileChannel lock = RunFile.lock(instance, name)) {
      Ports.probe(settings);
      return run(runtime, settings, log);
    } catch (IOException e) {
      throw new Trouble("The run files of " + name + " cannot be written (" + e.getMessage() + "); check the permissions of " + instance.run() + ".");
    }
  }

  private int run(RuntimeFile runtime, Settings settings, CompletableFuture<Logger> logging) throws IOException, InterruptedException {
    ConfigLayers layers = fx.layers(runtime);
    // at start nothing half-read may pass; later a slip of the pen only warns
    Map<String, Map<String, Value>> configuration = layers.read(sentence -> {
      throw new Trouble(sentence);
    });
    Jars jars = new Jars(fx.home().bundles());
    Logger log = logging.join();
    Outbound.apply(settings, instance);
    Framework framework = new Framework(settings, instance, instance.cache().resolve(name));
    List<String> missing = framework.install(runtime, jars);
    if (missing.isEmpty()) {
      missing = framework.resolve(jars);
    }
    if (!missing.isEmpty()) {
      framework.stop(STOP_PATIENCE_MILLIS);
      throw Trouble.of(missing);
    }
    log.info("FX Platform starts. runtime={} version={} bundles={} instance={}",
        name, Home.version(), framework.bundles().size(), instance.root());

    Files.deleteIfExists(RunFile.stopRequest(instance, name));
    RunFile running = RunFile.ofThisProcess(runtime, settings);
    running.write(instance);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      if (ending.compareAndSet(false, true)) {
        end(framework, log);
        // a stop that was asked for is no failure, whatever the signal was
        Runtime.getRuntime().halt(0);
      }
    }, "fx-launcher-stop"));
    ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "fx-launcher-watch");
      thread.setDaemon(true);
      return thread;
    });
    List<String> why;
    boolean orderly = true;
    try {
      ConfigurationReport report =
          new ConfigurationReport(new Shown(fx.environment(), settings.texts()), settings.all(), framework.context());
      report.pushing(configuration, List.of());
      framework.report(report);
      framework.start(configuration);
      watch.scheduleWithFixedDelay(() -> look(layers, framework, report, log), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      why = awaitLive(framework, running, settings.startPatience(), log);
      if (why.isEmpty()) {
        orderly = framework.await();
      }
    } catch (BundleException e) {
      why = List.of(sentence(e), "The log says more: " + instance.logs().resolve(name + ".log"));
      log.error("A bundle does not start. runtime={}", name, e);
    } catch (Trouble trouble) {
      why = List.of(trouble.getMessage());
    } finally {
      watch.shutdownNow();
    }
    if (!ending.compareAndSet(false, true)) {
      // the hook has it, and ends the process
      TimeUnit.MILLISECONDS.sleep(2 * STOP_PATIENCE_MILLIS);
    }
    end(framework, log);
    if (!why.isEmpty()) {
      throw Trouble.of(why);
    }
    return orderly ? 0 : 1;
  }

  private void end(Framework framework, Logger log) {
    framework.stop(STOP_PATIENCE_MILLIS);
    RunFile.delete(instance, name);
    log.info("FX Platform stopped. runtime={}", name);
    Logging.close();
  }

  private static String sentence(BundleException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "A bundle does not start: " + e.getMessage() + (root == e ? "" : " (" + root + ")");
  }

  /** @return empty once everything that must live does, or why it does not */
  private List<String> awaitLive(Framework framework, RunFile running, int patience, Logger log) throws InterruptedException {
    BackDoor door = new BackDoor(instance, running);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patience);
    // the port is asked first: a look at it costs nothing, the health checks take processors that the start needs
    while (!ending.get() && !(door.httpAnswers() && framework.lives(running.adminPort() != 0))) {
      if (System.nanoTime() > deadline) {
        List<String> why = new ArrayList<>(List.of(name + " does not live after " + patience + " s."));
        why.addAll(door.whyNotLive());
        return why;
      }
      TimeUnit.MILLISECONDS.sleep(LIVE_MILLIS);
    }
    if (ending.get()) {
      return List.of();
    }
    running.alive().write(instance);
    log.info("FX Platform is up. runtime={} after={} urls={}", name, Fx.seconds(began), running.urls());
    if (!daemon) {
      fx.out().println(name + " is up after " + Fx.seconds(began) + ": " + running.urls() + "; stop it with Ctrl-C.");
    }
    return List.of();
  }

  private void look(ConfigLayers layers, Framework framework, ConfigurationReport report, Logger log) {
    try {
      if (Files.exists(RunFile.stopRequest(instance, name))) {
        Files.deleteIfExists(RunFile.stopRequest(instance, name));
        framework.requestStop();
      } else if (layers.settledChange()) {
        List<String> complaints = new ArrayList<>();
        Map<String, Map<String, Value>> configuration = layers.read(complaints::add);
        complaints.forEach(log::warn);
        report.pushing(configuration, complaints);
        framework.push(configuration);
        log.info("The configuration was read again. runtime={}", name);
      }
    } catch (IOException | RuntimeException e) {
      log.warn("The configuration could not be read again, the former one stays. runtime={}", name, e);
    }
  }
}
