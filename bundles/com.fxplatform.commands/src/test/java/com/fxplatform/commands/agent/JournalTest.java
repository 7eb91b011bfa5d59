package com.fxplatform.commands.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.commands.agent.Entry.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path folder;

  @Test
  void aDamagedJournalTakesNoCommandAndSaysWhatToDo() throws Exception {
    Files.write(folder.resolve("commands.mv"), "this is no journal".repeat(1000).getBytes());
    Journal journal = new Journal(Rig.journalConfig(folder));
    try {
      Result health = journal.execute();
      assertEquals(Result.Status.CRITICAL, health.getStatus());
      assertTrue(health.toString().contains("move commands.mv and commands.tail away"), health.toString());
      assertThrows(Refusal.class, () -> journal.find("x"));
      assertEquals("this is no journal", Files.readString(folder.resolve("commands.mv")).substring(0, 18), "left as it was");
    } finally {
      journal.close();
    }
  }

  @Test
  void waitsWhileAnotherVersionHoldsItAndTakesOver() {
    Journal incumbent = new Journal(Rig.journalConfig(folder));
    Journal newcomer = new Journal(Rig.journalConfig(folder));
    try {
      assertEquals(Result.Status.WARN, newcomer.execute().getStatus());
      assertThrows(Refusal.class, newcomer::positions);
      incumbent.halt(5, "from before");
      incumbent.close();
      Rig.until(() -> newcomer.health().open(), () -> "not taken over");
      assertEquals("from before", newcomer.halted().orElseThrow().reason());
    } finally {
      incumbent.close();
      newcomer.close();
    }
  }

  @RepeatedTest(3)
  void anInterruptedThreadDoesNotCloseTheJournal() throws Exception {
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(folder)))) {
      Journal j = journal.journal;
      var worker = java.util.concurrent.Executors.newSingleThreadExecutor(Agent.named("test-worker"));
      var thread = worker.submit(Thread::currentThread).get();
      var work =
          worker.submit(
              () -> {
                for (int i = 0; i < 200; i++) {
                  String id = "i" + i;
                  j.add(id, seq -> Intake.read(Map.of("command", "PING"), id, seq, "event", 1, 1, 1)).orElseThrow();
                  j.sent(id, 2);
                }
                return null;
              });
      while (!work.isDone()) {
        thread.interrupt();
        java.util.concurrent.locks.LockSupport.parkNanos(50_000);
      }
      work.get();
      worker.shutdown();
    }
    try (Closing again = new Closing(new Journal(Rig.journalConfig(folder)))) {
      assertEquals(200, again.journal.all(e -> e.state() == State.SENT).size());
    }
  }

  @Test
  void endsOnlyOnceAndAnUnknownEndMaySettle() {
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(folder)))) {
      Journal j = journal.journal;
      long now = System.currentTimeMillis();
      j.add("a", seq -> Intake.read(Map.of("command", "PING"), "a", seq, "event", now, now, 1)).orElseThrow();
      assertTrue(j.add("a", seq -> Intake.read(Map.of("command", "PING"), "a", seq, "event", now, now, 1)).isEmpty());
      assertTrue(j.sent("a", now));
      assertFalse(j.endUnlessBegun("a", State.REJECTED, "cancelled", Map.of(), now));
      j.ended("a", State.UNKNOWN, "unknown", Map.of(), now);
      j.reported("a", "unknown", true);
      assertEquals(State.DONE, j.ended("a", State.DONE, "executed", Map.of(), now).state());
      assertFalse(j.find("a").orElseThrow().reported(), "the settled word is told too");
      assertEquals(State.DONE, j.ended("a", State.UNKNOWN, "unknown", Map.of(), now).state());
      j.reported("a", "unknown", true);
      assertFalse(j.find("a").orElseThrow().reported(), "an old word's receipt is none for the new one");
    }
  }

  @Test
  void whatTheStoreLostComesBackFromTheTail() throws Exception {
    long now = System.currentTimeMillis();
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Path own = folder.resolve("own");
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(own)))) {
      Journal j = journal.journal;
      j.add("a", seq -> Intake.read(Map.of("command", "PING"), "a", seq, "event", now, now, 1)).orElseThrow();
      // the store as it was when it was killed, if it lost what came after
      Files.copy(own.resolve("commands.mv"), copy.resolve("commands.mv"));
      j.sent("a", now);
      j.add("b", seq -> Intake.read(Map.of("command", "PING"), "b", seq, "event", now, now, 1)).orElseThrow();
      j.sent("b", now);
      j.pause("lunch");
      Files.copy(own.resolve("commands.tail"), copy.resolve("commands.tail"));
    }
    for (int start = 0; start < 2; start++) {
      try (Closing again = new Closing(new Journal(Rig.journalConfig(copy)))) {
        assertEquals(State.SENT, again.journal.find("a").orElseThrow().state());
        assertEquals(State.SENT, again.journal.find("b").orElseThrow().state());
        assertEquals(2, again.journal.latest(10).size());
        assertEquals("lunch", again.journal.paused().orElseThrow());
      }
    }
  }

  @Test
  void whatNoLineSaysAnyMoreIsInTheStore() throws Exception {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Path own = folder.resolve("own");
    String large = "x".repeat(500_000);
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(own)))) {
      journal.journal.note("first", "here");
      for (int i = 0; i < 40; i++) {
        // 20 MB: the line of the first note is neither in the file nor in the one before
        journal.journal.note("large", large + i);
      }
      assertFalse(Files.readString(own.resolve("commands.tail.1")).contains("here"));
      for (String file : new String[] {"commands.mv", "commands.tail", "commands.tail.1"}) {
        Files.copy(own.resolve(file), copy.resolve(file));
      }
    }
    try (Closing again = new Closing(new Journal(Rig.journalConfig(copy)))) {
      assertEquals("here", again.journal.note("first").orElseThrow());
      assertEquals(large + 39, again.journal.note("large").orElseThrow());
    }
  }

  @Test
  void aTornLastLineNeverHappenedAndADamagedOneInsideStopsTrading() throws Exception {
    Path torn = Files.createDirectory(folder.resolve("torn"));
    Files.writeString(torn.resolve("commands.tail"), "[\"flags\",\"pause\",\"lunch\"]\n[\"flags\",\"pause\",\"din");
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(torn)))) {
      assertEquals("lunch", journal.journal.paused().orElseThrow());
    }
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    Files.writeString(damaged.resolve("commands.tail"), "[\"flags\",\"pau\0\0\0\n[\"flags\",\"pause\",\"dinner\"]\n");
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(damaged)))) {
      assertFalse(journal.journal.health().open());
      assertTrue(journal.journal.health().detail().contains("move commands.mv and commands.tail away"), journal.journal.health().detail());
    }
  }

  @Test
  void aFullJournalMakesRoomAndNeverKeepsACloseOut() {
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(folder), 2))) {
      Journal j = journal.journal;
      long now = System.currentTimeMillis();
      long twoHoursAgo = now - 2 * 3_600_000L;
      j.add("ended", seq -> Intake.read(Map.of("command", "PING"), "ended", seq, "event", now, twoHoursAgo, 1)).orElseThrow();
      j.add("young", seq -> Intake.read(Map.of("command", "PING"), "young", seq, "event", now, now, 1)).orElseThrow();
      assertThrows(Refusal.class, () -> j.add("one", seq -> Intake.read(Map.of("command", "PING"), "one", seq, "event", now, now, 1)));
      j.add("close", seq -> Intake.read(Map.of("command", "CLOSE_POSITION"), "close", seq, "event", now, now, 1)).orElseThrow();
      j.ended("ended", State.DONE, "executed", Map.of(), twoHoursAgo);
      j.reported("ended", "executed", true);
      j.add("one", seq -> Intake.read(Map.of("command", "PING"), "one", seq, "event", now, now, 1)).orElseThrow();
      assertTrue(j.find("ended").isEmpty());
      assertTrue(j.find("young").isPresent());
    }
  }

  @Test
  void forgetsOnlyWhatIsOldReportedAndOver() {
    try (Closing journal = new Closing(new Journal(Rig.journalConfig(folder)))) {
      Journal j = journal.journal;
      long now = System.currentTimeMillis();
      long old = now - 73L * 3_600_000;
      long recent = now - 49L * 3_600_000;
      for (String id : new String[] {"old", "oldUnreported", "recent", "running"}) {
        j.add(id, seq -> Intake.read(Map.of("command", "PING"), id, seq, "event", now, old, 1));
      }
      j.ended("old", State.DONE, "executed", Map.of(), old);
      j.reported("old", "executed", true);
      j.ended("oldUnreported", State.DONE, "executed", Map.of(), old);
      j.ended("recent", State.DONE, "executed", Map.of(), recent);
      j.reported("recent", "executed", true);
      j.prune();
      assertTrue(j.find("old").isEmpty());
      for (String id : new String[] {"oldUnreported", "recent", "running"}) {
        assertTrue(j.find(id).isPresent(), id);
      }
      assertEquals(3, j.latest(10).size());
      assertEquals("running", j.latest(10).get(0).id());
    }
  }

  private record Closing(Journal journal) implements AutoCloseable {
    @Override
    public void close() {
      journal.close();
    }
  }
}
