package com.fxplatform.launcher;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The unzipped product: read only, shared by all instances.
 *
 * @param root the folder that holds bin, runtimes and bundles
 */
record Home(Path root) {
  /** The tree this very jar lies in, as {@code bin/lib/fx.jar}. */
  static Home ofThisJar() {
    try {
      Path jar = Path.of(Home.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path root = jar.getParent().getParent().getParent();
      if (Files.isDirectory(root.resolve("bundles"))) {
        return new Home(root);
      }
      throw new Trouble("The folder bundles/ is missing in " + root + "; unzip the product again, or set FX_HOME to its folder.");
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static Home find() {
    String home = System.getenv("FX_HOME");
    return home == null || home.isBlank() ? ofThisJar() : new Home(Path.of(home).toAbsolutePath().normalize());
  }

  Path bundles() {
    return root.resolve("bundles");
  }

  /** The jar of the command line. */
  Path launcher() {
    return root.resolve("bin").resolve("lib").resolve("fx.jar");
  }

  Path runtimes() {
    return root.resolve("runtimes");
  }

  /** The names of all runtimes here and in the instance. */
  static List<String> runtimesIn(List<Path> folders) {
    List<String> names = new ArrayList<>();
    for (Path folder : folders) {
      for (Path file : list(folder)) {
        String name = file.getFileName().toString();
        if (name.endsWith(RuntimeFile.SUFFIX)) {
          names.add(name.substring(0, name.length() - RuntimeFile.SUFFIX.length()));
        }
      }
    }
    return names.stream().distinct().sorted().toList();
  }

  static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (java.io.IOException unreadable) {
      throw new Trouble("The folder " + folder + " cannot be read (" + unreadable.getMessage() + "); check its permissions.");
    }
  }

  /** The product's version, as the jar says. */
  static String version() {
    return Optional.ofNullable(Home.class.getPackage().getImplementationVersion()).orElse("development");
  }
}
