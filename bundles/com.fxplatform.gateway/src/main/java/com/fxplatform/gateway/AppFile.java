package com.fxplatform.gateway;

import com.fxplatform.api.realtime.RealtimeApp;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * The app's id, key and secret: made up on the first start and kept in {@code gateway.properties}, for the owner only.
 * With a master key they follow from it instead, so that nodes with one master key serve one app.
 */
final class AppFile {
  private final Path file;

  AppFile(Path folder) {
    this.file = folder.resolve("gateway.properties");
  }

  record Identity(String appId, String key, String secret) {
    static Identity random() {
      SecureRandom random = new SecureRandom();
      return new Identity(String.valueOf(100_000 + random.nextInt(900_000)), hex(random, 10), hex(random, 20));
    }

    static Identity of(String masterKey) {
      String digits = Signatures.hmac(masterKey, "FX Platform gateway, app id and key 1");
      return new Identity(String.valueOf(100_000 + Integer.parseInt(digits.substring(0, 7), 16) % 900_000),
          digits.substring(20, 40), Signatures.hmac(masterKey, "FX Platform gateway, app secret 1").substring(0, 40));
    }

    private static String hex(SecureRandom random, int bytes) {
      byte[] value = new byte[bytes];
      random.nextBytes(value);
      return HexFormat.of().formatHex(value);
    }

    RealtimeApp at(String host, int port, boolean tls) {
      return new RealtimeApp(appId, key, secret, "local", Optional.of(host), port, tls);
    }
  }

  /**
   * What is kept, or what follows from the master key, or a new identity that is kept from now on.
   *
   * @param masterKey empty if there is none
   */
  Identity identity(String masterKey) throws IOException {
    if (Files.exists(file)) {
      Properties kept = new Properties();
      try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        kept.load(in);
      } catch (IllegalArgumentException broken) {
        throw new IOException(file + " is no properties file", broken);
      }
      Identity known =
          new Identity(kept.getProperty("appId", ""), kept.getProperty("key", ""), kept.getProperty("secret", ""));
      if (known.appId().isEmpty() || known.key().isEmpty() || known.secret().isEmpty()) {
        // clients hold the old key: better to say so than to cut them off silently with a new one
        throw new IOException(file + " lacks appId, key or secret; complete it, or delete it for new ones");
      }
      return known;
    }
    if (!masterKey.isEmpty()) {
      return Identity.of(masterKey);
    }
    Identity made = Identity.random();
    keep(made);
    return made;
  }

  private void keep(Identity made) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("appId", made.appId());
    properties.setProperty("key", made.key());
    properties.setProperty("secret", made.secret());
    StringWriter text = new StringWriter();
    properties.store(text, "The embedded realtime server's app. Keep the secret on this machine.");
    Files.createDirectories(file.getParent());
    FileAttribute<?>[] ownerOnly = FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
        : new FileAttribute<?>[0];
    Path half = file.resolveSibling("gateway.properties.new");
    Files.deleteIfExists(half);
    try (var out = Files.newByteChannel(half, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      out.write(StandardCharsets.UTF_8.encode(text.toString()));
    }
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
