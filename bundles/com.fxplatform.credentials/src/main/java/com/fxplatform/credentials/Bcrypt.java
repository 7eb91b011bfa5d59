package com.fxplatform.credentials;

import org.mindrot.jbcrypt.BCrypt;

/** bcrypt as the predecessor's rows need it: any of the three prefixes, secrets beyond 72 bytes cut, never a throw. */
final class Bcrypt {
  static final int COST = 10;

  private Bcrypt() {}

  static String hash(String secret) {
    return BCrypt.hashpw(secret, BCrypt.gensalt(COST));
  }

  static boolean matches(String secret, String hash) {
    if (hash.length() != 60 || !hash.startsWith("$2") || hash.charAt(3) != '$') {
      return false;
    }
    try {
      // $2b$ and $2y$ name the same algorithm; jBCrypt knows only the oldest name
      return BCrypt.checkpw(secret, "$2a$" + hash.substring(4));
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException unusable) {
      return false;
    }
  }
}
