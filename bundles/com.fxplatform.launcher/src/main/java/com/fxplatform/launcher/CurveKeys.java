package com.fxplatform.launcher;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;

/**
 * Key pairs of CurveZMQ (rfc.zeromq.org/spec/26), which encrypts the bridge's protocol 2: 32 bytes of Curve25519 each, written
 * as 40 characters of Z85 (rfc.zeromq.org/spec/32).
 */
final class CurveKeys {
  private static final String Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  private static final int BYTES = 32;

  /** Both in Z85. */
  record Pair(String open, String secret) {}

  private CurveKeys() {}

  /** Keeps the secret key as a secret of the instance. @return the public key */
  static String make(Instance instance, String name) {
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new Trouble("--name wants letters, digits, dot, dash and underscore, at most 64, for example zmq-curve.");
    }
    instance.create();
    instance.refuseOpenSecrets();
    Path file = instance.secrets().resolve(name);
    Pair pair = pair();
    try {
      Files.write(file, new byte[0], StandardOpenOption.CREATE_NEW);
      // before there is anything to see
      Instance.closeToOthers(file);
      Files.writeString(file, pair.secret());
      return pair.open();
    } catch (FileAlreadyExistsException there) {
      throw new Trouble(file + " is there already; choose another name with --name, or move it away.");
    } catch (IOException e) {
      throw new Trouble("The key cannot be written to " + file + " (" + e.getMessage() + "); check its permissions.");
    }
  }

  /** A new pair that a configuration file takes as it stands. */
  static Pair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
      while (true) {
        KeyPair made = generator.generateKeyPair();
        byte[] secret = ((XECPrivateKey) made.getPrivate()).getScalar().orElseThrow();
        Pair pair = new Pair(z85(littleEndian(((XECPublicKey) made.getPublic()).getU())), z85(secret));
        if (plain(pair.open()) && plain(pair.secret())) {
          return pair;
        }
      }
    } catch (GeneralSecurityException reduced) {
      throw new Trouble("This Java cannot make Curve25519 keys (its module jdk.crypto.ec is missing); run fx curve-keys with a JDK.");
    }
  }

  /** Nothing in it reads as a placeholder or a comment. */
  private static boolean plain(String key) {
    return !key.contains("$[") && !key.contains("${") && !key.startsWith("#") && !key.startsWith("=") && !key.startsWith(":");
  }

  private static byte[] littleEndian(BigInteger number) {
    byte[] bytes = new byte[BYTES];
    byte[] big = number.toByteArray();
    for (int i = 0; i < BYTES && i < big.length; i++) {
      bytes[i] = big[big.length - 1 - i];
    }
    return bytes;
  }

  private static String z85(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; i += 4) {
      long word = (bytes[i] & 0xffL) << 24 | (bytes[i + 1] & 0xffL) << 16 | (bytes[i + 2] & 0xffL) << 8 | bytes[i + 3] & 0xffL;
      for (long power = 85L * 85 * 85 * 85; power > 0; power /= 85) {
        text.append(Z85.charAt((int) (word / power % 85)));
      }
    }
    return text.toString();
  }
}
