package com.fxplatform.deploy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs foreign code that may never return. */
final class Deadline {
  private final AtomicInteger count = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> BackDoor.named(task, "fx-deploy-trial-" + count.incrementAndGet()));

  /** Its result, or a sentence that begins with {@code what}. */
  <T> T within(Duration patience, String what, Callable<T> work) throws Rejected, InterruptedException {
    Future<T> result = threads.submit(work);
    try {
      return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      result.cancel(true);
      throw new Rejected(what + " does not return within " + patience.toSeconds() + " s.");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Rejected no) {
        throw no;
      }
      throw new Rejected(what + " fails: " + root(e.getCause()));
    }
  }

  static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  void close() {
    threads.shutdownNow();
  }
}
