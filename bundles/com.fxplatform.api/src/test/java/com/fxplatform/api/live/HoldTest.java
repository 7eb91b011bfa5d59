package com.fxplatform.api.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HoldTest {
  private final Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void leave() {
    callers.shutdownNow();
  }

  private static Map<String, Object> properties(long serviceId) {
    return Map.of("kind", "a", "service.id", serviceId);
  }

  private static void untilWaiting(Future<?> call) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    while (System.nanoTime() < end) {
      assertFalse(call.isDone());
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void aCallerWaitsForTheNewcomer() throws Exception {
    roster.bind("v1", properties(1));
    try (Hold hold = Hold.begin(Duration.ofSeconds(30))) {
      roster.unbind("v1");
      assertTrue(roster.held("a"));
      Future<String> call = callers.submit(() -> roster.<String>call("a", s -> s));
      untilWaiting(call);
      roster.bind("v2", properties(2));
      assertEquals("v2", call.get(20, TimeUnit.SECONDS));
      assertFalse(roster.held("a"));
    }
  }

  @Test
  void aRoundWaitsForWhoIsAway() throws Exception {
    roster.bind("v1", properties(1));
    try (Hold hold = Hold.begin(Duration.ofSeconds(30))) {
      roster.unbind("v1");
      Future<Map<String, String>> round = callers.submit(() -> roster.<String>each(s -> s));
      untilWaiting(round);
      roster.bind("v2", properties(2));
      assertEquals(Map.of("a", "v2"), round.get(20, TimeUnit.SECONDS));
    }
  }

  /** The one waited for comes back and is away once more before a slow caller has woken. */
  @Test
  void whoWakesLateWaitsForTheNextNewcomer() throws Exception {
    roster.bind("v1", properties(1));
    Hold first = Hold.begin(Duration.ofSeconds(30));
    roster.unbind("v1");
    Future<String> call = callers.submit(() -> roster.<String>call("a", s -> s));
    Future<Map<String, String>> round = callers.submit(() -> roster.<String>each(s -> s));
    untilWaiting(call);
    untilWaiting(round);
    Hold second;
    // nobody wakes inside
    synchronized (first) {
      roster.bind("v2", properties(2));
      first.close();
      second = Hold.begin(Duration.ofSeconds(30));
      roster.unbind("v2");
    }
    try (second) {
      untilWaiting(call);
      untilWaiting(round);
      roster.bind("v3", properties(3));
      assertEquals("v3", call.get(20, TimeUnit.SECONDS));
      assertEquals(Map.of("a", "v3"), round.get(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void whoNeverSpokeIsNotWaitedFor() {
    try (Hold hold = Hold.begin(Duration.ofSeconds(30))) {
      assertThrows(Refusal.class, () -> roster.call("a", s -> s));
      assertTrue(roster.tryCall("a", s -> s).isEmpty());
    }
  }

  @Test
  void patienceEnds() {
    roster.bind("v1", properties(1));
    try (Hold hold = Hold.begin(Duration.ofMillis(50))) {
      roster.unbind("v1");
      assertEquals(503, assertThrows(Refusal.class, () -> roster.call("a", s -> s)).status());
    }
  }

  @Test
  void theEndOfTheHoldEndsTheWaiting() throws Exception {
    roster.bind("v1", properties(1));
    Hold hold = Hold.begin(Duration.ofSeconds(30));
    roster.unbind("v1");
    Future<Boolean> call = callers.submit(() -> roster.tryCall("a", s -> s).isEmpty());
    untilWaiting(call);
    hold.close();
    assertTrue(call.get(20, TimeUnit.SECONDS));
  }

  @Test
  void placesAreBounded() throws Exception {
    roster.bind("v1", properties(1));
    try (Hold hold = Hold.begin(Duration.ofSeconds(30))) {
      roster.unbind("v1");
      List<Future<String>> calls = new ArrayList<>();
      for (int i = 0; i < Hold.PLACES + 10; i++) {
        calls.add(callers.submit(() -> {
          try {
            return roster.<String>call("a", s -> s);
          } catch (Refusal no) {
            return "refused";
          }
        }));
      }
      while (calls.stream().filter(Future::isDone).count() < 10) {
        LockSupport.parkNanos(1_000_000);
      }
      roster.bind("v2", properties(2));
      int refused = 0;
      for (Future<String> call : calls) {
        refused += call.get(20, TimeUnit.SECONDS).equals("refused") ? 1 : 0;
      }
      assertEquals(10, refused);
    }
  }
}
