package com.fxplatform.vault;

import com.fxplatform.api.vault.PrivateFile;
import com.fxplatform.api.vault.SecretVault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Secrets as plain files that only their owner may read: what works on every machine. */
final class FileVault implements SecretVault {
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
  private static final int MOST = 16 * 1024;

  private final String folder;

  FileVault(String folder) {
    this.folder = folder.startsWith("$[") ? "" : folder.strip();
  }

  @Override
  public Optional<char[]> read(String name) throws IOException {
    Path file = file(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    for (Path path : new Path[] {file.getParent(), file}) {
      Optional<String> exposed = PrivateFile.exposed(path);
      if (exposed.isPresent()) {
        throw new IOException(exposed.get());
      }
    }
    byte[] bytes;
    try {
      if (Files.size(file) > MOST) {
        throw new IOException(file + " is too long for a secret: run fx setup again.");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException deletedMeanwhile) {
      return Optional.empty();
    }
    try {
      return Optional.of(decode(bytes));
    } catch (CharacterCodingException garbage) {
      throw new IOException(file + " is damaged: run fx setup again.");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public void write(String name, char[] secret) throws IOException {
    Path file = file(name);
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    try {
      if (bytes.length > MOST) {
        throw new IOException("A secret has at most " + MOST + " bytes.");
      }
      PrivateFile.folder(file.getParent());
      Optional<String> exposed = PrivateFile.exposed(file.getParent());
      if (exposed.isPresent()) {
        throw new IOException(exposed.get());
      }
      PrivateFile.write(file, bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(encoded.array(), (byte) 0);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  @Override
  public String place() {
    return "files in " + (folder.isEmpty() ? "no folder yet" : folder) + ", readable by their owner only";
  }

  private Path file(String name) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("A secret's name has lower-case letters, digits and -, at most 64");
    }
    if (folder.isEmpty()) {
      throw new IOException("The vault has no folder: set folder in config/com.fxplatform.vault.cfg.");
    }
    try {
      return Path.of(folder).toAbsolutePath().resolve(name);
    } catch (InvalidPathException nonsense) {
      throw new IOException("The vault's folder is no path on this machine: set folder in config/com.fxplatform.vault.cfg.");
    }
  }

  private static char[] decode(byte[] bytes) throws CharacterCodingException {
    CharBuffer decoded =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes));
    char[] secret = new char[decoded.remaining()];
    decoded.get(secret);
    Arrays.fill(decoded.array(), '\0');
    return secret;
  }
}
