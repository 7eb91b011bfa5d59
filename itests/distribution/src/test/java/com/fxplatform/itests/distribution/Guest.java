package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Moves into a newcomer's jar and misbehaves there; how, stands beside it in {@code guest.properties}. */
public class Guest implements HealthCheck {
  private final Properties behaviour = new Properties();
  private BundleContext context;

  public Guest() throws IOException {
    try (InputStream in = Guest.class.getResourceAsStream("/guest.properties")) {
      behaviour.load(in);
    }
  }

  /** Called by the component runtime. */
  protected void activate(BundleContext given, Map<String, Object> configuration) {
    context = given;
    configuration.forEach((key, value) -> behaviour.setProperty(key, String.valueOf(value)));
    if (says("activate").equals("throws")) {
      throw new IllegalStateException("the disk is upside down");
    }
    gate("activate");
  }

  /** Called by the component runtime, live on save. */
  protected void modified(Map<String, Object> configuration) {
    configuration.forEach((key, value) -> behaviour.setProperty(key, String.valueOf(value)));
  }

  protected void deactivate() {
    gate("deactivate");
  }

  protected final String says(String key) {
    return behaviour.getProperty(key, "");
  }

  /** Waits as long as the gate's file is there, at most half a minute. */
  private void gate(String which) {
    String file = says("gate." + which);
    if (!file.isEmpty()) {
      pause(30_000, Path.of(file));
    }
  }

  /** Waits, while a file is there if one is given. */
  protected static void pause(long millis, Path file) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end && (file == null || Files.exists(file))) {
      LockSupport.parkNanos(2_000_000);
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted");
      }
    }
  }

  /** Whether a former version still stands beside this one. */
  private boolean onTrial() {
    for (Bundle other : context.getBundles()) {
      if (other.getBundleId() != context.getBundle().getBundleId() && other.getState() == Bundle.ACTIVE
          && context.getBundle().getSymbolicName().equals(other.getSymbolicName())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Result execute() {
    gate("health");
    boolean sick = says("health").equals("sick") || says("health").equals("later") && !onTrial();
    return sick ? new Result(Result.Status.CRITICAL, "The cards are all gone: buy some.") : new Result(Result.Status.OK, "There are cards.");
  }
}
