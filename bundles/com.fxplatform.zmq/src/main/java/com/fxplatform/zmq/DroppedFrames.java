package com.fxplatform.zmq;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** Frames that were nothing: counted, and said once a minute. Counted by one thread, read by any. */
final class DroppedFrames {
  private static final long LOG_AGAIN = TimeUnit.MINUTES.toNanos(1);

  private final Logger log;
  private final String sentence;
  private volatile long count;
  private long logged;
  private long loggedAt;

  /** @param sentence ends in {@code count={}} */
  DroppedFrames(Logger log, String sentence) {
    this.log = log;
    this.sentence = sentence;
  }

  long count() {
    return count;
  }

  void add() {
    long total = count + 1;
    count = total;
    long now = System.nanoTime();
    if (logged == 0 || now - loggedAt > LOG_AGAIN) {
      log.warn(sentence, total - logged);
      logged = total;
      loggedAt = now;
    }
  }
}
