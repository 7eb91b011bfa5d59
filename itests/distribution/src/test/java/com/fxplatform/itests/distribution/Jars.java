package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The product's own jars, rebuilt under another version. */
public final class Jars {
  private Jars() {}

  public static Path of(Path tree, String room) throws IOException {
    try (Stream<Path> jars = Files.list(tree.resolve("bundles"))) {
      return jars.filter(jar -> jar.getFileName().toString().matches(room.replace(".", "\\.") + "-[0-9.]+\\.jar")).findFirst()
          .orElseThrow(() -> new AssertionError("There is no " + room));
    }
  }

  public static Path rebuilt(Path jar, String version, Path into) throws IOException {
    Path to = into.resolve(jar.getFileName().toString().replaceFirst("-[0-9.]+\\.jar$", "-" + version + ".jar"));
    try (JarFile from = new JarFile(jar.toFile())) {
      Manifest manifest = new Manifest(from.getManifest());
      manifest.getMainAttributes().putValue("Bundle-Version", version);
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(to), manifest)) {
        for (Enumeration<JarEntry> entries = from.entries(); entries.hasMoreElements();) {
          JarEntry entry = entries.nextElement();
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            out.putNextEntry(new JarEntry(entry.getName()));
            from.getInputStream(entry).transferTo(out);
          }
        }
      }
    }
    return to;
  }
}
