package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The client of a runtime's back door. */
final class BackDoor {
  private final int port;
  private final RunFile of;
  private final Path token;

  BackDoor(Instance instance, RunFile of) {
    this.of = of;
    this.port = of.adminPort();
    this.token = instance.data().resolve("admin.token");
  }

  /** Whether HTTP is there for whoever asks next, if the runtime has any. */
  boolean httpAnswers() {
    if (of.httpPort() == 0) {
      return true;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(of.reachableHost(), of.httpPort()), 500);
      return true;
    } catch (IOException nobody) {
      return false;
    }
  }

  /** Sentences, at least one. */
  List<String> whyNotLive() {
    List<String> why = new ArrayList<>();
    Optional<Map<String, Object>> health = health();
    if (port != 0 && health.isEmpty()) {
      why.add("The back door on 127.0.0.1:" + port + " does not answer.");
    }
    health.map(BackDoor::complaints).ifPresent(why::addAll);
    if (!httpAnswers()) {
      why.add("Nothing listens on " + of.reachableHost() + ":" + of.httpPort() + ".");
    }
    return why.isEmpty() ? List.of("Something vital has no health check that says why.") : why;
  }

  /** @return the answer as JSON, or empty while nobody answers */
  Optional<Map<String, Object>> get(String path) {
    if (port == 0) {
      return Optional.empty();
    }
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(5000);
      if (Files.isReadable(token)) {
        connection.setRequestProperty("Authorization", "Bearer " + Files.readString(token).strip());
      }
      int status = connection.getResponseCode();
      try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        Map<String, Object> answer =
            Json.object(Json.parse(in == null ? "{}" : new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        return status == 200 || status == 503 ? Optional.of(answer) : Optional.empty();
      }
    } catch (IOException | IllegalArgumentException nobody) {
      return Optional.empty();
    }
  }

  /**
   * Hands something in.
   *
   * @return the answer as JSON
   */
  Map<String, Object> post(String path, String text) {
    if (port == 0) {
      throw new Trouble(of.name() + " has no back door; add `include backdoor` to its runtime file.");
    }
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      connection.setConnectTimeout(1000);
      connection.setReadTimeout(30_000);
      connection.setRequestProperty("Content-Type", "text/plain; charset=utf-8");
      connection.setRequestProperty("Authorization", "Bearer " + Files.readString(token).strip());
      connection.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      int status = connection.getResponseCode();
      try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        Map<String, Object> answer =
            Json.object(Json.parse(in == null ? "{}" : new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        if (status >= 400) {
          throw new Trouble(String.valueOf(answer.getOrDefault("error", "The back door answers " + status + ".")));
        }
        return answer;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new Trouble("The back door of " + of.name() + " does not answer (" + e.getMessage() + "); look with `fx status`.");
    }
  }

  Optional<Map<String, Object>> health() {
    return get("/health");
  }

  static boolean is(Map<String, Object> health, String what) {
    return Boolean.TRUE.equals(health.get(what));
  }

  /** What is not as it should be, worst first, one sentence each. */
  static List<String> complaints(Map<String, Object> health) {
    List<String> all = new ArrayList<>();
    for (Map<String, Object> bundle : Json.objects(health.get("bundles"))) {
      if (!Boolean.TRUE.equals(bundle.get("ok"))) {
        all.add("Bundle " + bundle.get("name") + " " + bundle.get("version") + " is " + bundle.get("state") + ".");
      }
    }
    for (Map<String, Object> check : Json.objects(health.get("checks"))) {
      if (!"OK".equals(check.get("status"))) {
        all.add(check.get("name") + ": " + check.get("message") + (check.get("status").equals("WARN") ? " (warning)" : ""));
      }
    }
    // the others are the half of a room that another assembly uses
    for (Map<String, Object> component : Json.objects(health.get("unsatisfied"))) {
      if (is(component, "vital")) {
        all.add("Component " + component.get("component") + " of " + component.get("bundle") + " does not come up: "
            + String.join("; ", ((List<?>) component.getOrDefault("reasons", List.of())).stream().map(String::valueOf).toList()) + ".");
      }
    }
    return all;
  }
}
