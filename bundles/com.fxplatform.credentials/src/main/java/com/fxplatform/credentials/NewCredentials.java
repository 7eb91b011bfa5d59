package com.fxplatform.credentials;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Fresh credentials in the predecessor's formats (wire-contract 2). Shown once, never kept in clear but the shared one. */
record NewCredentials(String apiKey, String apiSecret, String sharedSecret) {
  private static final SecureRandom RANDOM = new SecureRandom();

  static NewCredentials generate() {
    String key = "exe_" + hex(16);
    String secret = hex(32);
    return new NewCredentials(key, secret, sha256(key + ":" + secret + ":" + System.currentTimeMillis() + ":" + hex(16)));
  }

  private static String hex(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private static String sha256(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, 32);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every JDK has SHA-256", impossible);
    }
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "NewCredentials[" + apiKey.substring(0, 8) + "...]";
  }
}
