package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a running runtime leaves in {@code data/run/<name>.json}, so that other {@code fx} calls find it.
 *
 * @param name the runtime
 * @param pid its process
 * @param processStart when that process began, by the system: a pid alone may be somebody else's tomorrow
 * @param since when it was started, for a person
 * @param adminPort the back door; 0 if it has none
 * @param host where HTTP listens
 * @param httpPort HTTP; 0 if it has none
 * @param version of the product
 * @param live whether everything that must live did once; before, it is starting
 */
record RunFile(
    String name, long pid, long processStart, Instant since, int adminPort, String host, int httpPort, String version,
    boolean live) {
  private static final String BACK_DOOR = "com.fxplatform.deploy";
  // the system computes a process's start from its boot time, which clock corrections move a little
  private static final Duration SLACK = Duration.ofSeconds(5);

  static RunFile ofThisProcess(RuntimeFile runtime, Settings settings) {
    ProcessHandle me = ProcessHandle.current();
    int admin = runtime.bundles().containsKey(BACK_DOOR) ? port(settings, Settings.ADMIN_PORT) : 0;
    return new RunFile(runtime.name(), me.pid(), started(me), Instant.now(), admin,
        settings.get(Settings.HTTP_HOST), port(settings, Settings.HTTP_PORT), Home.version(), false);
  }

  RunFile alive() {
    return new RunFile(name, pid, processStart, since, adminPort, host, httpPort, version, true);
  }

  /** For a person. */
  String urls() {
    List<String> urls = new ArrayList<>();
    if (httpPort != 0) {
      urls.add("http://" + reachableHost() + ":" + httpPort);
    }
    if (adminPort != 0) {
      urls.add("back door http://127.0.0.1:" + adminPort);
    }
    return urls.isEmpty() ? "no ports" : String.join(", ", urls);
  }

  /** An address under which this machine reaches what listens on all of them. */
  String reachableHost() {
    return host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
  }

  private static int port(Settings settings, String name) {
    String text = settings.get(name);
    return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /** The process that wrote this, if it still runs and is no stranger that got its number. */
  Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> {
      long now = started(process);
      return now == 0 || processStart == 0 || Math.abs(now - processStart) <= SLACK.toMillis();
    });
  }

  static Path path(Instance instance, String name) {
    return instance.run().resolve(name + ".json");
  }

  void write(Instance instance) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("name", name);
    all.put("pid", pid);
    all.put("processStart", processStart);
    all.put("since", since.toString());
    all.put("adminPort", adminPort);
    all.put("host", host);
    all.put("httpPort", httpPort);
    all.put("version", version);
    all.put("live", live);
    Path file = path(instance, name);
    try {
      Path fresh = Files.createTempFile(file.getParent(), name, ".new");
      Files.writeString(fresh, Json.write(all));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Trouble(file + " cannot be written (" + e.getMessage() + "); check the permissions of the instance folder.");
    }
  }

  static Optional<RunFile> read(Instance instance, String name) {
    return read(path(instance, name));
  }

  private static Optional<RunFile> read(Path file) {
    try {
      Map<String, Object> all = Json.object(Json.parse(Files.readString(file)));
      return Optional.of(new RunFile((String) all.get("name"), number(all, "pid"), number(all, "processStart"),
          Instant.parse((String) all.get("since")), (int) number(all, "adminPort"), (String) all.get("host"),
          (int) number(all, "httpPort"), (String) all.get("version"), Boolean.TRUE.equals(all.get("live"))));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException | RuntimeException unreadable) {
      return Optional.empty();
    }
  }

  private static long number(Map<String, Object> all, String key) {
    return all.get(key) instanceof Number n ? n.longValue() : 0;
  }

  /** Every runtime that was started in this instance and not ended in order. */
  static List<RunFile> all(Instance instance) {
    List<RunFile> all = new ArrayList<>();
    for (Path file : Home.list(instance.run())) {
      if (file.getFileName().toString().endsWith(".json")) {
        read(file).ifPresent(all::add);
      }
    }
    return all;
  }

  static void delete(Instance instance, String name) {
    try {
      Files.deleteIfExists(path(instance, name));
    } catch (IOException stays) {
      // harmless: the process it names is gone, and whoever reads it looks
    }
  }

  /** A file that asks a runtime to end, for systems whose signals end a process without a word. */
  static Path stopRequest(Instance instance, String name) {
    return instance.run().resolve(name + ".stop");
  }

  /**
   * Makes this process the only one that runs this name in this instance, until it ends.
   *
   * @return the open lock, to be kept
   * @throws Trouble if another has it
   */
  static FileChannel lock(Instance instance, String name) {
    Path file = instance.run().resolve(name + ".lock");
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException oursAlready) {
        lock = null;
      }
      if (lock == null) {
        channel.close();
        throw new Trouble(name + " is running or being started in " + instance.root() + " already; see `fx status`, or name another"
            + " instance with --data DIR.");
      }
      return channel;
    } catch (IOException e) {
      throw new Trouble(file + " cannot be locked (" + e.getMessage() + "); check the permissions of the instance folder.");
    }
  }
}
