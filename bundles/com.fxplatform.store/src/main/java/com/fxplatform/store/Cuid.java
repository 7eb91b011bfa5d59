package com.fxplatform.store;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ids like the predecessor's: 25 characters, {@code c} first, time, counter, randomness; later ones sort later. */
final class Cuid {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final int COUNTER_VALUES = 36 * 36 * 36 * 36;

  private Cuid() {}

  static String next() {
    StringBuilder id = new StringBuilder(25).append('c');
    append(id, System.currentTimeMillis(), 8);
    append(id, Math.floorMod(COUNTER.getAndIncrement(), COUNTER_VALUES), 4);
    append(id, RANDOM.nextLong(1L << 31), 6);
    append(id, RANDOM.nextLong(1L << 31), 6);
    return id.toString();
  }

  private static void append(StringBuilder id, long value, int width) {
    String digits = Long.toString(value, 36);
    for (int i = digits.length(); i < width; i++) {
      id.append('0');
    }
    id.append(digits, Math.max(0, digits.length() - width), digits.length());
  }
}
