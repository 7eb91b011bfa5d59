package com.fxplatform.api.live;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps callers waiting while a room is renewed that cannot stand beside itself, because it owns a port or a connection.
 *
 * <p>While it is on, a call through a {@link Roster} to an id whose last voice has left since waits until somebody speaks
 * for it again, at most the patience of each hold it meets, instead of being refused at once.
 * The number of those who wait is bounded;
 * whoever comes when all places are taken is refused as ever. One at a time, the caretaker's.
 */
public final class Hold implements AutoCloseable {
  /** At most so many callers wait; more would take the threads of those who need nothing of the room. */
  public static final int PLACES = 64;

  private static volatile Hold current;

  private record Place(Roster<?> roster, String id) {}

  private final long patienceNanos;
  private final Semaphore places = new Semaphore(PLACES);
  private final Set<Place> vacated = ConcurrentHashMap.newKeySet();
  private boolean over;

  private Hold(Duration patience) {
    patienceNanos = patience.toNanos();
  }

  /**
   * Begins to hold callers.
   *
   * @param patience how long each waits at most
   * @return to be closed as soon as a voice is back, or when it is clear that none comes
   */
  public static synchronized Hold begin(Duration patience) {
    Hold former = current;
    if (former != null) {
      former.close();
    }
    Hold hold = new Hold(patience);
    current = hold;
    return hold;
  }

  @Override
  public void close() {
    synchronized (Hold.class) {
      if (current == this) {
        current = null;
      }
    }
    synchronized (this) {
      over = true;
      notifyAll();
    }
  }

  static void vacate(Roster<?> roster, String id) {
    Hold hold = current;
    if (hold != null) {
      hold.vacated.add(new Place(roster, id));
    }
  }

  static void comeBack() {
    Hold hold = current;
    if (hold != null) {
      synchronized (hold) {
        hold.notifyAll();
      }
    }
  }

  static boolean holds(Roster<?> roster, String id) {
    Hold hold = current;
    return hold != null && hold.vacated.contains(new Place(roster, id));
  }

  /** Whether it is worth another look: somebody is back. */
  static boolean await(Roster<?> roster, String id) {
    while (true) {
      Hold hold = current;
      if (hold == null || !hold.vacated.contains(new Place(roster, id))) {
        // a hold that ended between the caller's look and this one has brought somebody back, or nobody comes
        return roster.speaks(id);
      }
      if (hold.wait(roster, id)) {
        return true;
      }
      if (hold == current) {
        return false;
      }
      // it ended before we woke, and the next one may have taken away again whom it had brought
    }
  }

  /** Waits for whoever has left the roster, at most once the patience of each hold that is on meanwhile. */
  static void awaitAll(Roster<?> roster) {
    Hold hold;
    do {
      hold = current;
      if (hold != null) {
        hold.waitForAll(roster);
      }
      // as above: the next one may have begun before we woke
    } while (hold != current);
  }

  private void waitForAll(Roster<?> roster) {
    for (Place place : vacated) {
      if (place.roster == roster && !roster.speaks(place.id) && !wait(roster, place.id)) {
        return;
      }
    }
  }

  private boolean wait(Roster<?> roster, String id) {
    if (!places.tryAcquire()) {
      return false;
    }
    try {
      long deadline = System.nanoTime() + patienceNanos;
      // the monitor is given back while waiting, and nothing but the look at the roster happens under it
      synchronized (this) {
        for (long left = patienceNanos; !over && !roster.speaks(id) && left > 0; left = deadline - System.nanoTime()) {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      }
      return roster.speaks(id);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      places.release();
    }
  }
}
