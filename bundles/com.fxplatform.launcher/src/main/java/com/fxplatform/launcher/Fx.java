package com.fxplatform.launcher;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of {@code fx}: where the product is, for which instance, and what the operator set.
 *
 * @param home the tree
 * @param instance the tree itself, or {@code --data}
 * @param sets each {@code --set} as given
 * @param environment of this process
 * @param out for what was asked
 * @param err for everything else
 */
record Fx(Home home, Instance instance, List<String> sets, Map<String, String> environment, PrintStream out, PrintStream err) {
  static Fx of(Home home, Path data, List<String> sets, Map<String, String> environment, PrintStream out, PrintStream err) {
    Path root = data == null ? home.root() : data.toAbsolutePath().normalize();
    return new Fx(home, new Instance(root), sets == null ? List.of() : sets, environment, out, err);
  }

  /** The instance's runtimes win over those of the tree. */
  List<Path> runtimeFolders() {
    return List.of(instance.runtimes(), home.runtimes()).stream().distinct().toList();
  }

  RuntimeFile runtime(String name) {
    return RuntimeFile.read(name, runtimeFolders());
  }

  Overrides overrides() {
    return Overrides.of(sets);
  }

  Settings settings(RuntimeFile runtime) {
    return new Settings(runtime, environment, overrides(), home, instance);
  }

  ConfigLayers layers(RuntimeFile runtime) {
    return new ConfigLayers(runtime, List.of(home.root().resolve("config"), instance.config()), overrides());
  }

  /** The verb a runtime carries, if it is a command and no service. */
  Optional<String> command(RuntimeFile runtime) {
    return Optional.ofNullable(runtime.settings().get(Settings.COMMAND)).map(Value::text);
  }

  /** The verbs that bundles carry. */
  List<String> commands() {
    return Home.runtimesIn(runtimeFolders()).stream()
        .filter(name -> {
          try {
            return command(runtime(name)).isPresent();
          } catch (Trouble broken) {
            return false;
          }
        })
        .toList();
  }

  /** Reads a runtime that is to be kept running. */
  RuntimeFile service(String name) {
    RuntimeFile runtime = runtime(name);
    command(runtime).ifPresent(verb -> {
      throw new Trouble(name + " is a command and nothing to keep running; call it with `fx " + verb + "`.");
    });
    return runtime;
  }

  /** How to say this instance again on a command line. */
  String dataOption() {
    return instance.root().equals(home.root()) ? "" : " --data " + instance.root();
  }

  static String seconds(long sinceNanos) {
    return String.format(java.util.Locale.ROOT, "%.1f s", (System.nanoTime() - sinceNanos) / 1e9);
  }
}
