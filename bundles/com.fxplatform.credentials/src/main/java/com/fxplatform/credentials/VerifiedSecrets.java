package com.fxplatform.credentials;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers that a secret was lately proven good, as a MAC under a key that lives and dies with this process. It is
 * kept with the stored hash that it was proven against: a rotated secret is forgotten in the same instant. Bounded and short-lived.
 */
final class VerifiedSecrets {
  // ten thousand executors, each proven anew every ten minutes, would keep a processor busy with bcrypt alone
  private static final Duration LIFE = Duration.ofHours(1);

  private record Proof(String storedHash, byte[] mac) {}

  private final Cache<String, Proof> proofs = Caffeine.newBuilder().maximumSize(50_000).expireAfterWrite(LIFE).build();
  // with its key, to be copied: looking one up in the providers takes longer than the MAC itself
  private final Mac keyed;

  VerifiedSecrets() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    try {
      keyed = Mac.getInstance("HmacSHA256");
      keyed.init(new SecretKeySpec(random, "HmacSHA256"));
      // so that the key's block is hashed here, and not again by each copy
      keyed.update(new byte[0]);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("Every JDK has HmacSHA256", impossible);
    }
  }

  boolean knows(String executorId, String storedHash, String secret) {
    Proof known = proofs.getIfPresent(executorId);
    return known != null && known.storedHash.equals(storedHash) && MessageDigest.isEqual(known.mac, mac(secret));
  }

  void remember(String executorId, String storedHash, String secret) {
    proofs.put(executorId, new Proof(storedHash, mac(secret)));
  }

  private byte[] mac(String secret) {
    try {
      return ((Mac) keyed.clone()).doFinal(secret.getBytes(StandardCharsets.UTF_8));
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException("The JDK's HmacSHA256 can be copied", impossible);
    }
  }
}
