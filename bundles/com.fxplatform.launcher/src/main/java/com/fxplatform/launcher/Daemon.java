package com.fxplatform.launcher;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts, finds and stops runtimes that live in processes of their own: {@code fx start}, {@code fx stop}. */
final class Daemon {
  private static final long POLL_MILLIS = 50;
  private static final int STUCK_SECONDS = 60;
  private static final int STOP_PATIENCE_SECONDS = 10;
  /** For a JVM that is gone in a moment; bin/fx says the same. */
  static final List<String> COMMAND_JVM = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  private final Fx fx;
  private final Instance instance;
  private final String name;

  Daemon(Fx fx, String name) {
    this.fx = fx;
    this.instance = fx.instance();
    this.name = name;
  }

  /** The run file of a runtime that runs indeed. */
  Optional<RunFile> running() {
    return RunFile.read(instance, name).filter(file -> process(file).isPresent());
  }

  /** A process that has ended, but that nobody has buried yet, does not run. */
  static Optional<ProcessHandle> process(RunFile file) {
    return file.process().filter(process -> {
      Path stat = Path.of("/proc/" + process.pid() + "/stat");
      try {
        String text = Files.isReadable(stat) ? Files.readString(stat) : "";
        int state = text.lastIndexOf(") ");
        return state < 0 || "ZX".indexOf(text.charAt(state + 2)) < 0;
      } catch (IOException gone) {
        return false;
      }
    });
  }

