package com.fxplatform.executor;

import com.fxplatform.api.vault.SecretVault;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** A platform server on loopback, and the executor's neighbours. */
final class Platform implements AutoCloseable {
  static final String KEY = "exe_" + "0123456789abcdef".repeat(2);
  static final String SECRET = "fedcba9876543210".repeat(4);

  /** What the server was asked. */
  record Asked(String method, String path, Map<String, String> headers, String body, long at) {}

  /** What it says. */
  record Says(int status, Map<String, String> headers, String body) {
    static Says json(int status, String body) {
      return new Says(status, Map.of("Content-Type", "application/json"), body);
    }
  }

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  final HttpServer server;
  final ExecutorService threads = Executors.newCachedThreadPool(PlatformLine.named("test-platform"));
  volatile Function<Asked, Says> config = a -> Says.json(500, "{}");
  volatile Function<Asked, Says> heartbeat = a -> Says.json(200, "{\"success\":true,\"pendingCommands\":[],\"timestamp\":\"" + Instant.now() + "\"}");
  volatile String secret = SECRET;
  final List<Map<String, Object>> applied = new CopyOnWriteArrayList<>();
  volatile Map<String, Object> inForce;

  Platform() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException busy) {
      throw new UncheckedIOException(busy);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new HashMap<>();
      exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
      Asked a =
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              headers,
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
              System.nanoTime());
      asked.add(a);
      Says says = a.path().endsWith("/heartbeat") ? heartbeat.apply(a) : config.apply(a);
      says.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      byte[] body = says.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(says.status(), body.length == 0 || says.status() == 304 ? -1 : body.length);
      if (body.length > 0 && says.status() != 304) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Asked> asked(String suffix) {
    return asked.stream().filter(a -> a.path().endsWith(suffix)).toList();
  }

  PlatformLine line(String url) {
    PlatformLine line = new PlatformLine(access(url, KEY, "1"));
    line.bindVault(vault(), Map.of("service.id", 1L));
    return line;
  }

  SecretVault vault() {
    return new SecretVault() {
      @Override
      public Optional<char[]> read(String name) {
        return Optional.ofNullable(secret).map(String::toCharArray);
      }

      @Override
      public void write(String name, char[] s) {
        secret = new String(s);
      }

      @Override
      public void delete(String name) {
        secret = null;
      }

      @Override
      public String place() {
        return "memory";
      }
    };
  }

  /** Config Admin as far as the executor uses it. */
  ConfigurationAdmin admin() {
    Configuration one =
        (Configuration)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Configuration.class},
                (proxy, method, args) -> {
                  switch (method.getName()) {
                    case "updateIfDifferent" -> {
                      Map<String, Object> next = map((Dictionary<?, ?>) args[0]);
                      boolean changed = inForce == null || !same(inForce, next);
                      inForce = next;
                      if (changed) {
                        applied.add(next);
                      }
                      return changed;
                    }
                    case "delete" -> {
                      inForce = null;
                      return null;
                    }
                    default -> throw new AssertionError(method);
                  }
                });
    return (ConfigurationAdmin)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ConfigurationAdmin.class},
            (proxy, method, args) -> {
              if (!method.getName().equals("getConfiguration") || !args[0].equals("com.fxplatform.provisioned")) {
                throw new AssertionError(method);
              }
              return one;
            });
  }

  private static boolean same(Map<String, Object> a, Map<String, Object> b) {
    return a.keySet().equals(b.keySet()) && a.keySet().stream().allMatch(k -> java.util.Objects.deepEquals(a.get(k), b.get(k)));
  }

  private static Map<String, Object> map(Dictionary<?, ?> from) {
    Map<String, Object> to = new HashMap<>();
    for (Object key : Collections.list(from.keys())) {
      to.put((String) key, from.get(key));
    }
    return to;
  }

  static PlatformLine.Config access(String url, String key, String setupAt) {
    return new PlatformLine.Config() {
      @Override
      public String platformUrl() {
        return url;
      }

      @Override
      public String apiKey() {
        return key;
      }

      @Override
      public String setupAt() {
        return setupAt;
      }

      @Override
      public String folder() {
        return "";
      }

      @Override
      public boolean autoProvision() {
        return true;
      }

      @Override
      public boolean standby() {
        return false;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return PlatformLine.Config.class;
      }
    };
  }

  /** A good answer of the config endpoint, with a few members of one's own. */
  static String answer(String more) {
    return "{\"success\":true,\"config\":{\"executorId\":\"cexec1\",\"executorName\":\"VPS\",\"platformUrl\":\"https://fx.example.com\","
        + "\"pusherKey\":\"k\",\"pusherCluster\":\"ap1\",\"zmqPort\":5555,\"zmqHost\":\"tcp://localhost\",\"heartbeatInterval\":60,"
        + "\"connectionTimeout\":3000,\"features\":{\"safetyChecks\":true},\"sharedSecret\":\"s3cr3t\",\"serverTime\":\"" + Instant.now()
        + "\",\"executorStatus\":\"" + Math.random() + "\"" + more + "},\"metadata\":{\"timestamp\":\"" + Instant.now() + "\"}}";
  }

  static Says good(String etag, String more) {
    return new Says(200, etag.isEmpty() ? Map.of() : Map.of("ETag", etag), answer(more));
  }

  static void until(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
