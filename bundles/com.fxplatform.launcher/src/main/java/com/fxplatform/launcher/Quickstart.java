package com.fxplatform.launcher;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole main job once, on real sockets and in a throw-away folder: server, paper terminal and executor as three
 * processes; two fields typed; three commands sent and answered. It does what a user would do, by the same means.
 */
final class Quickstart {
  private static final Set<String> ENDED = Set.of("executed", "failed", "cancelled", "expired", "unknown");
  private static final List<String> RUNTIMES = List.of("server", "paper", "executor");

  private final Home home;
  private final PrintStream out;
  private final long began = System.nanoTime();
  private final Path folder;
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final List<String> started = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  Quickstart(Home home, PrintStream out) {
    this.home = home;
    this.out = out;
    try {
      this.folder = Files.createTempDirectory("fx-quickstart-");
    } catch (IOException e) {
      throw new Trouble("No throw-away folder can be made (" + e.getMessage() + "); set TMPDIR to a folder with room.");
    }
  }

  /** @return 0 if every step went well */
  int run(boolean once) throws InterruptedException {
    Thread cleaner = new Thread(this::cleanUp, "fx-quickstart-end");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      steps();
      if (!once) {
        out.println();
        out.println("Everything stays up until you press Ctrl-C.");
        ended.await();
      }
      return 0;
    } catch (IOException | Trouble failed) {
      out.println();
      out.println("The quickstart stopped: " + failed.getMessage());
      out.println("Look at the logs below, or start again with the same command.");
      logs();
      return 1;
    } finally {
      if (!ending(cleaner)) {
        cleanUp();
      }
    }
  }

  /** After Ctrl-C the hook cleans up, and this thread has nothing left to do. */
  private static boolean ending(Thread cleaner) {
    try {
      return !Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException shuttingDown) {
      return true;
    }
  }

  private void steps() throws IOException, InterruptedException {
    ports("http", 8080, "page", 8090, "server door", 8181, "executor door", 8282, "paper door", 8383, "zmq", 5555, "terminal", 5556);
    String platform = "http://127.0.0.1:" + ports.get("http");
    String password = random(12);
    Path pasted = folder.resolve("InpSharedSecret");
    out.println("FX Platform quickstart in " + folder);
    out.println();

    Map<String, String> account = Map.of("FX_ADMIN_EMAIL", "trader@example.com", "FX_ADMIN_PASSWORD", password);
    Process server = begin("server", account, "fx.http.port=" + ports.get("http"), "fx.admin.port=" + ports.get("server door"));
    Process paper = begin("paper", Map.of(), "fx.terminal.port=" + ports.get("terminal"), "fx.admin.port=" + ports.get("paper door"),
        "com.fxplatform.paper/secretFile=" + pasted);
    Process executor = begin("executor", Map.of(), "fx.http.port=" + ports.get("page"), "fx.admin.port=" + ports.get("executor door"),
        "fx.platform.url=" + platform, "com.fxplatform.executor/override.zmqPort=" + ports.get("zmq"),
        "com.fxplatform.executor/override.zmqCommandPort=" + ports.get("terminal"));
    finish("server", server);
    finish("paper", paper);
    finish("executor", executor);

    WebUser user = new WebUser(platform);
    user.signIn("trader@example.com", password);
    step("signed in as trader@example.com");
    Map<String, Object> made = Json.object(user.post("/api/executor", Map.of("name", "Quickstart", "platform", "MT5")).get("executor"));
    String id = String.valueOf(made.get("id"));
    step("created the executor " + id);
    paste(pasted, String.valueOf(made.get("sharedSecret")));
    step("pasted the shared secret into the terminal, as InpSharedSecret");

    setUp(platform, String.valueOf(made.get("apiKey")), String.valueOf(made.get("secretKey")));
    step("set up the executor with two fields, API key and secret");
    waitReady();
    step("the executor is ready: configured, connected, terminal answering");

    command(user, id, "GET_STATUS", Map.of());
    Map<String, Object> opened = command(user, id, "OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
    Object ticket = ticket(opened);
    step("filled: ticket " + ticket);
    command(user, id, "CLOSE_POSITION", Map.of("ticket", ticket));
    step("closed: ticket " + ticket);

    out.println();
    out.println("Server          " + platform);
    out.println("Executor page   http://127.0.0.1:" + ports.get("page"));
    out.println("Sign in with    trader@example.com, password " + password);
  }

  private void ports(Object... namesAndDefaults) throws IOException {
    Set<Integer> used = new java.util.HashSet<>();
    for (int i = 0; i < namesAndDefaults.length; i += 2) {
      int wanted = (Integer) namesAndDefaults[i + 1];
      int port = free(wanted) && used.add(wanted) ? wanted : anyFree(used);
      ports.put((String) namesAndDefaults[i], port);
      if (port != wanted) {
        out.println("Port " + wanted + " is taken; using " + port + ".");
      }
    }
  }

  private static boolean free(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private static int anyFree(Set<Integer> used) throws IOException {
    while (true) {
      try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (used.add(probe.getLocalPort())) {
          return probe.getLocalPort();
        }
      }
    }
  }

  /** Starts a runtime; the three start side by side. */
  private Process begin(String runtime, Map<String, String> environment, String... sets) throws IOException {
    // nobody starts a throw-away instance twice
    List<String> arguments = new ArrayList<>(List.of("start", runtime, "--set", "fx.jvm.archive=off"));
    for (String set : sets) {
      arguments.add("--set");
      arguments.add(set);
    }
    started.add(runtime);
    return fx(runtime, environment, arguments);
  }

  private void finish(String runtime, Process process) throws IOException, InterruptedException {
    String said = said(process);
    if (process.waitFor() != 0) {
      throw new Trouble(said);
    }
    step(said.lines().reduce((first, last) -> last).orElse(runtime + " is up"));
  }

  private Process fx(String instance, Map<String, String> environment, List<String> arguments) throws IOException {
    boolean windows = java.io.File.separatorChar == '\\';
    List<String> command = new ArrayList<>(List.of(home.root().resolve("bin").resolve(windows ? "fx.cmd" : "fx").toString()));
    command.addAll(arguments);
    command.addAll(List.of("--data", folder.resolve(instance).toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // our own FX_ settings are for nobody else
    builder.environment().keySet().removeIf(name -> name.startsWith("FX_") && !name.equals("FX_JVM_HEAP"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String said(Process process) throws IOException {
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private void setUp(String platform, String apiKey, String apiSecret) throws IOException, InterruptedException {
    // the address is the runtime's default; a trader types the two fields only
    Process setup = fx("executor", Map.of("FX_PLATFORM_URL", platform), List.of("setup", "--api-key", apiKey, "--api-secret-stdin"));
    try (OutputStream in = setup.getOutputStream()) {
      in.write((apiSecret + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(setup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (setup.waitFor() != 0) {
      throw new Trouble(said);
    }
    said.lines().forEach(line -> out.println("             " + line));
  }

  private void waitReady() throws IOException, InterruptedException {
    Process status = fx("executor", Map.of(), List.of("status", "executor", "--wait-ready", "30"));
    String said = said(status);
    if (status.waitFor() != 0) {
      throw new Trouble("The executor was not ready within 30 s. " + said);
    }
  }

  private Map<String, Object> command(WebUser user, String executor, String name, Map<String, ?> parameters)
      throws IOException, InterruptedException {
    long sent = System.nanoTime();
    Map<String, Object> made = user.post("/api/executor/" + executor + "/command", Map.of("command", name, "parameters", parameters));
    String id = String.valueOf(Json.object(made.get("command")).get("id"));
    while (System.nanoTime() - sent < TimeUnit.SECONDS.toNanos(30)) {
      Map<String, Object> row = Json.object(user.get("/api/command/" + id).get("command"));
      String status = String.valueOf(row.get("status"));
      if (ENDED.contains(status)) {
        Map<String, Object> result = row.get("result") == null ? Map.of() : Json.object(row.get("result"));
        if (!status.equals("executed")) {
          throw new Trouble(name + " ended as " + status + ": " + result.getOrDefault("error", "no reason given"));
        }
        step(name + " executed in " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent) + " ms");
        return result;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    throw new Trouble(name + " was not answered within 30 s.");
  }

  private static Object ticket(Map<String, Object> result) {
    Object ticket = result.get("ticket");
    if (ticket == null && result.get("data") != null) {
      ticket = Json.object(result.get("data")).get("ticket");
    }
    if (ticket == null) {
      throw new Trouble("The order was executed, but its result names no ticket.");
    }
    return ticket;
  }

  /** What a trader does in the terminal's dialogue: the file is the Expert Advisor's input. */
  private static void paste(Path file, String secret) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, secret);
  }

  private void step(String what) {
    out.printf("%8.1f s   %s%n", (System.nanoTime() - began) / 1e9, what);
    out.flush();
  }

  private void logs() {
    for (String runtime : RUNTIMES) {
      Path log = folder.resolve(runtime).resolve("data").resolve("logs").resolve(runtime + ".log");
      if (Files.isReadable(log)) {
        try {
          List<String> lines = Files.readAllLines(log);
          out.println();
          out.println("--- the end of " + runtime + ".log");
          lines.subList(Math.max(0, lines.size() - 15), lines.size()).forEach(out::println);
        } catch (IOException unreadable) {
          out.println("--- " + log + " cannot be read");
        }
      }
    }
  }

  private void cleanUp() {
    ended.countDown();
    Map<String, Process> stopping = new HashMap<>();
    for (String runtime : started) {
      try {
        Process stop = fx(runtime, Map.of(), List.of("stop", runtime));
        stop.getInputStream().transferTo(OutputStream.nullOutputStream());
        stopping.put(runtime, stop);
      } catch (IOException e) {
        out.println("fx stop " + runtime + " cannot be run (" + e.getMessage() + "); its data is in " + folder);
      }
    }
    boolean all = true;
    for (Map.Entry<String, Process> stop : stopping.entrySet()) {
      try {
        all &= stop.getValue().waitFor(20, TimeUnit.SECONDS) && stop.getValue().exitValue() == 0;
      } catch (InterruptedException e) {
        all = false;
      }
    }
    if (all) {
      deleteFolder();
    } else {
      out.println("Something did not stop in order; look at " + folder);
    }
  }

  private void deleteFolder() {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      out.println("The folder " + folder + " could not be removed whole (" + e.getMessage() + ").");
    }
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
