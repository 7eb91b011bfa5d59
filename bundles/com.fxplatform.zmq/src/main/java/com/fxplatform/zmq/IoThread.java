package com.fxplatform.zmq;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;

/** The one thread of a link that owns its sockets: it serves until the end, and builds everything anew after a failure. */
final class IoThread {
  private static final Logger LOG = LoggerFactory.getLogger(IoThread.class);
  private static final long REBUILD = TimeUnit.SECONDS.toNanos(1);

  private final Readiness readiness = new Readiness();
  private final String name;
  private final ExecutorService thread;
  private volatile boolean stopping;

  IoThread(String name) {
    this.name = name;
    thread = Threads.single(name);
  }

  /**
   * Begins.
   *
   * @param serve until {@link #stopping}; called again with a new context when it returns or fails
   * @param end what is done last, on the thread too
   */
  void start(Consumer<ZContext> serve, Runnable end) {
    thread.execute(
        () -> {
          while (!stopping) {
            try (ZContext context = Threads.context(name + "-io")) {
              serve.accept(context);
            } catch (RuntimeException bug) {
              LOG.error("The bridge's I/O loop failed and is built anew. thread={}", name, bug);
              LockSupport.parkNanos(REBUILD);
            }
          }
          end.run();
          readiness.close();
        });
  }

  /** What it waits with. */
  Readiness readiness() {
    return readiness;
  }

  boolean stopping() {
    return stopping;
  }

  /** Somebody put something in front of it. */
  void signal() {
    readiness.signal();
  }

  /** Stops within two seconds; never by interrupt, which JeroMQ does not survive. */
  void close() {
    stopping = true;
    readiness.signal();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.warn("The bridge's I/O thread did not stop within two seconds; a gate may be waiting for a disk. thread={}", name);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
