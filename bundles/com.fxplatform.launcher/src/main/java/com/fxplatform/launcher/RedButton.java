package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Presses the buttons of the executor's own page: emergency stop and resume. */
final class RedButton {
  private static final int PATIENCE_SECONDS = 20;
  private static final String COMMANDS = "/api/local/commands";

  private final Fx fx;
  private final String runtime;

  RedButton(Fx fx, String runtime) {
    this.fx = fx;
    this.runtime = runtime;
  }

  int stop(String reason) throws InterruptedException {
    Optional<String> page = page();
    if (page.isEmpty()) {
      return note(reason);
    }
    String token = token(page.get());
    Map<String, Object> said = call(page.get(), "/api/local/emergency-stop", token, Map.of("reason", reason));
    fx.out().println(said.get("message"));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    Map<String, Object> report = Map.of();
    while (System.nanoTime() < deadline) {
      report = Json.object(call(page.get(), COMMANDS, "", null).getOrDefault("emergencyStop", Map.of()));
      if (BackDoor.is(report, "flat")) {
        proofs(report);
        fx.out().println("Nothing is open: " + report.get("detail") + " Trading stays halted until `fx resume" + fx.dataOption() + "`.");
        return 0;
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
    proofs(report);
    fx.err().println("fx: Trading is halted, but the terminal is not proven flat yet: " + report.get("detail")
        + " The executor goes on; look with `fx status" + fx.dataOption() + "`.");
    return 1;
  }

  int resume() {
    String page = page().orElseThrow(() -> new Trouble("The executor does not run here: start it with `fx start " + runtime + fx.dataOption() + "`, then resume."));
    fx.out().println(call(page, "/api/local/resume", token(page), Map.of()).get("message"));
    return 0;
  }

  private void proofs(Map<String, Object> report) {
    Json.object(report.getOrDefault("positions", Map.of())).forEach((ticket, what) -> fx.out().println("  " + ticket + ": " + what));
  }

  /** Nobody trades here now; whoever starts here next halts first. */
  private int note(String reason) {
    try {
      Path folder = fx.instance().data().resolve("journal");
      Files.createDirectories(folder);
      Path next = Files.writeString(folder.resolve("emergency-stop.new"), reason);
      Files.move(next, folder.resolve("emergency-stop"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException full) {
      throw new Trouble("The stop could not be noted for the next start (" + full.getMessage() + "): do not start the executor, and close everything in the terminal.");
    }
    fx.err().println("fx: The executor does not run here, so nothing trades from here. What is open stays open: close it in the terminal, or run `fx start "
        + runtime + fx.dataOption() + "`, which halts and closes before anything else.");
    return 1;
  }

  private Optional<String> page() {
    return RunFile.read(fx.instance(), runtime).filter(run -> run.httpPort() != 0 && Daemon.process(run).isPresent())
        .map(run -> "http://127.0.0.1:" + run.httpPort());
  }

  private String token(String page) {
    return String.valueOf(call(page, COMMANDS, "", null).getOrDefault("token", ""));
  }

  private Map<String, Object> call(String page, String path, String token, Map<String, Object> body) {
    try {
      HttpURLConnection connection = (HttpURLConnection) URI.create(page + path).toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(2000);
      connection.setReadTimeout(10_000);
      if (body != null) {
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("X-FX-Local", token);
        connection.getOutputStream().write(Json.write(body).getBytes(StandardCharsets.UTF_8));
      }
      int status = connection.getResponseCode();
      try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        Map<String, Object> answer = Json.object(Json.parse(in == null ? "{}" : new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        if (status >= 400) {
          throw new Trouble(String.valueOf(answer.getOrDefault("error", "The executor answers " + status + ".")));
        }
        return answer;
      }
    } catch (IOException | IllegalArgumentException gone) {
      throw new Trouble("The executor at " + page + " does not answer (" + gone.getMessage() + "); look with `fx status" + fx.dataOption() + "`.");
    }
  }
}
