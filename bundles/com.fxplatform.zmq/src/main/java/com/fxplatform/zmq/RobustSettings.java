package com.fxplatform.zmq;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the bridge of protocol 2 needs to know, checked.
 *
 * @param port of the command lane, bound on 127.0.0.1; the emergency lane is the port above; 0 for none
 * @param secret what both sides sign with; without one nothing is accepted
 * @param replyTimeout how long an answer may take
 * @param commandTimeout how long a request without a deadline waits for its turn, and a change for its answer
 * @param curve our secret CURVE key in Z85; empty for no encryption
 * @param curvePublic our public CURVE key in Z85
 * @param allowed public CURVE keys of the terminals that may come; empty for any
 */
record RobustSettings(
    int port, String secret, Duration replyTimeout, Duration commandTimeout, String curve, String curvePublic, Set<String> allowed) {
  private static final Pattern Z85 = Pattern.compile("[0-9a-zA-Z.:+=^!/*?&<>()\\[\\]{}@%$#-]{40}");

  static boolean key(String text) {
    return Z85.matcher(text).matches();
  }

  /** Whether the sockets can stay as they are. */
  boolean sameSockets(RobustSettings other) {
    return port == other.port && curve.equals(other.curve) && curvePublic.equals(other.curvePublic) && allowed.equals(other.allowed);
  }

  @Override
  public String toString() {
    return "RobustSettings[port=" + port + ", secret=" + (secret.isEmpty() ? "none" : "set") + ", curve=" + !curve.isEmpty() + "]";
  }
}
