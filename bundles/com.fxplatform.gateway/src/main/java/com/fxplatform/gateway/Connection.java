package com.fxplatform.gateway;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One client: what waits to be sent to it, and what it is subscribed to.
 *
 * <p>{@link #offer} only queues and is called under a channel's lock, which fixes the order; {@link #flush} sends and is
 * called outside of it.
 */
final class Connection {
  private final String socketId;
  private final Wire wire;
  private final int limit;
  private final Consumer<Connection> tooSlow;
  private final Map<String, Channel> joined = new ConcurrentHashMap<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final ArrayDeque<Frame> outbound = new ArrayDeque<>();
  private long waiting;
  private boolean sending;
  private boolean overflown;

  private volatile long lastInput;
  private volatile boolean probed;
  private volatile Member user;
  // the two below belong to the thread that reads this connection
  private int malformed;
  private double clientEvents;
  private long clientEventsAt;

  /** @param tooSlow told, perhaps more than once, when the client has fallen so far behind that it must be closed */
  Connection(String socketId, Wire wire, Limits limits, long now, Consumer<Connection> tooSlow) {
    this.socketId = socketId;
    this.tooSlow = tooSlow;
    this.wire = wire;
    this.limit = limits.outboundBytes();
    this.lastInput = now;
    this.clientEvents = limits.clientEventsPerSecond();
    this.clientEventsAt = now;
  }

  String socketId() {
    return socketId;
  }

  Map<String, Channel> joined() {
    return joined;
  }

  boolean open() {
    return !closing.get();
  }

  /** The signed-in user, or {@code null}. */
  Member user() {
    return user;
  }

  void signedIn(Member member) {
    user = member;
  }

  void heard(long now) {
    lastInput = now;
    probed = false;
  }

  long silentSince() {
    return lastInput;
  }

  /** Whether this is the first probe of this silence. */
  boolean probe() {
    boolean first = !probed;
    probed = true;
    if (first) {
      wire.ping();
    }
    return first;
  }

  int oneMoreMalformed() {
    return ++malformed;
  }

  /** Takes one client event out of the second's budget. */
  boolean mayTrigger(int perSecond, long now) {
    clientEvents = Math.min(perSecond, clientEvents + (now - clientEventsAt) * perSecond / 1e9);
    clientEventsAt = now;
    if (clientEvents < 1) {
      return false;
    }
    clientEvents--;
    return true;
  }

  /** Queues a frame, or notes that the client is too slow: nothing is ever left out silently. */
  void offer(Frame frame) {
    synchronized (outbound) {
      if (closing.get() || overflown) {
        return;
      }
      if (waiting + frame.bytes() > limit) {
        overflown = true;
        return;
      }
      outbound.add(frame);
      waiting += frame.bytes();
    }
  }

  void flush() {
    boolean behind;
    synchronized (outbound) {
      behind = overflown;
      if (!behind) {
        if (sending || outbound.isEmpty()) {
          return;
        }
        sending = true;
      }
    }
    if (behind) {
      tooSlow.accept(this);
    } else {
      pump();
    }
  }

  private void pump() {
    while (true) {
      Frame next;
      synchronized (outbound) {
        next = outbound.peek();
        if (next == null || closing.get()) {
          sending = false;
          return;
        }
      }
      // whoever comes second, the send that returns or its callback, goes on: a loop where callbacks are immediate
      AtomicInteger arrivals = new AtomicInteger();
      wire.send(next.text(), left -> {
        synchronized (outbound) {
          if (outbound.peek() == next) {
            outbound.remove();
            waiting -= next.bytes();
          }
        }
        if (left && arrivals.incrementAndGet() == 2) {
          pump();
        }
      });
      if (arrivals.incrementAndGet() != 2) {
        return;
      }
    }
  }

  /** Says goodbye once; later calls do nothing. Frames still waiting are not sent any more. */
  CompletableFuture<Void> close(int code, String reason) {
    if (!closing.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(null);
    }
    forget();
    return wire.close(code, reason);
  }

  /** The socket is gone already. */
  void gone() {
    closing.set(true);
    forget();
  }

  void abort() {
    wire.abort();
  }

  private void forget() {
    synchronized (outbound) {
      outbound.clear();
      waiting = 0;
    }
  }
}
