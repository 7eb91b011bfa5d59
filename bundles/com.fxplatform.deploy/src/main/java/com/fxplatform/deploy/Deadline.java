package com.fxplatform.deploy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Runs foreign code that may never return. */
final class Deadline {
  private static final int INTERRUPTIONS = 10;

  private final AtomicInteger count = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> BackDoor.named(task, "fx-deploy-trial-" + count.incrementAndGet()));

  /** Its result, or a sentence that begins with {@code what}. */
  <T> T within(Duration patience, String what, Callable<T> work) throws Rejected, InterruptedException {
    AtomicReference<Thread> worker = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    Future<T> result = threads.submit(() -> {
      worker.set(Thread.currentThread());
      try {
        return work.call();
      } finally {
        ended.countDown();
      }
    });
    try {
      return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      interrupt(worker.get(), ended);
      throw new Rejected(what + " does not return within " + patience.toSeconds() + " s.");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Rejected no) {
        throw no;
      }
      throw new Rejected(what + " fails: " + root(e.getCause()));
    }
  }

  /** Several times: who was interrupted once may be tried again by the framework, and wait again. */
  private static void interrupt(Thread worker, CountDownLatch ended) throws InterruptedException {
    for (int i = 0; i < INTERRUPTIONS && worker != null && ended.getCount() > 0; i++) {
      worker.interrupt();
      ended.await(100, TimeUnit.MILLISECONDS);
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
