package com.fxplatform.itests.framework;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The running framework as a test handles it. What a test registers and installs goes with its bundle context. */
final class House {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  private final BundleContext context;

  House(BundleContext context) {
    this.context = context;
  }

  <S> ServiceRegistration<S> offer(Class<S> type, S service, Map<String, ?> properties) {
    Dictionary<String, Object> table = new Hashtable<>(properties);
    return context.registerService(type, service, table);
  }

  /** The service, once somebody offers it. */
  <S> S service(Class<S> type) {
    until(() -> context.getServiceReference(type) != null, () -> "Nobody offers " + type.getName());
    return context.getService(context.getServiceReference(type));
  }

  <S> boolean offered(Class<S> type) {
    return context.getServiceReference(type) != null;
  }

  Bundle bundle(String symbolicName) {
    return Arrays.stream(context.getBundles()).filter(b -> symbolicName.equals(b.getSymbolicName())).findFirst()
        .orElseThrow(() -> new IllegalStateException(symbolicName + " is not installed"));
  }

  /** The same jar once more, beside the one that runs; not started yet. */
  Bundle twin(Bundle bundle) throws IOException, BundleException {
    String location = bundle.getLocation().replaceFirst("^reference:", "");
    URI jar = location.startsWith("file:") ? URI.create(location) : Path.of(location).toUri();
    try (InputStream in = jar.toURL().openStream()) {
      return context.installBundle("twin-" + System.nanoTime(), in);
    }
  }

  /** Sets the whole configuration of a PID, for every bundle that asks. */
  Configuration configure(String pid, Map<String, ?> values) throws IOException {
    Configuration configuration = service(ConfigurationAdmin.class).getConfiguration(pid, "?");
    configuration.update(new Hashtable<>(values));
    return configuration;
  }

  URI address(String path) {
    until(() -> endpoint() != null, () -> "The front door has no address");
    return URI.create(endpoint()).resolve(path);
  }

  private String endpoint() {
    try {
      ServiceReference<?>[] found =
          context.getAllServiceReferences("org.osgi.service.servlet.runtime.HttpServiceRuntime", "(osgi.http.endpoint=http*)");
      if (found == null) {
        return null;
      }
      Object endpoints = found[0].getProperty("osgi.http.endpoint");
      String[] all = endpoints instanceof String[] many ? many : new String[] {String.valueOf(endpoints)};
      // the pages of errors come by a connector without a port
      return Arrays.stream(all).filter(endpoint -> !endpoint.endsWith(":0/")).findFirst().orElse(null);
    } catch (InvalidSyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
    return send("GET", path, null, headers);
  }

  HttpResponse<String> send(String method, String path, String body, String... headers) throws IOException, InterruptedException {
    var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    var request = HttpRequest.newBuilder(address(path)).timeout(PATIENCE).method(method, publisher);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  static void until(BooleanSupplier condition, Supplier<String> otherwise) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(otherwise.get());
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
