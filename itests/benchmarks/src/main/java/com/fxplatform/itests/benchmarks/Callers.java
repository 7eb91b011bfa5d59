package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Credentials;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Executors that ask for their configuration, for a channel, and say that they live: each on one connection that it keeps. */
final class Callers implements AutoCloseable {
  /** What was measured from one {@link #begin} to the next. */
  static final class Phase {
    private static final int STEP_MICROS = 50;
    private final AtomicIntegerArray histogram = new AtomicIntegerArray(100_000);
    final LongAdder calls = new LongAdder();
    final LongAdder failed = new LongAdder();
    final List<String> failures = Collections.synchronizedList(new ArrayList<>());

    private void took(long nanos) {
      histogram.incrementAndGet((int) Math.min(histogram.length() - 1, nanos / 1000 / STEP_MICROS));
    }

    private void fail(String why) {
      failed.increment();
      if (failures.size() < 10) {
        failures.add(Instant.now() + " " + why);
      }
    }

    /** In milliseconds. */
    double percentile(double share) {
      long all = 0;
      for (int i = 0; i < histogram.length(); i++) {
        all += histogram.get(i);
      }
      long seen = 0;
      for (int i = 0; i < histogram.length(); i++) {
        seen += histogram.get(i);
        if (seen >= all * share) {
          return (i + 1) * STEP_MICROS / 1000.0;
        }
      }
      return 0;
    }
  }

  private static final Pattern VALUE = Pattern.compile("guest\\.value\"\\s*:\\s*\"([^\"]*)\"");

  private final int port;
  private final long paceNanos;
  private final List<byte[]> requests;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Instant> firstHeard = new ConcurrentHashMap<>();
  private final AtomicInteger idle = new AtomicInteger();
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile Phase phase;

  /** @param paceNanos between two requests of one connection, unless an answer takes longer */
  Callers(int port, Credentials executor, int connections, long paceNanos) {
    this.port = port;
    this.paceNanos = paceNanos;
    String keys = "X-API-Key: " + executor.apiKey() + "\r\nX-API-Secret: " + executor.secret() + "\r\n";
    requests = List.of(KeptLine.request("GET /api/executor/config", port, keys, "", ""),
        KeptLine.request("POST /api/pusher/auth", port, keys, "application/x-www-form-urlencoded",
            "socket_id=1.2&channel_name=private-executor-" + executor.id()),
        KeptLine.request("POST /api/executor/" + executor.id() + "/heartbeat", port, keys, "application/json", "{\"status\":\"online\"}"));
    for (int i = 0; i < connections; i++) {
      byte[] request = requests.get(i % requests.size());
      Thread thread = new Thread(() -> work(request), "caller-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  Phase begin() {
    Phase next = new Phase();
    phase = next;
    return next;
  }

  /** Returns when no request is on its way. */
  void pause() {
    phase = null;
    while (idle.get() < threads.size()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** What the plugin was heard to say, and when for the first time. */
  Map<String, Instant> firstHeard() {
    return firstHeard;
  }

  private void work(byte[] request) {
    KeptLine line = null;
    boolean resting = false;
    while (stop.getCount() > 0) {
      Phase now = phase;
      if (now == null) {
        if (!resting) {
          resting = true;
          idle.incrementAndGet();
        }
        LockSupport.parkNanos(1_000_000);
        continue;
      }
      if (resting) {
        resting = false;
        idle.decrementAndGet();
      }
      long began = System.nanoTime();
      try {
        if (line == null) {
          line = new KeptLine(port);
        }
        String problem = problem(line.send(request));
        now.took(System.nanoTime() - began);
        if (!problem.isEmpty()) {
          now.fail(problem);
        }
      } catch (IOException broken) {
        now.fail(broken.toString());
        close(line);
        line = null;
      }
      now.calls.increment();
      long left = paceNanos - (System.nanoTime() - began);
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
    }
    close(line);
  }

  /** Empty if it is well. */
  private String problem(KeptLine.Answer answer) {
    Matcher value = VALUE.matcher(answer.text());
    if (value.find()) {
      firstHeard.computeIfAbsent(value.group(1), said -> Instant.now());
    }
    return answer.status() == 200 ? "" : answer.status() + " " + answer.text();
  }

  private static void close(KeptLine line) {
    if (line != null) {
      try {
        line.close();
      } catch (IOException gone) {
        // as wanted
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
