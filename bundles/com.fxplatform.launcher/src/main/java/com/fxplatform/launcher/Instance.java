package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * What belongs to one operator's installation: configuration, secrets, plugins, data.
 *
 * @param root the tree itself, or the folder named by {@code --data}
 */
record Instance(Path root) {
  private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

  Path config() {
    return root.resolve("config");
  }

  Path secrets() {
    return root.resolve("secrets");
  }

  Path runtimes() {
    return root.resolve("runtimes");
  }

  Path data() {
    return root.resolve("data");
  }

  Path logs() {
    return data().resolve("logs");
  }

  Path cache() {
    return data().resolve("cache");
  }

  Path run() {
    return data().resolve("run");
  }

  /** Makes what is missing. What is there keeps its permissions. */
  void create() {
    try {
      for (Path folder : List.of(config(), root.resolve("trust"), root.resolve("deploy"), logs(), cache(), run())) {
        Files.createDirectories(folder);
      }
      if (!Files.isDirectory(secrets())) {
        Files.createDirectories(secrets());
        closeToOthers(secrets());
      } else if (Home.list(secrets()).isEmpty()) {
        // an unzip that loses permissions has shown nobody anything yet
        closeToOthers(secrets());
      }
    } catch (IOException e) {
      throw new Trouble("The instance folder " + root + " cannot be written (" + e.getMessage()
          + "); choose another with --data DIR, or check its permissions.");
    }
  }

  /** Refuses to go on while somebody else on this machine can read a secret. */
  void refuseOpenSecrets() {
    if (!Files.isDirectory(secrets())) {
      return;
    }
    refuseOpen(secrets(), "700");
    for (Path file : Home.list(secrets())) {
      refuseOpen(file, Files.isDirectory(file) ? "700" : "600");
    }
  }

  private static void refuseOpen(Path path, String mode) {
    try {
      if (posix(path) && Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains)) {
        throw new Trouble(path + " can be read by others than its owner; run `chmod " + mode + " " + path + "` and try again.");
      }
    } catch (IOException e) {
      throw new Trouble(path + " cannot be looked at (" + e.getMessage() + "); check that it belongs to you.");
    }
  }

  static void closeToOthers(Path path) throws IOException {
    if (posix(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwx------" : "rw-------"));
    }
  }

  private static boolean posix(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView("posix") && Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }
}
