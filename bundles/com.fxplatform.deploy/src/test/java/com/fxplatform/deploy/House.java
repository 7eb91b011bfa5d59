package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.fail;

import com.fxplatform.api.deploy.Deployment;
import com.fxplatform.api.deploy.Deployment.State;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.hc.api.HealthCheck;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/** A real framework with SCR, one consumer of plugins, and a caretaker on a folder. */
final class House implements AutoCloseable {
  final Path root;
  final Path deploy;
  final Path data;
  final Roster<ConfigPlugin> plugins = new Roster<>(ConfigPlugin.ID, Duration.ofSeconds(5));
  final Framework framework;
  final BundleContext context;
  final Health health;
  Caretaker caretaker;
  String signatures = "";
  private final ServiceTracker<ConfigPlugin, ConfigPlugin> consumer;
  private final ServiceTracker<HealthCheck, HealthCheck> checks;

  House(Path root) throws Exception {
    this.root = root;
    this.deploy = Files.createDirectories(root.resolve("deploy"));
    this.data = root.resolve("data");
    Map<String, String> properties = new HashMap<>();
    properties.put(Constants.FRAMEWORK_STORAGE, root.resolve("cache").toString());
    properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "com.fxplatform.api;version=1.0.0,com.fxplatform.api.provisioning;version=1.0.0,"
        + "com.fxplatform.api.executor;version=1.0.0,org.apache.felix.hc.api;version=2.0.4,org.osgi.service.component;version=1.5.1,"
        + "org.osgi.service.component.runtime;version=1.5.1,org.osgi.service.component.runtime.dto;version=1.5.1,"
        + "org.osgi.util.promise;version=1.3.0,org.osgi.util.function;version=1.2.0");
    framework = new FrameworkFactory().newFramework(properties);
    framework.start();
    context = framework.getBundleContext();
    Path scr = jarOf("org/apache/felix/scr/impl/Activator.class");
    context.installBundle(scr.toUri().toString()).start();
    ServiceComponentRuntime runtime = context.getService(context.getServiceReference(ServiceComponentRuntime.class));
    health = new Health(context, runtime);
    consumer = new ServiceTracker<>(context, ConfigPlugin.class, into(plugins::bind, plugins::unbind));
    consumer.open();
    checks = new ServiceTracker<>(context, HealthCheck.class, into(health::bindCheck, health::unbindCheck));
    checks.open();
  }

  private interface Bind<S> {
    void to(S service, Map<String, ?> properties);
  }

  private <S> ServiceTrackerCustomizer<S, S> into(Bind<S> bind, java.util.function.Consumer<S> unbind) {
    return new ServiceTrackerCustomizer<>() {
      @Override
      public S addingService(ServiceReference<S> reference) {
        S service = context.getService(reference);
        Map<String, Object> properties = new HashMap<>();
        for (String key : reference.getPropertyKeys()) {
          properties.put(key, reference.getProperty(key));
        }
        bind.to(service, properties);
        return service;
      }

      @Override
      public void modifiedService(ServiceReference<S> reference, S service) {
        // nobody does in these tests
      }

      @Override
      public void removedService(ServiceReference<S> reference, S service) {
        unbind.accept(service);
      }
    };
  }

  private static Path jarOf(String resource) {
    String url = House.class.getClassLoader().getResource(resource).toString();
    return Path.of(URI.create(url.substring("jar:".length(), url.indexOf("!/"))));
  }

  /** A bundle as the launcher starts it. */
  Bundle tree(String file, Plugin plugin) throws Exception {
    Path jar = Files.createDirectories(root.resolve("bundles")).resolve(file);
    if (!Files.exists(jar)) {
      Files.write(jar, plugin.jar());
    }
    Bundle bundle = context.installBundle("reference:" + jar.toUri());
    bundle.start(Bundle.START_TRANSIENT);
    return bundle;
  }

  House caretaker(int probation) {
    return caretaker(probation, 2);
  }

  House caretaker(int probation, int patience) {
    ServiceComponentRuntime runtime = context.getService(context.getServiceReference(ServiceComponentRuntime.class));
    caretaker = new Caretaker(context, new Caretaker.Config() {
      @Override
      public String folder() {
        return data.toString();
      }

      @Override
      public String deployFolder() {
        return deploy.toString();
      }

      @Override
      public String trustFolder() {
        return root.resolve("trust").toString();
      }

      @Override
      public String signatures() {
        return signatures;
      }

      @Override
      public int probation() {
        return probation;
      }

      @Override
      public int patience() {
        return patience;
      }

      @Override
      public int pollMillis() {
        return 20;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Caretaker.Config.class;
      }
    }, runtime, health);
    return this;
  }

  /** Until then nothing can be handed in. */
  void awaitCharge() {
    await(() -> {
      try {
        caretaker.rollback("nobody");
        return false;
      } catch (com.fxplatform.api.Refusal no) {
        return no.status() == 404;
      }
    }, "the caretaker");
  }

  Path drop(String name, Plugin plugin) throws IOException {
    return drop(name, plugin.jar());
  }

  Path drop(String name, byte[] content) throws IOException {
    Path half = Files.write(deploy.resolve(name + ".part"), content);
    return Files.move(half, deploy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  /** What the plugin says now; empty if nobody does. */
  String says() {
    return plugins.tryCall("acme.greeter", plugin -> String.valueOf(plugin.contribute(null).get("says"))).orElse("");
  }

  List<State> states() {
    return caretaker.ledger().stream().map(Deployment::state).toList();
  }

  Deployment last() {
    List<Deployment> ledger = caretaker.ledger();
    return ledger.isEmpty() ? null : ledger.get(ledger.size() - 1);
  }

  Deployment awaitLast(State state) {
    await(() -> last() != null && last().state() == state, "state " + state);
    return last();
  }

  /** Not the line by which the tree's version enters the ledger. */
  void awaitSettled(String version) {
    await(() -> last() != null && last().state() == State.SETTLED && last().version().equals(version), version + " settled");
  }

  /** The sentence with which a jar bounced. */
  String awaitWhy(String name) throws IOException {
    Path why = deploy.resolve("rejected").resolve(name + ".why.txt");
    await(() -> Files.exists(why) && why.toFile().length() > 0, "the rejection of " + name);
    return Files.readString(why).strip();
  }

  void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        fail("Not within 30 s: " + what + "; ledger: " + (caretaker == null ? "" : caretaker.ledger()));
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  List<Bundle> greeters() {
    return Arrays.stream(context.getBundles()).filter(bundle -> Plugin.NAME.equals(bundle.getSymbolicName())).toList();
  }

  /** As after {@code kill -9}: nothing is put in order, only the folders remain. */
  House restarted() throws Exception {
    crash();
    return new House(root);
  }

  void crash() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
    close();
  }

  @Override
  public void close() throws Exception {
    if (caretaker != null) {
      caretaker.close();
    }
    health.close();
    consumer.close();
    checks.close();
    framework.stop();
    framework.waitForStop(10_000);
  }
}
