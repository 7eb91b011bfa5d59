package com.fxplatform.paper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with the shared secret, which may appear and change at any time: the paper's way of pasting InpSharedSecret. */
final class SecretFile {
  private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
  private static final int LONGEST = 4096;

  private final Path path;
  private boolean warned;

  SecretFile(Path path) {
    this.path = path;
  }

  /** What it says now; empty while there is none. */
  Optional<String> read() {
    try {
      if (!Files.isRegularFile(path) || Files.size(path) > LONGEST) {
        return Optional.empty();
      }
      warnIfOthersCanRead();
      String content = Files.readString(path, StandardCharsets.UTF_8).strip();
      return content.isEmpty() ? Optional.empty() : Optional.of(content);
    } catch (IOException unreadable) {
      if (!warned) {
        warned = true;
        LOG.warn("The secret file cannot be read. file={} why={}", path, unreadable.getMessage());
      }
      return Optional.empty();
    }
  }

  private void warnIfOthersCanRead() throws IOException {
    if (warned || !Files.getFileStore(path).supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(path);
    if (allowed.contains(PosixFilePermission.OTHERS_READ) || allowed.contains(PosixFilePermission.GROUP_READ)) {
      warned = true;
      LOG.warn("Others can read the secret file: set its mode to 0600. file={}", path);
    }
  }
}
