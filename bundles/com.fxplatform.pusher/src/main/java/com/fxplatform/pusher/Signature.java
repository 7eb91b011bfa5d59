package com.fxplatform.pusher;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The two digests that Pusher asks for, in lower-case hex. */
final class Signature {
  /** A MAC with its key, to be copied: looking one up in the providers takes longer than the MAC itself. */
  private record Keyed(String secret, Mac mac) {}

  private static volatile Keyed last;

  private Signature() {}

  static String hmac(String secret, String text) {
    try {
      Keyed keyed = last;
      if (keyed == null || !keyed.secret.equals(secret)) {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        keyed = new Keyed(secret, mac);
        last = keyed;
      }
      Mac copy = (Mac) keyed.mac.clone();
      return HexFormat.of().formatHex(copy.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException | CloneNotSupportedException missing) {
      throw new IllegalStateException("Every JDK has HmacSHA256", missing);
    }
  }

  static String md5(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has MD5", missing);
    }
  }
}
