package com.fxplatform.credentials;

import com.fxplatform.api.metrics.Meter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Where bcrypt runs: as many threads as processors, and two bounded queues in front of them. Sources that sent wrong
 * secrets lately wait behind everybody else in a short queue of their own, so that guessing is slow and a good secret
 * among the guesses still gets through.
 */
final class VerificationPool implements AutoCloseable {
  private static final int TRUSTED_QUEUE = 128;
  private static final int SUSPECT_QUEUE = 8;
  private static final long PATIENCE_SECONDS = 10;

  private static final Meter BCRYPT = Meter.timing("fx_bcrypt_duration_seconds", "How long bcrypt takes for one secret.");
  private static final Meter WAITING =
      Meter.level("fx_bcrypt_waiting", "Requests that wait for bcrypt, those it works at included.", "queue");
  private static final Meter TURNED_AWAY = Meter.counter("fx_bcrypt_turned_away_total", "Requests that bcrypt had no time for.", "queue");

  private record Job(boolean suspect, long number, Runnable work) implements Runnable, Comparable<Job> {
    @Override
    public void run() {
      work.run();
    }

    @Override
    public int compareTo(Job other) {
      return suspect == other.suspect ? Long.compare(number, other.number) : suspect ? 1 : -1;
    }
  }

  private final AtomicLong numbers = new AtomicLong();
  private final Semaphore trusted = new Semaphore(TRUSTED_QUEUE);
  private final Semaphore suspects = new Semaphore(SUSPECT_QUEUE);
  private final ThreadPoolExecutor threads;

  VerificationPool() {
    int processors = Runtime.getRuntime().availableProcessors();
    AtomicInteger count = new AtomicInteger();
    threads = new ThreadPoolExecutor(processors, processors, 30, TimeUnit.SECONDS, new PriorityBlockingQueue<>(), job -> {
      Thread thread = Executors.defaultThreadFactory().newThread(job);
      thread.setName("fx-credentials-bcrypt-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Runs a verification and waits for it; empty if its queue is full. */
  <T> Optional<T> verify(boolean suspect, Supplier<T> verification) {
    Semaphore places = suspect ? suspects : trusted;
    String queue = suspect ? "suspect" : "trusted";
    if (!places.tryAcquire()) {
      TURNED_AWAY.add(1, queue);
      return Optional.empty();
    }
    WAITING.add(1, queue);
    CompletableFuture<T> verdict = new CompletableFuture<>();
    try {
      threads.execute(new Job(suspect, numbers.getAndIncrement(), () -> {
        long start = System.nanoTime();
        try {
          verdict.complete(verification.get());
          BCRYPT.took(System.nanoTime() - start);
        } catch (RuntimeException | Error failed) {
          verdict.completeExceptionally(failed);
        }
      }));
      return Optional.of(verdict.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException | java.util.concurrent.RejectedExecutionException busy) {
      TURNED_AWAY.add(1, queue);
      return Optional.empty();
    } catch (ExecutionException failed) {
      throw new IllegalStateException("A verification failed", failed.getCause());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      WAITING.add(-1, queue);
      places.release();
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
