package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The unzipped product in a folder of its own, driven by {@code bin/fx} as a user would. */
public final class Product implements AutoCloseable {
  public static final String EMAIL = "trader@example.com";
  public static final String PASSWORD = "correct horse battery";

  /** How a command ended and what it said, both streams together. */
  public record Said(int code, String text) {
    void well() {
      if (code != 0) {
        throw new AssertionError("fx ended with " + code + ": " + text);
      }
    }
  }

  public final Path folder;
  private final Path tree;
  private final Set<Integer> ports = new HashSet<>();
  private final List<String> started = new ArrayList<>();
  private final List<String> servers = new ArrayList<>();

  public Product() throws IOException {
    this(Path.of(System.getProperty("fx.zip")));
  }

  /** @param zip another product than the whole one */
  Product(Path zip) throws IOException {
    folder = Files.createTempDirectory("fx-journey-");
    tree = unzip(zip, folder.resolve("product"));
  }

  private static Path unzip(Path zip, Path into) throws IOException {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path file = into.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(in, file);
        }
      }
    }
    Path fx;
    try (Stream<Path> all = Files.walk(into, 4)) {
      fx = all.filter(path -> path.endsWith("bin/fx")).findFirst().orElseThrow();
    }
    Files.setPosixFilePermissions(fx, PosixFilePermissions.fromString("rwxr-xr-x"));
    return fx.getParent().getParent();
  }

  public Path tree() {
    return tree;
  }

  public Path instance(String name) {
    return folder.resolve(name);
  }

  /** Below those that systems give to outgoing connections: one of them must not take it while its owner is being restarted. */
  public int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 16_000);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (ports.add(probe.getLocalPort())) {
          return port;
        }
      } catch (IOException taken) {
        // another one then
      }
    }
  }

  /** The first of three in a row. */
  public int threeFreePorts() {
    while (true) {
      int first = freePort();
      try (ServerSocket second = new ServerSocket(first + 1, 1, InetAddress.getLoopbackAddress());
          ServerSocket third = new ServerSocket(first + 2, 1, InetAddress.getLoopbackAddress())) {
        if (ports.addAll(Set.of(second.getLocalPort(), third.getLocalPort()))) {
          return first;
        }
      } catch (IOException taken) {
        continue;
      }
    }
  }

  public Process begin(String instance, Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(tree.resolve("bin/fx").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", instance(instance).toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("FX_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  public Said fx(String instance, Map<String, String> environment, String in, String... arguments) throws IOException, InterruptedException {
    Process process = begin(instance, environment, arguments);
    try (OutputStream out = process.getOutputStream()) {
      out.write(in.getBytes(StandardCharsets.UTF_8));
    } catch (IOException closed) {
      // it ended before it read; what it said tells why
    }
    String text;
    try (InputStream said = process.getInputStream()) {
      text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("fx " + String.join(" ", arguments) + " did not end");
    }
    return new Said(process.exitValue(), text);
  }

  /** Starts a runtime in the instance of its name, and fails the test with what it said if it does not start. */
  public void start(String runtime, Map<String, String> environment, String... sets) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("start", runtime));
    for (String set : sets) {
      arguments.addAll(List.of("--set", set));
    }
    if (!started.contains(runtime)) {
      started.add(runtime);
    }
    Said said = fx(runtime, environment, "", arguments.toArray(String[]::new));
    said.well();
  }

  /** Starts a server in an instance of any name. */
  public void startServer(String instance, Map<String, String> environment, String... sets) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("start", "server"));
    for (String set : sets) {
      arguments.addAll(List.of("--set", set));
    }
    servers.add(instance);
    fx(instance, environment, "", arguments.toArray(String[]::new)).well();
  }

  /** Takes over a runtime that a test began itself, so that it is stopped at the end. */
  public void adopt(String runtime) {
    started.add(runtime);
  }

  public void stop(String runtime) throws IOException, InterruptedException {
    Said said = fx(runtime, Map.of(), "", "stop", runtime);
    said.well();
  }

  /** {@code kill -9} on a process that this test started. */
  public void kill(String runtime) throws IOException {
    ProcessHandle process = process(runtime);
    process.destroyForcibly();
    process.onExit().join();
  }

  public ProcessHandle process(String runtime) throws IOException {
    String file = Files.readString(instance(runtime).resolve("data/run/" + runtime + ".json"));
    long pid = Json.read(file).path("pid").asLong();
    return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError(runtime + " does not run: " + file));
  }

  public String log(String runtime) throws IOException {
    return Files.readString(instance(runtime).resolve("data/logs/" + runtime + ".log"));
  }

  @Override
  public void close() throws IOException {
    for (String runtime : started) {
      try {
        fx(runtime, Map.of(), "", "stop", runtime);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
    for (String instance : servers) {
      try {
        fx(instance, Map.of(), "", "stop", "server");
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
