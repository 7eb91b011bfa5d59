package com.fxplatform.deploy.plugin;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;

/** Becomes the only class of each plugin in the tests; what it does stands in its jar. */
public final class Greeter implements ConfigPlugin, HealthCheck {
  private final Properties behaviour = new Properties();
  private final java.util.concurrent.atomic.AtomicInteger calls = new java.util.concurrent.atomic.AtomicInteger();
  private volatile boolean active;

  /** Reads how to behave. */
  public Greeter() throws IOException {
    try (InputStream in = Greeter.class.getResourceAsStream("/behaviour")) {
      behaviour.load(in);
    }
  }

  void activate() throws InterruptedException {
    String mode = behaviour.getProperty("activate", "");
    if (mode.equals("throws")) {
      throw new IllegalStateException("the disk is upside down");
    }
    if (mode.equals("hangs")) {
      new CountDownLatch(1).await();
    }
    active = true;
  }

  void deactivate() {
    active = false;
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    if (!active) {
      throw new IllegalStateException("called while not active");
    }
    if (Boolean.getBoolean("fx.test.break." + behaviour.getProperty("says"))) {
      throw new IllegalStateException("broken after all");
    }
    long millis = Long.parseLong(behaviour.getProperty("millis", "0"));
    if (millis > 0 && calls.incrementAndGet() <= Integer.parseInt(behaviour.getProperty("slowCalls", "1000000"))) {
      long until = System.nanoTime() + millis * 1_000_000;
      while (System.nanoTime() < until) {
        java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
      }
    }
    return Map.of("says", behaviour.getProperty("says"));
  }

  @Override
  public Result execute() {
    boolean sick = behaviour.getProperty("health", "").equals("sick") || Boolean.getBoolean("fx.test.sick." + behaviour.getProperty("says"));
    return sick ? new Result(Result.Status.CRITICAL, "no greeting card left") : new Result(Result.Status.OK, "fine");
  }
}
