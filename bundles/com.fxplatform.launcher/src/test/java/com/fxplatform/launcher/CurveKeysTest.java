package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.neilalexander.jnacl.crypto.curve25519;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveKeysTest {
  private static final String Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

  @TempDir Path temp;

  @Test
  void thePublicKeyBelongsToTheSecretOne() {
    for (int i = 0; i < 200; i++) {
      CurveKeys.Pair pair = CurveKeys.pair();
      byte[] open = new byte[32];
      curve25519.crypto_scalarmult_base(open, decoded(pair.secret()));
      assertArrayEquals(decoded(pair.open()), open);
      assertFalse((pair.open() + pair.secret()).contains("$["), "a configuration file would take it for a placeholder");
    }
  }

  @Test
  void theSecretKeyIsASecretOfTheInstanceAndNothingIsOverwritten() throws Exception {
    Instance instance = new Instance(temp);
    String open = CurveKeys.make(instance, "zmq-curve");
    Path file = temp.resolve("secrets/zmq-curve");
    String secret = Files.readString(file);
    byte[] expected = new byte[32];
    curve25519.crypto_scalarmult_base(expected, decoded(secret));
    assertArrayEquals(expected, decoded(open));
    if (Files.getFileStore(temp).supportsFileAttributeView("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
    Trouble there = assertThrows(Trouble.class, () -> CurveKeys.make(instance, "zmq-curve"));
    assertTrue(there.getMessage().contains("is there already"), there.getMessage());
    assertEquals(secret, Files.readString(file));
    assertThrows(Trouble.class, () -> CurveKeys.make(instance, "../outside"));
  }

  private static byte[] decoded(String text) {
    assertEquals(40, text.length(), text);
    byte[] bytes = new byte[32];
    for (int i = 0; i < 8; i++) {
      long word = 0;
      for (int k = 0; k < 5; k++) {
        word = word * 85 + Z85.indexOf(text.charAt(5 * i + k));
      }
      for (int k = 0; k < 4; k++) {
        bytes[4 * i + k] = (byte) (word >> 24 - 8 * k);
      }
    }
    return bytes;
  }
}
