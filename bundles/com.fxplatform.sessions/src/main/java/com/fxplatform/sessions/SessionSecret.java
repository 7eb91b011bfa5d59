package com.fxplatform.sessions;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** The secret that session tokens are made with: the operator's, or one that was generated once and is kept. */
final class SessionSecret {
  private SessionSecret() {}

  static String of(String configured, Path folder) {
    if (!configured.isEmpty()) {
      return configured;
    }
    Path file = folder.resolve("session.secret");
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return Files.readString(file).trim();
    } catch (IOException unusable) {
      throw new IllegalStateException("The session secret in " + file + " can neither be read nor made; set NEXTAUTH_SECRET", unusable);
    }
  }

  private static void create(Path file) throws IOException {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    Files.createDirectories(file.toAbsolutePath().getParent());
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly = posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
        : new FileAttribute<?>[0];
    try (var channel = Files.newByteChannel(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      channel.write(java.nio.ByteBuffer.wrap(HexFormat.of().formatHex(random).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    } catch (FileAlreadyExistsException other) {
      // another process was faster; its secret serves both
    }
  }
}
