package com.fxplatform.vault;

import com.fxplatform.api.vault.PrivateFile;
import com.fxplatform.api.vault.SecretVault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Secrets in private files, sealed with AES-256-GCM: with a passphrase if there is one, else with a key made of a random
 * key file and this machine's id, so that a copy or a backup of the folder says nothing on another machine.
 */
final class SealedVault implements SecretVault {
  private static final byte MACHINE = 1;
  private static final byte PASSPHRASE = 2;
  private static final int SALT = 16;
  private static final int NONCE = 12;
  private static final int ROUNDS = 210_000;
  private static final int KEY_BYTES = 32;

  private final FileVault files;
  private final Path keyFile;
  private final char[] passphrase;
  private final Iterable<Path> machineIds;
  private final SecureRandom random = new SecureRandom();
  // deriving takes a third of a second and every request needs it; it is no more secret than the passphrase beside it
  private volatile Derived derived;

  /** The key of a passphrase and a salt. */
  private record Derived(byte[] salt, byte[] key) {}

  /**
   * @param folder of the vault
   * @param passphrase empty for a key of this machine
   * @param machineIds files that name this machine; the first that can be read counts
   */
  SealedVault(String folder, char[] passphrase, Iterable<Path> machineIds) {
    Path place;
    try {
      place = folder.isBlank() || folder.startsWith("$[") ? null : Path.of(folder.strip()).toAbsolutePath().resolve("sealed");
    } catch (InvalidPathException nonsense) {
      place = null;
    }
    this.files = new FileVault(place == null ? "" : place.toString());
    this.keyFile = place == null ? null : place.resolve(".key");
    this.passphrase = passphrase;
    this.machineIds = machineIds;
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
      throw damaged(name);
    }
    if (sealed.length < 1 + SALT + NONCE + 16 || (sealed[0] != MACHINE && sealed[0] != PASSPHRASE)) {
      throw damaged(name);
    }
    if (sealed[0] == PASSPHRASE && passphrase.length == 0) {
      throw new IOException("The secret " + name + " is sealed with a passphrase: give it in FX_VAULT_PASSPHRASE, or run fx setup again.");
    }
    byte[] salt = Arrays.copyOfRange(sealed, 1, 1 + SALT);
    byte[] plain = null;
    try {
      plain = cipher(Cipher.DECRYPT_MODE, key(sealed[0], salt, false), Arrays.copyOfRange(sealed, 1 + SALT, 1 + SALT + NONCE), sealed[0], name)
          .doFinal(sealed, 1 + SALT + NONCE, sealed.length - 1 - SALT - NONCE);
      CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(plain));
      char[] secret = new char[text.remaining()];
      text.get(secret);
      Arrays.fill(text.array(), '\0');
      return Optional.of(secret);
    } catch (GeneralSecurityException wrong) {
      throw new IOException(
          "The secret " + name + " cannot be unsealed: it is damaged, of another machine or of another passphrase. Run fx setup again.");
    } finally {
      if (plain != null) {
        Arrays.fill(plain, (byte) 0);
      }
    }
  }

  @Override
  public void write(String name, char[] secret) throws IOException {
    byte mode = passphrase.length > 0 ? PASSPHRASE : MACHINE;
    byte[] salt = bytes(SALT);
    byte[] nonce = bytes(NONCE);
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key(mode, salt, true), nonce, mode, name);
      byte[] sealed = cipher.doFinal(encoded.array(), 0, encoded.remaining());
      ByteBuffer all = ByteBuffer.allocate(1 + SALT + NONCE + sealed.length).put(mode).put(salt).put(nonce).put(sealed);
      files.write(name, Base64.getEncoder().encodeToString(all.array()).toCharArray());
    } catch (GeneralSecurityException impossible) {
      throw new IOException("This Java cannot seal a secret with AES-GCM.", impossible);
    } finally {
      Arrays.fill(encoded.array(), (byte) 0);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    files.delete(name);
  }

  @Override
  public String place() {
    return files.place() + " and sealed with " + (passphrase.length > 0 ? "your passphrase" : "a key of this machine");
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte kind, String name) throws GeneralSecurityException {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
      // a file under another name does not open
      cipher.updateAAD((kind + name).getBytes(StandardCharsets.UTF_8));
      return cipher;
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private byte[] key(byte mode, byte[] salt, boolean make) throws IOException, GeneralSecurityException {
    if (mode == PASSPHRASE) {
      Derived known = derived;
      if (known != null && Arrays.equals(known.salt(), salt)) {
        return known.key().clone();
      }
      PBEKeySpec spec = new PBEKeySpec(passphrase, salt, ROUNDS, KEY_BYTES * 8);
      try {
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        derived = new Derived(salt, key.clone());
        return key;
      } finally {
        spec.clearPassword();
      }
    }
    byte[] file = keyFile(make);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(file, "HmacSHA256"));
      mac.update(salt);
      return mac.doFinal(machine().getBytes(StandardCharsets.UTF_8));
    } finally {
      Arrays.fill(file, (byte) 0);
    }
  }

  private byte[] keyFile(boolean make) throws IOException {
    if (keyFile == null) {
      throw new IOException("The vault has no folder: set folder in config/com.fxplatform.vault.cfg.");
    }
    if (Files.exists(keyFile)) {
      Optional<String> exposed = PrivateFile.exposed(keyFile);
      if (exposed.isPresent()) {
        throw new IOException(exposed.get());
      }
      byte[] key = Files.readAllBytes(keyFile);
      if (key.length == KEY_BYTES) {
        return key;
      }
      if (!make) {
        throw new IOException("The vault's key " + keyFile + " is damaged: run fx setup again.");
      }
    } else if (!make) {
      throw new IOException("The vault's key " + keyFile + " is missing: run fx setup again.");
    }
    byte[] fresh = bytes(KEY_BYTES);
    PrivateFile.write(keyFile, fresh);
    return fresh;
  }

  private String machine() {
    for (Path file : machineIds) {
      try {
        String id = Files.readString(file).strip();
        if (!id.isEmpty()) {
          return id;
        }
      } catch (IOException notHere) {
        continue;
      }
    }
    return "";
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static IOException damaged(String name) {
    return new IOException("The sealed secret " + name + " is damaged: run fx setup again.");
  }
}
