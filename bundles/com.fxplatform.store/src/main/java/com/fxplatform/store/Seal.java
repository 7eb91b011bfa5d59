package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.vault.PrivateFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals what must be readable again: AES-GCM under a key that is not in the database. A sealed text is bound to its row,
 * so that two rows cannot be exchanged.
 */
final class Seal {
  private static final Logger LOG = LoggerFactory.getLogger(Seal.class);

  /** Refusal 503: sealed under another master key. */
  static final String SECRET_UNREADABLE = "SECRET_UNREADABLE";

  private static final String MARK = "sealed:1:";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private volatile boolean broken;

  private Seal(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /**
   * @param masterKey the operator's (FX_MASTER_KEY), or empty for one that is made once and kept in the folder
   * @throws IllegalArgumentException if it is too short to be one
   */
  static Seal of(String masterKey, Path folder) {
    String text = masterKey == null || masterKey.startsWith("$[") ? "" : masterKey.trim();
    if (text.isEmpty()) {
      text = kept(folder.resolve("master.key"));
    } else if (text.length() < 32) {
      throw new IllegalArgumentException("FX_MASTER_KEY must have at least 32 characters: `openssl rand -hex 32` makes a good one");
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return new Seal(mac.doFinal("FX Platform store, sealing key 1".getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Every JDK has HmacSHA256", impossible);
    }
  }

  private static String kept(Path file) {
    try {
      if (!Files.exists(file)) {
        byte[] random = new byte[32];
        RANDOM.nextBytes(random);
        PrivateFile.write(file, HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII));
        LOG.info("A master key was made; without it sealed secrets cannot be read, so keep it with your backups: file={}", file);
      }
      PrivateFile.exposed(file).ifPresent(why -> LOG.warn("The master key is readable by others: {}", why));
      return Files.readString(file).trim();
    } catch (IOException unusable) {
      throw new IllegalStateException("The master key in " + file + " can neither be read nor made; set FX_MASTER_KEY", unusable);
    }
  }

  static boolean sealed(String text) {
    return text.startsWith(MARK);
  }

  String seal(String text, String row) {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    try {
      byte[] cipher = cipher(Cipher.ENCRYPT_MODE, nonce, row).doFinal(text.getBytes(StandardCharsets.UTF_8));
      return MARK + Base64.getEncoder().encodeToString(ByteBuffer.allocate(NONCE + cipher.length).put(nonce).put(cipher).array());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Every JDK has AES/GCM", impossible);
    }
  }

  /** @throws Refusal 503 {@link #SECRET_UNREADABLE} if it was sealed under another key, or for another row */
  String open(String sealed, String row) {
    try {
      byte[] all = Base64.getDecoder().decode(sealed.substring(MARK.length()));
      if (all.length <= NONCE) {
        throw new GeneralSecurityException("too short");
      }
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, java.util.Arrays.copyOf(all, NONCE), row);
      return new String(cipher.doFinal(all, NONCE, all.length - NONCE), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException other) {
      if (!broken) {
        broken = true;
        LOG.error("A sealed secret cannot be opened: was FX_MASTER_KEY or the file master.key changed? executor={}", row);
      }
      throw new Refusal(503, SECRET_UNREADABLE, "The platform cannot read a secret it keeps; its operator must restore the master key");
    }
  }

  /** Whether something could not be opened since the start. */
  boolean broken() {
    return broken;
  }

  private Cipher cipher(int mode, byte[] nonce, String row) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(row.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
