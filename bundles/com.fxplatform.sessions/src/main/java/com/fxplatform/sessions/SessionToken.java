package com.fxplatform.sessions;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** NextAuth 4's session token: a JWE, {@code dir} and {@code A256GCM}, under a key derived from the secret (wire-contract 4). */
final class SessionToken {
  static final Duration LIFE = Duration.ofDays(30);
  private static final Duration TOLERANCE = Duration.ofSeconds(15);
  private static final int LONGEST = 16_384;

  private final SecretKey key;
  // a page sends its token with each request, and what it says under this key never changes; only good ones get in here
  private final Cache<String, Claims> decrypted = Caffeine.newBuilder().maximumSize(10_000).expireAfterAccess(Duration.ofMinutes(5)).build();

  /** What a token says. */
  record Claims(String userId, String name, String email, String role, Instant expires) {}

  SessionToken(String secret) {
    key = new SecretKeySpec(derive(secret), "AES");
  }

  String issue(Claims claims) {
    Instant now = Instant.now();
    JWTClaimsSet.Builder set = new JWTClaimsSet.Builder()
        .claim("name", claims.name())
        .claim("email", claims.email())
        .subject(claims.userId())
        .claim("id", claims.userId())
        .claim("role", claims.role())
        .issueTime(Date.from(now))
        .expirationTime(Date.from(claims.expires()))
        .jwtID(UUID.randomUUID().toString());
    EncryptedJWT jwt = new EncryptedJWT(new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM), set.build());
    try {
      jwt.encrypt(new DirectEncrypter(key));
    } catch (JOSEException impossible) {
      throw new IllegalStateException("A session token cannot be encrypted", impossible);
    }
    return jwt.serialize();
  }

  /** Empty for whatever is not a living token of ours or the predecessor's. */
  Optional<Claims> read(String token) {
    if (token.length() > LONGEST) {
      return Optional.empty();
    }
    Claims known = decrypted.getIfPresent(token);
    if (known != null) {
      return Optional.of(known).filter(SessionToken::living);
    }
    Optional<Claims> claims = decrypt(token).filter(SessionToken::living);
    claims.ifPresent(good -> decrypted.put(token, good));
    return claims;
  }

  private static boolean living(Claims claims) {
    return !claims.expires().plus(TOLERANCE).isBefore(Instant.now());
  }

  private Optional<Claims> decrypt(String token) {
    try {
      EncryptedJWT jwt = EncryptedJWT.parse(token);
      if (!JWEAlgorithm.DIR.equals(jwt.getHeader().getAlgorithm())
          || !EncryptionMethod.A256GCM.equals(jwt.getHeader().getEncryptionMethod())
          || jwt.getHeader().getCompressionAlgorithm() != null) {
        return Optional.empty();
      }
      jwt.decrypt(new DirectDecrypter(key));
      JWTClaimsSet set = jwt.getJWTClaimsSet();
      Date expires = set.getExpirationTime();
      String id = set.getStringClaim("id") != null ? set.getStringClaim("id") : set.getSubject();
      if (id == null || id.isBlank() || expires == null) {
        return Optional.empty();
      }
      String role = set.getStringClaim("role");
      return Optional.of(new Claims(id, set.getStringClaim("name"), set.getStringClaim("email"),
          role == null ? "user" : role, expires.toInstant()));
    } catch (ParseException | JOSEException | RuntimeException foreign) {
      // anything may be in a cookie
      return Optional.empty();
    }
  }

  /** HKDF with SHA-256, an empty salt and NextAuth's info text (RFC 5869); 32 bytes are one round. */
  static byte[] derive(String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
      byte[] pseudoRandomKey = mac.doFinal(secret.getBytes(StandardCharsets.UTF_8));
      mac.init(new SecretKeySpec(pseudoRandomKey, "HmacSHA256"));
      mac.update("NextAuth.js Generated Encryption Key".getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 1);
      return Arrays.copyOf(mac.doFinal(), 32);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Every JDK has HmacSHA256", impossible);
    }
  }
}
