package com.fxplatform.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The loaded classes of a runtime in a file that the JVM maps instead of reading and checking them again (JEP 350); a start takes
 * about a third less with it. A JVM, or jars, to which the file does not fit ignore it: it is a cache, and may be deleted at any time.
 */
final class ClassArchive {
  /** The archive of the command line itself; bin/fx knows its name. */
  private static final String COMMAND = "fx.jsa";
  /** What a process of ours needs to be itself; anything else could lead it to somebody's database. */
  private static final Set<String> ENVIRONMENT = Set.of("PATH", "HOME", "JAVA_HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL");

  private final Fx fx;

  ClassArchive(Fx fx) {
    this.fx = fx;
  }

  /** Maps the archive of this instance or of the tree; if there is none, this run writes one when it stops in order. */
  List<String> options(String runtime, Settings settings) {
    if (!"on".equals(settings.get(Settings.JVM_ARCHIVE))) {
      return List.of();
    }
    try {
      String file = runtime + "-" + System.getProperty("java.vm.version") + "-" + classPathMark() + ".jsa";
      for (Path folder : List.of(fx.instance().cache(), treeCache())) {
        if (Files.exists(folder.resolve(file))) {
          return options("-XX:SharedArchiveFile=" + folder.resolve(file));
        }
      }
      if (observed(settings)) {
        return List.of();
      }
      Files.createDirectories(fx.instance().cache());
      forget(fx.instance().cache(), runtime);
      return options("-XX:ArchiveClassesAtExit=" + fx.instance().cache().resolve(file));
    } catch (IOException cold) {
      // it starts without, only slower
      return List.of();
    }
  }

  /** A JVM that an agent looks into refuses to write an archive, and to start. */
  private boolean observed(Settings settings) {
    Map<String, String> environment = fx.environment();
    return Stream.of(environment.get("JAVA_TOOL_OPTIONS"), environment.get("JDK_JAVA_OPTIONS"), environment.get("_JAVA_OPTIONS"), settings.get(Settings.JVM_OPTIONS))
        .anyMatch(options -> options != null && (options.contains("-javaagent:") || options.contains("-agent")));
  }

  private static List<String> options(String archive) {
    return List.of(archive, "-Xlog:disable", "-Xlog:all=error:stderr");
  }

  /** Starts and stops each runtime once in a throw-away instance, and keeps its archive in the tree, for every instance. */
  int make(List<String> runtimes) throws InterruptedException {
    long began = System.nanoTime();
    runtimes.forEach(fx::service);
    try {
      Path throwAway = Files.createTempDirectory("fx-archive-");
      try {
        Files.createDirectories(treeCache());
        Files.deleteIfExists(treeCache().resolve(COMMAND));
        for (String runtime : runtimes) {
          forget(treeCache(), runtime);
          make(runtime, throwAway.resolve(runtime));
        }
      } finally {
        Framework.wipe(throwAway);
      }
    } catch (IOException e) {
      throw new Trouble("The archive cannot be written (" + e.getMessage() + "); check the permissions of " + treeCache() + ".");
    }
    fx.out().println("archive: " + String.join(", ", runtimes) + " will start faster from now on; took " + Fx.seconds(began) + ".");
    return 0;
  }

  private void make(String runtime, Path data) throws IOException, InterruptedException {
    fx.out().println("archive: starts and stops " + runtime + " once ...");
    Path command = Files.createDirectories(data).resolve(COMMAND);
    List<String> ports = fx.settings(fx.runtime(runtime)).all().keySet().stream()
        .filter(name -> name.startsWith("fx.") && name.endsWith(".port"))
        .flatMap(name -> Stream.of("--set", name + "=0")).toList();
    List<String> start = new ArrayList<>(options("-XX:ArchiveClassesAtExit=" + command));
    start.addAll(jar());
    start.addAll(List.of("start", runtime, "--data", data.toString()));
    start.addAll(ports);
    call(start, data);
    List<String> stop = new ArrayList<>(jar());
    stop.addAll(List.of("stop", runtime, "--data", data.toString()));
    call(stop, data);
    try (Stream<Path> made = Files.list(new Instance(data).cache())) {
      for (Path archive : made.filter(file -> file.toString().endsWith(".jsa")).toList()) {
        Files.move(archive, treeCache().resolve(archive.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(command, treeCache().resolve(COMMAND), StandardCopyOption.REPLACE_EXISTING);
  }

  private List<String> jar() {
    return List.of("-jar", fx.home().launcher().toString());
  }

  private void call(List<String> arguments, Path data) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Daemon.java()));
    command.addAll(Daemon.COMMAND_JVM);
    command.addAll(arguments);
    File said = data.resolve("said.txt").toFile();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said);
    builder.environment().keySet().retainAll(ENVIRONMENT);
    builder.environment().put("FX_HOME", fx.home().root().toString());
    if (builder.start().waitFor() != 0) {
      throw new Trouble("No archive was made, everything works without it, only slower: " + Files.readString(said.toPath()).strip());
    }
  }

  private Path treeCache() {
    return new Instance(fx.home().root()).cache();
  }

  /** Other jars, other archive: the JVM would ignore it. Their dates say nothing, builds are reproducible. */
  private String classPathMark() throws IOException {
    List<Object> marks = new ArrayList<>();
    try (Stream<Path> jars = Files.list(fx.home().launcher().getParent())) {
      for (Path jar : jars.sorted().toList()) {
        marks.addAll(List.of(jar.getFileName().toString(), Files.size(jar), Files.getLastModifiedTime(jar).toMillis()));
      }
    }
    return Integer.toHexString(marks.hashCode());
  }

  private static void forget(Path folder, String runtime) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path old : files.filter(file -> file.getFileName().toString().matches(Pattern.quote(runtime) + "-.*\\.jsa")).toList()) {
        Files.delete(old);
      }
    }
  }
}
