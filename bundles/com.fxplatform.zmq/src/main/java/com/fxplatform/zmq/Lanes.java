package com.fxplatform.zmq;

import com.fxplatform.api.terminal.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The bounded queue in front of the terminal: most urgent lane first, then oldest. EMERGENCY has room of its own, so that
 * no amount of other work can keep a stop out. Thread-safe.
 */
final class Lanes {
  static final int ROOM = 256;
  static final int EMERGENCY_ROOM = 4096;

  private final Map<Lane, Deque<Pending>> lanes = new EnumMap<>(Lane.class);
  private int ordinary;
  private boolean closed;

  Lanes() {
    for (Lane lane : Lane.values()) {
      lanes.put(lane, new ArrayDeque<>());
    }
  }

  /** False if there is no room, or if the queue is closed. */
  synchronized boolean offer(Pending pending) {
    Deque<Pending> lane = lanes.get(pending.request.lane());
    if (closed || (pending.emergency() ? lane.size() >= EMERGENCY_ROOM : ordinary >= ROOM)) {
      return false;
    }
    lane.addLast(pending);
    ordinary += pending.emergency() ? 0 : 1;
    return true;
  }

  /** Lets it in, or answers it at once. */
  boolean letIn(Pending pending) {
    boolean fits = offer(pending);
    if (!fits) {
      pending.notSent(closed() ? "The bridge is stopping." : "The queue to the terminal is full: " + ROOM + " requests are waiting.");
    }
    return fits;
  }

  private synchronized boolean closed() {
    return closed;
  }

  /** What was taken already goes back to the head of its lane; there is always room for it. */
  synchronized void putBack(Pending pending) {
    lanes.get(pending.request.lane()).addFirst(pending);
    ordinary += pending.emergency() ? 0 : 1;
  }

  /** What is to be sent next, or null; it stays in the queue. */
  synchronized Pending head(long now) {
    for (Deque<Pending> lane : lanes.values()) {
      for (Pending pending : lane) {
        if (pending.notBefore - now <= 0) {
          return pending;
        }
      }
    }
    return null;
  }

  synchronized boolean remove(Pending pending) {
    boolean found = lanes.get(pending.request.lane()).remove(pending);
    if (found && !pending.emergency()) {
      ordinary--;
    }
    return found;
  }

  /** Takes out what matches, in the order of work. */
  synchronized List<Pending> take(Predicate<Pending> which) {
    List<Pending> taken = new ArrayList<>();
    for (Deque<Pending> lane : lanes.values()) {
      for (Iterator<Pending> each = lane.iterator(); each.hasNext(); ) {
        Pending pending = each.next();
        if (which.test(pending)) {
          each.remove();
          ordinary -= pending.emergency() ? 0 : 1;
          taken.add(pending);
        }
      }
    }
    return taken;
  }

  /** How long until one reaches its limit or may be sent again; {@code Long.MAX_VALUE} for an empty queue. */
  synchronized long nextMoment(long now) {
    long left = Long.MAX_VALUE;
    for (Deque<Pending> lane : lanes.values()) {
      for (Pending pending : lane) {
        left = Math.min(left, pending.queueLimit() - now);
        if (pending.notBefore - now > 0) {
          left = Math.min(left, pending.notBefore - now);
        }
      }
    }
    return left;
  }

  synchronized int size() {
    return lanes.values().stream().mapToInt(Deque::size).sum();
  }

  /** Nothing is let in any more. */
  synchronized List<Pending> close() {
    closed = true;
    return take(any -> true);
  }
}
