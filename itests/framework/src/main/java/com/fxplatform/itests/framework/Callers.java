package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Eight who call and call while something is changed under them, and remember every call that went wrong. */
final class Callers implements AutoCloseable {
  private static final int MANY = 8;

  private final ExecutorService threads = Executors.newFixedThreadPool(MANY);
  private final AtomicLong calls = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private volatile boolean stop;

  /** @param call one call; empty if it went well, else what was wrong */
  Callers(Callable<String> call) {
    for (int i = 0; i < MANY; i++) {
      threads.execute(() -> {
        while (!stop) {
          try {
            String wrong = call.call();
            if (!wrong.isEmpty()) {
              failures.add(wrong);
            }
          } catch (Exception | LinkageError failed) {
            failures.add(failed.toString());
          }
          calls.incrementAndGet();
        }
      });
    }
    more(MANY);
  }

  /** Waits until that many calls more have ended. */
  void more(int number) {
    long enough = calls.get() + number;
    House.until(() -> calls.get() >= enough, () -> "Only " + calls + " of " + enough + " calls; wrong so far: " + failures);
  }

  long calls() {
    return calls.get();
  }

  /** Ends the calling; none may have failed. */
  @Override
  public void close() throws InterruptedException {
    stop = true;
    threads.shutdown();
    if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
      threads.shutdownNow();
      failures.add("a call did not end within ten seconds");
    }
    assertEquals(List.of(), failures, () -> failures.size() + " of " + calls + " calls failed");
  }
}
