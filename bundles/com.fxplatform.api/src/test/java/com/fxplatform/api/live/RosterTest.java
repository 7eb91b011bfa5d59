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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RosterTest {
  private static Map<String, Object> properties(String id, int ranking, long serviceId) {
    return Map.of("kind", id, "service.ranking", ranking, "service.id", serviceId);
  }

  @Test
  void theIncumbentSpeaksUntilItLeaves() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    roster.bind("v1", properties("a", 0, 1));
    roster.bind("v2", properties("a", 0, 2));
    assertEquals("v1", roster.<String>call("a", s -> s));
    roster.unbind("v1");
    assertEquals("v2", roster.<String>call("a", s -> s));
    roster.bind("v1", properties("a", 0, 3));
    assertEquals("v2", roster.<String>call("a", s -> s), "the one that came back stands behind");
    roster.unbind("v2");
    assertEquals("v1", roster.<String>call("a", s -> s));
  }

  @Test
  void theBetterRankedSpeaksFirst() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    roster.bind("old", properties("a", 0, 1));
    roster.bind("better", properties("a", 10, 2));
    assertEquals("better", roster.<String>call("a", s -> s));
  }

  @Test
  void oneVoicePerId() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    roster.bind("a1", properties("a", 0, 1));
    roster.bind("a2", properties("a", 0, 2));
    roster.bind("b1", properties("b", 5, 3));
    assertEquals(Map.of("a", "a1", "b", "b1"), roster.<String>each(s -> s));
    assertEquals(List.of("b", "a"), List.copyOf(roster.<String>each(s -> s).keySet()), "best ranking first");
    assertEquals(3, roster.voices().size());
    assertEquals(2, roster.voices().stream().filter(Voice::speaking).count());
  }

  @Test
  void aServiceMaySpeakForSeveralIds() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    roster.bind("both", Map.of("kind", new String[] {"a", "b"}, "service.id", 1L));
    assertTrue(roster.speaks("a"));
    assertTrue(roster.speaks("b"));
    roster.unbind("both");
    assertFalse(roster.speaks("a"));
    assertFalse(roster.speaks("b"));
  }

  @Test
  void nobodySpeaksIsARefusal() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    Refusal refusal = assertThrows(Refusal.class, () -> roster.call("a", s -> s));
    assertEquals(503, refusal.status());
    assertEquals(Roster.NO_PROVIDER, refusal.code().orElseThrow());
    assertTrue(roster.tryCall("a", s -> s).isEmpty());
  }

  @Test
  void aServiceWithoutTheIdPropertyIsRefused() {
    Roster<String> roster = new Roster<>("kind", Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> roster.bind("s", Map.of("service.id", 1L)));
  }

  @Test
  void leavingWaitsForTheCallInFlight() throws Exception {
    Roster<String> roster = new Roster<>(Duration.ofSeconds(30));
    roster.bind("s", Map.of("service.id", 1L));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    var pool = Executors.newFixedThreadPool(2);
    try {
      Future<?> call = pool.submit(() -> roster.run(s -> {
        inside.countDown();
        await(finish);
        assertFalse(left.get(), "unbind returned while the call was in flight");
      }));
      inside.await();
      Future<?> leaving = pool.submit(() -> {
        roster.unbind("s");
        left.set(true);
      });
      assertThrows(java.util.concurrent.TimeoutException.class, () -> leaving.get(150, TimeUnit.MILLISECONDS));
      finish.countDown();
      call.get(5, TimeUnit.SECONDS);
      leaving.get(5, TimeUnit.SECONDS);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void patienceEnds() throws Exception {
    Roster<String> roster = new Roster<>(Duration.ofMillis(100));
    roster.bind("s", Map.of("service.id", 1L));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    var pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> call = pool.submit(() -> roster.run(s -> {
        inside.countDown();
        await(finish);
      }));
      inside.await();
      roster.unbind("s");
      finish.countDown();
      call.get(5, TimeUnit.SECONDS);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void refusalsOfTheCallerAreNoFailuresOfTheService() {
    Roster<String> roster = new Roster<>(Duration.ofSeconds(1));
    roster.bind("s", Map.of("service.id", 1L));
    assertThrows(Refusal.class, () -> roster.run(s -> {
      throw new Refusal(404, "X", "no");
    }));
    assertThrows(IllegalStateException.class, () -> roster.run(s -> {
      throw new IllegalStateException();
    }));
    Voice voice = roster.voice("").orElseThrow();
    assertEquals(2, voice.calls());
    assertEquals(1, voice.failures());
  }

  /** A service that knows whether it may be called, like a DS component between activate and deactivate. */
  @Test
  void aRoundGoesOnAfterAFailureAndTheWholeHouseSeesIt() {
    Roster<String> roster = new Roster<>("id", Duration.ofSeconds(1));
    roster.bind("bad", Map.of("id", "a-round-goes-on", "service.id", 1L));
    roster.bind("good", Map.of("id", "b", "service.id", 2L));
    Map<String, String> said = roster.each(service -> {
      if (service.equals("bad")) {
        throw new IllegalStateException("no");
      }
      return service;
    }, RuntimeException::getMessage);
    assertEquals(Map.of("a-round-goes-on", "no", "b", "good"), said);
    Voice seen = Roster.everywhere().stream().filter(voice -> voice.id().equals("a-round-goes-on")).findFirst().orElseThrow();
    assertEquals(1, seen.calls());
    assertEquals(1, seen.failures());
  }

  private static final class Room {
    final int generation;
    volatile boolean active = true;

    Room(int generation) {
      this.generation = generation;
    }

    int answer() {
      if (!active) {
        throw new IllegalStateException("called after it left");
      }
      // gives the swap a chance to come in between, and on few cores everybody a turn
      Thread.yield();
      if (!active) {
        throw new IllegalStateException("left during the call");
      }
      return generation;
    }
  }

  @Test
  void fiveHundredSwapsUnderEightCallersLoseNothingAndNobodyMeetsANewcomerOnTrial() throws Exception {
    Roster<Room> roster = new Roster<>(Duration.ofSeconds(5));
    AtomicLong failed = new AtomicLong();
    AtomicLong tooEarly = new AtomicLong();
    AtomicLong answered = new AtomicLong();
    AtomicLong allowedUpTo = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    Room incumbent = new Room(0);
    roster.bind(incumbent, Map.of("service.id", 0L));

    var pool = Executors.newFixedThreadPool(8);
    List<Future<?>> callers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        callers.add(pool.submit(() -> {
          while (!stop.get()) {
            try {
              int generation = roster.call(Room::answer);
              if (generation > allowedUpTo.get()) {
                tooEarly.incrementAndGet();
              }
              answered.incrementAndGet();
            } catch (RuntimeException lost) {
              failed.incrementAndGet();
            }
          }
        }));
      }
      for (int swap = 1; swap <= 500; swap++) {
        Room newcomer = new Room(swap);
        roster.bind(newcomer, Map.of("service.id", (long) swap));
        long before = answered.get();
        while (answered.get() < before + 20) {
          LockSupport.parkNanos(20_000); // the trial: callers go on meanwhile
        }
        allowedUpTo.set(swap);
        roster.unbind(incumbent);
        incumbent.active = false;
        incumbent = newcomer;
      }
    } finally {
      stop.set(true);
      pool.shutdown();
    }
    for (Future<?> caller : callers) {
      caller.get(10, TimeUnit.SECONDS);
    }
    assertEquals(0, failed.get(), "calls lost");
    assertEquals(0, tooEarly.get(), "calls answered by a newcomer on trial");
    assertTrue(answered.get() >= 10_000, "too few calls to prove anything: " + answered.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
