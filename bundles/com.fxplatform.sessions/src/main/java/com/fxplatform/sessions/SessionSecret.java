package com.fxplatform.sessions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that session tokens are made with: the operator's, or one that was generated once and is kept,
 * or, where neither is, one that follows from the master key: so that nodes with one master key know each other's sessions.
 */
final class SessionSecret {
  private SessionSecret() {}

  static String of(String configured, String masterKey, Path folder) {
    if (!configured.isEmpty()) {
      return configured;
    }
    Path file = folder.resolve("session.secret");
    try {
      if (!Files.exists(file) && masterKey.length() >= 32) {
        return derived(masterKey);
      }
      if (!Files.exists(file)) {
        create(file);
      }
      return Files.readString(file).trim();
    } catch (IOException unusable) {
      throw new IllegalStateException("The session secret in " + file + " can neither be read nor made; set NEXTAUTH_SECRET", unusable);
    }
  }

  private static String derived(String masterKey) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(masterKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal("FX Platform sessions, token secret 1".getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Every JDK has HmacSHA256", impossible);
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
      channel.write(ByteBuffer.wrap(HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII)));
    } catch (FileAlreadyExistsException other) {
      // another process was faster; its secret serves both
    }
  }
}
