package com.fxplatform.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits within a deployment, and notices that it has become pointless. */
record Pause(CountDownLatch closing, Path jar) {
  /** The deployment ends without a verdict. */
  static final class Over extends Exception {
    private static final long serialVersionUID = 1;
    private final boolean withdrawn;

    Over(boolean withdrawn) {
      this.withdrawn = withdrawn;
    }

    /** Whether somebody took the jar away; else the platform stops. */
    boolean withdrawn() {
      return withdrawn;
    }
  }

  /** Work that may be interrupted. */
  interface Work<T> {
    T run() throws Rejected, InterruptedException;
  }

  /** Work that may be interrupted and has no verdict. */
  interface Calm<T> {
    T run() throws InterruptedException;
  }

  void millis(long millis) throws Over {
    calm(() -> closing.await(millis, TimeUnit.MILLISECONDS));
  }

  <T> T foreign(Work<T> work) throws Rejected, Over {
    try {
      T result = work.run();
      look();
      return result;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new Over(false);
    }
  }

  <T> T calm(Calm<T> work) throws Over {
    try {
      T result = work.run();
      look();
      return result;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new Over(false);
    }
  }

  void look() throws Over {
    if (closing.getCount() == 0) {
      throw new Over(false);
    }
    if (!Files.exists(jar)) {
      throw new Over(true);
    }
  }
}
