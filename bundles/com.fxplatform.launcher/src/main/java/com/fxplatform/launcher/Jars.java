package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Version;

/** The jars of {@code bundles/} by symbolic name. */
final class Jars {
  private final Path folder;
  private final Map<String, Path> byFileName = new HashMap<>();
  private Map<String, Path> byManifest;

  Jars(Path folder) {
    this.folder = folder;
    Map<String, Version> best = new HashMap<>();
    for (Path file : Home.list(folder)) {
      String name = file.getFileName().toString();
      int dash = name.lastIndexOf('-');
      if (name.endsWith(".jar") && dash > 0) {
        // the highest version wins, as it would in any package manager
        Version version = version(name.substring(dash + 1, name.length() - ".jar".length()));
        String symbolicName = name.substring(0, dash);
        if (version != null && (!best.containsKey(symbolicName) || version.compareTo(best.get(symbolicName)) > 0)) {
          best.put(symbolicName, version);
          byFileName.put(symbolicName, file);
        }
      }
    }
  }

  private static Version version(String text) {
    try {
      return Version.parseVersion(text);
    } catch (IllegalArgumentException no) {
      return null;
    }
  }

  Optional<Path> find(String symbolicName) {
    Path byName = byFileName.get(symbolicName);
    return byName != null ? Optional.of(byName) : Optional.ofNullable(scanned().get(symbolicName));
  }

  private Map<String, Path> scanned() {
    if (byManifest == null) {
      byManifest = new HashMap<>();
      for (Path file : Home.list(folder)) {
        header(file, "Bundle-SymbolicName").ifPresent(name -> byManifest.put(name.split(";", 2)[0].trim(), file));
      }
    }
    return byManifest;
  }

  /** The symbolic name of a jar in the folder that exports a package. */
  Optional<String> exporterOf(String packageName) {
    return scanned().entrySet().stream()
        .filter(jar -> header(jar.getValue(), "Export-Package")
            .filter(exports -> (";" + exports.replaceAll("\"[^\"]*\"", "").replace(',', ';') + ";").contains(";" + packageName + ";"))
            .isPresent())
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst();
  }

  private static Optional<String> header(Path file, String name) {
    if (!file.getFileName().toString().endsWith(".jar")) {
      return Optional.empty();
    }
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = jar.getManifest();
      return manifest == null ? Optional.empty() : Optional.ofNullable(manifest.getMainAttributes().getValue(name));
    } catch (IOException noJar) {
      return Optional.empty();
    }
  }
}
