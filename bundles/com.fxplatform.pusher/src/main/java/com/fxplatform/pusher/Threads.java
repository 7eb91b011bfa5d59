package com.fxplatform.pusher;

import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Daemon threads with a name that tells whose they are. */
final class Threads {
  private Threads() {}

  static ThreadFactory named(String what) {
    return task -> {
      Thread thread = Executors.defaultThreadFactory().newThread(task);
      thread.setName("fx-pusher-" + what);
      thread.setDaemon(true);
      return thread;
    };
  }
}
