package com.fxplatform.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code fx assemble}: a product that holds what some runtimes need, and nothing else. */
final class Assembly {
  /** What was written. */
  record Written(Path zip, int bundles, long bytes) {}

  // the same input gives the same zip, on every machine and day
  private static final FileTime ALWAYS = FileTime.from(Instant.parse("1980-01-02T00:00:00Z"));
  private static final List<String> FOLDERS = List.of("config", "data", "deploy", "docs", "trust");

  private final Fx fx;

  Assembly(Fx fx) {
    this.fx = fx;
  }

  /**
   * Writes the zip.
   *
   * @param names runtimes; the first gives the zip its folder
   * @throws Trouble if one of them would not start
   */
  Written write(List<String> names, Path zip) {
    Map<String, Path> files = new TreeMap<>();
    Jars jars = new Jars(fx.home().bundles());
    List<String> wrong = new ArrayList<>();
    for (String name : names) {
      for (Path file : RuntimeFile.files(name, fx.runtimeFolders())) {
        files.put("runtimes/" + file.getFileName(), file);
      }
      wrong.addAll(Checkup.of(fx, name).wrong());
      for (String bundle : fx.runtime(name).bundles().keySet()) {
        jars.find(bundle).ifPresent(jar -> files.put("bundles/" + jar.getFileName(), jar));
      }
    }
    if (!wrong.isEmpty()) {
      throw Trouble.of(wrong);
    }
    int bundles = (int) files.keySet().stream().filter(name -> name.startsWith("bundles/")).count();
    for (String folder : List.of("bin", "bin/lib")) {
      Home.list(fx.home().root().resolve(folder)).stream().filter(Files::isRegularFile)
          .forEach(file -> files.put(folder + "/" + file.getFileName(), file));
    }
    for (String folder : FOLDERS) {
      // what an operator has put into the tree is his: settings, secrets and plugins do not travel
      Home.list(fx.home().root().resolve(folder)).stream().filter(file -> file.getFileName().toString().endsWith(".md"))
          .forEach(file -> files.put(folder + "/" + file.getFileName(), file));
    }
    Path whole = zip.toAbsolutePath().normalize();
    Path half = whole.resolveSibling("." + whole.getFileName() + ".part");
    try {
      Files.createDirectories(whole.getParent());
      Files.deleteIfExists(half);
      try {
        pack(files, half, "fxplatform-" + names.get(0) + "-" + Home.version());
        Files.move(half, whole, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(half);
      }
      return new Written(whole, bundles, Files.size(whole));
    } catch (IOException e) {
      throw new Trouble(whole + " cannot be written (" + e + "); check its folder and the space that is left.");
    }
  }

  private static void pack(Map<String, Path> files, Path zip, String folder) throws IOException {
    Map<String, String> how = Map.of("create", "true", "enablePosixFileAttributes", "true");
    try (FileSystem into = FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()), how)) {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        Path to = into.getPath("/" + folder + "/" + file.getKey());
        Files.createDirectories(to.getParent());
        Files.copy(file.getValue(), to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(file.getKey().equals("bin/fx") ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(to, ALWAYS);
        for (Path up = to.getParent(); !up.equals(into.getPath("/")); up = up.getParent()) {
          Files.setPosixFilePermissions(up, PosixFilePermissions.fromString("rwxr-xr-x"));
          Files.setLastModifiedTime(up, ALWAYS);
        }
      }
    }
  }
}