  int start() throws InterruptedException {
    long began = System.nanoTime();
    RuntimeFile runtime = fx.service(name);
    Optional<RunFile> already = running();
    if (already.isPresent()) {
      fx.out().println(name + " is running already, pid " + already.get().pid() + ": " + already.get().urls() + ".");
      return 0;
    }
    Settings settings = fx.settings(runtime);
    instance.create();
    instance.refuseOpenSecrets();
    // asked here too, so that the answer comes at once; whoever is starting already may have the ports by now
    refuseTwo();
    Ports.probe(fx.settings(runtime));
    forget();
    Process process = spawn(settings);
    boolean told = false;
    // the process judges itself, and says why; this only ends the wait for one that is stuck
    long deadline = began + TimeUnit.SECONDS.toNanos(settings.startPatience() + STUCK_SECONDS);
    while (process.isAlive() && System.nanoTime() < deadline) {
      Optional<RunFile> file = RunFile.read(instance, name).filter(f -> f.pid() == process.pid() && f.live());
      if (file.isPresent()) {
        fx.out().println(name + " is up after " + Fx.seconds(began) + ": " + file.get().urls() + ".");
        return 0;
      }
      if (!told && System.nanoTime() - began > TimeUnit.SECONDS.toNanos(2)) {
        fx.out().println(name + " is starting, pid " + process.pid() + " ...");
        told = true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    process.destroy();
    if (!process.waitFor(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    forget();
    refuseTwo();
    throw new Trouble(name + " did not start." + System.lineSeparator() + lastWords());
  }

  /** Another call may have been a moment earlier: one sentence, and nothing of ours. */
  private void refuseTwo() {
    try {
      RunFile.lock(instance, name).close();
    } catch (IOException closed) {
      throw new Trouble("The lock of " + name + " cannot be let go (" + closed.getMessage() + "); look at the disk.");
    }
  }

  /** What a process wrote that ended without a word; never what another call has just started. */
  private void forget() {
    if (running().isEmpty()) {
      RunFile.delete(instance, name);
    }
  }

  private Path outFile() {
    return instance.logs().resolve(name + ".out");
  }

  private Process spawn(Settings settings) {
    String heap = heap(settings);
    List<String> command = new ArrayList<>(ownSession());
    command.add(java());
    command.addAll(jvm(heap));
    command.addAll(new ClassArchive(fx).options(name, settings));
    command.addAll(options(settings));
    command.add("-XX:ErrorFile=" + instance.logs().resolve("hs_err_" + name + ".log"));
    command.addAll(List.of("-jar", fx.home().launcher().toString(), "run", name, "--data", instance.root().toString(), "--daemon"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(outFile().toFile());
    builder.environment().put("FX_HOME", fx.home().root().toString());
    try {
      Process process = builder.start();
      // not as arguments: every user of the machine can read those
      try (OutputStream in = process.getOutputStream()) {
        in.write(Json.write(fx.sets()).getBytes(StandardCharsets.UTF_8));
      }
      return process;
    } catch (IOException e) {
      throw new Trouble("The Java process cannot be started (" + e.getMessage() + "); check JAVA_HOME.");
    }
  }

  private static List<String> options(Settings settings) {
    return Stream.of(settings.get(Settings.JVM_OPTIONS).split(" ")).filter(option -> !option.isBlank()).toList();
  }

  static String heap(Settings settings) {
    String heap = settings.get(Settings.JVM_HEAP);
    if (!heap.matches("[0-9]+[kKmMgG]")) {
      throw new Trouble(Settings.JVM_HEAP + "=" + heap + " is no size; write for example 512m or 2g.");
    }
    return heap;
  }

  static List<String> jvm(String heap) {
    return List.of(
        "-Xmx" + heap, "-Dfx.jvm.heap=" + heap, "-Xshare:auto", "-XX:+ExitOnOutOfMemoryError",
        // a start is two seconds on two processors, and a compiler that does not wait takes half of them; what serves is compiled all the same
        "-XX:+IgnoreUnrecognizedVMOptions",
        "-XX:Tier4InvocationThreshold=15000", "-XX:Tier4MinInvocationThreshold=2000",
        "-XX:Tier4CompileThreshold=40000", "-XX:Tier4BackEdgeThreshold=120000",
        // the classes of a start would otherwise make the collector stop the world twice for having met them
        "-XX:MetaspaceSize=96m",
        // on two processors the JDK has no common pool and makes a thread for each answer of its HTTP client
        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + Math.max(2, Runtime.getRuntime().availableProcessors() - 1));
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** What takes the process out of this terminal's hands; both keep the pid. Windows needs nothing. */
  private static List<String> ownSession() {
    for (String tool : List.of("setsid", "nohup")) {
      for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
        if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, tool))) {
          return List.of(Path.of(folder, tool).toString());
        }
      }
    }
    return List.of();
  }

  private String lastWords() {
    List<String> said = tail(outFile(), 200).stream().filter(line -> line.startsWith("fx: ")).toList();
    if (said.isEmpty()) {
      // it died without a sentence: what it printed and the log are all there is
      said = Stream.concat(tail(outFile(), 20).stream(), tail(instance.logs().resolve(name + ".log"), 200).stream())
          .filter(line -> !line.matches("\\s+(at|\\.\\.\\.) .*")).toList();
      said = said.subList(Math.max(0, said.size() - 20), said.size());
    }
    return String.join(System.lineSeparator(), said.stream().map(line -> line.replaceFirst("^fx: ", "")).toList())
        + System.lineSeparator() + "The log: " + instance.logs().resolve(name + ".log");
  }

  private static List<String> tail(Path file, int lines) {
    try {
      if (!Files.isReadable(file)) {
        return List.of();
      }
      List<String> all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      return all.subList(Math.max(0, all.size() - lines), all.size());
    } catch (IOException e) {
      return List.of();
    }
  }

  int stop() throws InterruptedException {
    long began = System.nanoTime();
    Optional<RunFile> file = RunFile.read(instance, name);
    Optional<ProcessHandle> process = file.flatMap(Daemon::process);
    if (process.isEmpty()) {
      RunFile.delete(instance, name);
      fx.out().println(name + " is not running.");
      return 0;
    }
    if (process.get().supportsNormalTermination()) {
      process.get().destroy();
    } else {
      try {
        Files.writeString(RunFile.stopRequest(instance, name), "");
      } catch (IOException e) {
        process.get().destroyForcibly();
      }
    }
    if (!gone(file.get(), STOP_PATIENCE_SECONDS)) {
      process.get().destroyForcibly();
      gone(file.get(), STOP_PATIENCE_SECONDS);
      fx.out().println(name + " did not stop within " + STOP_PATIENCE_SECONDS + " s and was killed.");
    } else {
      fx.out().println(name + " stopped after " + Fx.seconds(began) + ".");
    }
    RunFile.delete(instance, name);
    return 0;
  }

  private static boolean gone(RunFile file, int seconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (process(file).isPresent()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }

  /**
   * Runs the same call in a child with another heap, when this JVM was given less or more than the setting says.
   *
   * @return the child's exit code, or empty if this JVM will do
   */
  Optional<Integer> rerunWithHeap() throws InterruptedException {
    String heap = heap(fx.settings(fx.service(name)));
    String have = System.getProperty("fx.jvm.heap", "");
    if (have.isEmpty() || have.equals(heap)) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(jvm(heap));
    command.addAll(List.of("-jar", fx.home().launcher().toString(), "run", name, "--data", instance.root().toString(), "--sets-on-stdin"));
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("FX_HOME", fx.home().root().toString());
    try {
      Process child = builder.start();
      try (OutputStream in = child.getOutputStream()) {
        in.write(Json.write(fx.sets()).getBytes(StandardCharsets.UTF_8));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        child.destroy();
        try {
          child.waitFor(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS);
          Runtime.getRuntime().halt(child.isAlive() ? 1 : child.exitValue());
        } catch (InterruptedException e) {
          Runtime.getRuntime().halt(1);
        }
      }, "fx-launcher-stop"));
      return Optional.of(child.waitFor());
    } catch (IOException e) {
      throw new Trouble("The Java process cannot be started (" + e.getMessage() + "); check JAVA_HOME.");
    }
  }

  /** What is known of each runtime of this instance, or of one. */
  static List<Map<String, Object>> status(Fx fx, String only) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (RunFile file : RunFile.all(fx.instance())) {
      if (only == null || only.equals(file.name())) {
        rows.add(row(fx, file));
      }
    }
    return rows;
  }

  private static Map<String, Object> row(Fx fx, RunFile file) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", file.name());
    boolean running = process(file).isPresent();
    row.put("running", running);
    row.put("pid", file.pid());
    row.put("since", file.since().toString());
    row.put("version", file.version());
    Optional<Map<String, Object>> health =
        running ? new BackDoor(fx.instance(), file).health() : Optional.empty();
    row.put("live", running && (file.adminPort() == 0 || health.filter(h -> BackDoor.is(h, "live")).isPresent()));
    row.put("ready", running && (file.adminPort() == 0 || health.filter(h -> BackDoor.is(h, "ready")).isPresent()));
    row.put("httpPort", file.httpPort());
    row.put("adminPort", file.adminPort());
    List<String> complaints = health.map(BackDoor::complaints).orElse(List.of());
    if (!running) {
      complaints = List.of("It ended without being stopped; see " + fx.instance().logs().resolve(file.name() + ".log") + ".");
    } else if (health.isEmpty() && file.adminPort() != 0) {
      complaints = List.of("Its back door on 127.0.0.1:" + file.adminPort() + " does not answer; it is starting or stuck.");
    }
    row.put("complaints", complaints);
    return row;
  }
}
