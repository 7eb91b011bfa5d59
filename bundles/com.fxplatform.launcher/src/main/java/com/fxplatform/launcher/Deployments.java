package com.fxplatform.launcher;

import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Deploys by the back door of a runtime that runs: {@code fx deploy}, {@code fx rollback}, {@code fx deployments}. */
final class Deployments {
  private static final Set<String> BAD_ENDS = Set.of("REJECTED", "REMOVED");
  private static final long LOOK_MILLIS = 100;
  // a silent ledger for so long means that nobody works on it any more
  private static final long SILENCE_SECONDS = 300;

  private final BackDoor door;
  private final PrintStream out;

  /** @param runtime which one, or {@code null} for the only one that runs */
  static Deployments of(Fx fx, String runtime) {
    List<RunFile> running = RunFile.all(fx.instance()).stream().filter(file -> Daemon.process(file).isPresent())
        .filter(file -> runtime == null ? file.adminPort() != 0 : file.name().equals(runtime)).toList();
    if (running.isEmpty()) {
      throw new Trouble((runtime == null ? "Nothing" : runtime + " is not running; nothing") + " to deploy into runs in "
          + fx.instance().root() + ": start it first, or name the instance with --data.");
    }
    if (running.size() > 1) {
      throw new Trouble("Several runtimes run here: " + String.join(", ", running.stream().map(RunFile::name).toList())
          + ". Say which one with --runtime.");
    }
    return new Deployments(new BackDoor(fx.instance(), running.get(0)), fx.out());
  }

  Deployments(BackDoor door, PrintStream out) {
    this.door = door;
    this.out = out;
  }

  int deploy(Path jar) throws InterruptedException {
    if (!Files.isRegularFile(jar)) {
      throw new Trouble("There is no file " + jar + ".");
    }
    return follow(door.post("/deploy", jar.toAbsolutePath().normalize().toString()));
  }

  int rollback(String name) throws InterruptedException {
    return follow(door.post("/rollback/" + URLEncoder.encode(name, StandardCharsets.UTF_8), ""));
  }

  /** Prints the states as they pass. */
  private int follow(Map<String, Object> handedIn) throws InterruptedException {
    String id = String.valueOf(handedIn.get("id"));
    out.println(handedIn.get("name") + " " + handedIn.get("version") + " is handed in");
    int printed = 0;
    long heard = System.nanoTime();
    while (System.nanoTime() - heard < TimeUnit.SECONDS.toNanos(SILENCE_SECONDS)) {
      List<Map<String, Object>> lines = lines().stream().filter(line -> id.equals(line.get("id"))).toList();
      for (Map<String, Object> line : lines.subList(Math.min(printed, lines.size()), lines.size())) {
        out.println(said(line));
        heard = System.nanoTime();
        String state = String.valueOf(line.get("state"));
        if (state.equals("SETTLED") || BAD_ENDS.contains(state)) {
          return state.equals("SETTLED") ? 0 : 1;
        }
      }
      printed = lines.size();
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    throw new Trouble("Nothing was heard of it for " + SILENCE_SECONDS + " s; look with `fx status` and `fx deployments`.");
  }

  int list() {
    List<Map<String, Object>> lines = lines();
    if (lines.isEmpty()) {
      out.println("Nothing was ever deployed here.");
    }
    lines.forEach(line -> out.println(line.get("at") + "  #" + line.get("id") + "  " + line.get("name") + " " + line.get("version")
        + "  " + said(line)));
    return 0;
  }

  private static String said(Map<String, Object> line) {
    String why = String.valueOf(line.getOrDefault("why", ""));
    return line.get("state") + (why.isEmpty() ? "" : ": " + why);
  }

  private List<Map<String, Object>> lines() {
    return Json.objects(door.get("/deployments")
        .orElseThrow(() -> new Trouble("The back door does not answer; look with `fx status`.")).get("deployments"));
  }
}
