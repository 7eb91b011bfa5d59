package com.fxplatform.vault;

import com.fxplatform.api.vault.SecretVault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Secrets in private files, sealed by Windows for this user. */
final class DpapiVault implements SecretVault {
  private final FileVault files;

  DpapiVault(String folder) {
    files = new FileVault(folder.isBlank() || folder.startsWith("$[") ? "" : folder.strip() + "/dpapi");
  }

  @Override
  public Optional<char[]> read(String name) throws IOException {
    Optional<char[]> kept = files.read(name);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    byte[] sealed;
    try {
      sealed = Base64.getDecoder().decode(new String(kept.get()).strip());
    } catch (IllegalArgumentException garbage) {
      throw new IOException("The sealed secret " + name + " is damaged: run fx setup again.");
    }
    byte[] plain = Dpapi.unprotect(sealed);
    CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(plain));
    char[] secret = new char[text.remaining()];
    text.get(secret);
    Arrays.fill(text.array(), '\0');
    Arrays.fill(plain, (byte) 0);
    return Optional.of(secret);
  }

  @Override
  public void write(String name, char[] secret) throws IOException {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
    byte[] plain = Arrays.copyOf(encoded.array(), encoded.remaining());
    Arrays.fill(encoded.array(), (byte) 0);
    try {
      files.write(name, Base64.getEncoder().encodeToString(Dpapi.protect(plain)).toCharArray());
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    files.delete(name);
  }

  @Override
  public String place() {
    return files.place() + " and sealed by Windows for this user";
  }
}
