package com.fxplatform.pusher;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.EventListener;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands events to their listeners: one thread, in order, with a bounded queue before it. */
final class Dispatch {
  static final int MOST_WAITING = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

  private final Roster<EventListener> listeners = new Roster<>(EventListener.EVENT, Duration.ofSeconds(5));
  private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES,
      new ArrayBlockingQueue<>(MOST_WAITING), Threads.named("listen"));
  private final OncePerMinute dropped = new OncePerMinute(total -> LOG.warn(
      "Realtime events are dropped, their listeners are too slow; the heartbeat brings missed commands total={}", total));

  Roster<EventListener> listeners() {
    return listeners;
  }

  void hand(String event, String json) {
    try {
      thread.execute(() -> tell(event, json));
    } catch (RejectedExecutionException full) {
      if (!thread.isShutdown()) {
        dropped.happened();
      }
    }
  }

  private void tell(String event, String json) {
    try {
      boolean heard = listeners.tryCall(event, listener -> {
        listener.on(event, json);
        return true;
      }).orElse(false);
      if (!heard) {
        LOG.debug("Nobody listens event={}", event);
      }
    } catch (RuntimeException itsBug) {
      LOG.error("A listener failed on a realtime event event={}", event, itsBug);
    }
  }

  long droppedCount() {
    return dropped.total();
  }

  void close() {
    thread.shutdownNow();
  }
}
