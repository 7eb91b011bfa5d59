package com.fxplatform.api.realtime;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The two digests of the Pusher protocol, in lower-case hex, and the comparison that tells nothing by its duration
 * (pusher-protocol 4.1 and 6.1). Publisher and gateway use the same, so that they cannot drift apart.
 */
@ProviderType
public final class Signatures {
  private Signatures() {}

  /** HMAC-SHA-256 of a text under a secret. */
  public static String hmac(String secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has HmacSHA256", missing);
    }
  }

  /** MD5 of a body, as {@code body_md5} wants it. */
  public static String md5(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has MD5", missing);
    }
  }

  /** Whether two texts are equal, in constant time. */
  public static boolean same(String expected, String given) {
    return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
