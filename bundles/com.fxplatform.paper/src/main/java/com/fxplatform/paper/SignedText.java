package com.fxplatform.paper;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One frame of protocol 2: a JSON object whose last member is {@code mac}, the HMAC-SHA256 in hex over every byte before
 * {@code ,"mac":"}; so both sides sign the bytes that travel, and nobody has to agree on how JSON is normalised.
 */
final class SignedText {
  private static final String OPENING = ",\"mac\":\"";
  private static final int HEX = 64;
  private static final int TAIL = OPENING.length() + HEX + 2;

  private SignedText() {}

  /** @param json an object with at least one member */
  static byte[] sign(String json, String secret) {
    String body = json.substring(0, json.length() - 1);
    return (body + OPENING + HexFormat.of().formatHex(mac(body.getBytes(StandardCharsets.UTF_8), secret)) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The object without its signature; empty if it is not signed with this secret. */
  static Optional<String> verified(byte[] frame, String secret) {
    int end = frame.length - TAIL;
    if (end < 1 || secret.isEmpty()) {
      return Optional.empty();
    }
    String tail = new String(frame, end, TAIL, StandardCharsets.ISO_8859_1);
    if (!tail.startsWith(OPENING) || !tail.endsWith("\"}")) {
      return Optional.empty();
    }
    byte[] given;
    try {
      given = HexFormat.of().parseHex(tail, OPENING.length(), OPENING.length() + HEX);
    } catch (IllegalArgumentException noHex) {
      return Optional.empty();
    }
    byte[] body = Arrays.copyOf(frame, end);
    return MessageDigest.isEqual(given, mac(body, secret))
        ? Optional.of(new String(body, StandardCharsets.UTF_8) + "}")
        : Optional.empty();
  }

  private static byte[] mac(byte[] body, String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(body);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
