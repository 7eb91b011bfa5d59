package com.fxplatform.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** What opens the back door: a file that only the owner of the instance can read. */
final class AdminToken {
  static final String FILE = "admin.token";

  private final byte[] token;

  private AdminToken(String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the token of a folder, or makes one. Several runtimes of one instance share it. */
  static AdminToken in(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      Files.createDirectories(folder);
      byte[] random = new byte[32];
      new SecureRandom().nextBytes(random);
      FileAttribute<?>[] ownerOnly = Files.getFileStore(folder).supportsFileAttributeView("posix")
          ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
          : new FileAttribute<?>[0];
      Path fresh = Files.createTempFile(folder, FILE, ".new", ownerOnly);
      try {
        Files.writeString(fresh, HexFormat.of().formatHex(random));
        // without replacing: another runtime that starts at this instant may have been faster
        Files.createLink(file, fresh);
      } catch (FileAlreadyExistsException otherWasFaster) {
        // its token it is
      } catch (UnsupportedOperationException noLinks) {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    }
    String token = Files.readString(file).strip();
    if (token.length() < 32) {
      throw new IOException(file + " holds no token; delete it, and a new one is made.");
    }
    return new AdminToken(token);
  }

  /** As a browser sends it: any name, the token as password. @param header {@code Authorization} as sent, may be {@code null} */
  boolean opensBrowser(String header) {
    if (header == null || !header.startsWith("Basic ")) {
      return false;
    }
    try {
      String pair = new String(Base64.getDecoder().decode(header.substring("Basic ".length()).strip()), StandardCharsets.UTF_8);
      return opens("Bearer " + pair.substring(pair.indexOf(':') + 1));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  /** @param header {@code Authorization} as sent, may be {@code null} */
  boolean opens(String header) {
    return header != null && header.startsWith("Bearer ")
        && MessageDigest.isEqual(token, header.substring("Bearer ".length()).strip().getBytes(StandardCharsets.UTF_8));
  }
}
