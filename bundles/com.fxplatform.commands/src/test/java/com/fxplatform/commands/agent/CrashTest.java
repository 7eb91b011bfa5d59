package com.fxplatform.commands.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.commands.agent.Entry.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed without a goodbye. */
class CrashTest {
  @TempDir Path data;

  @Test
  void killedBetweenGateAndSendIsUnknownAndNeverSentAgain() throws Exception {
    dieAt("gate");
    assertEquals(List.of(), sent());
    unknownAndNotSentAgain();
    assertEquals(List.of(), sent());
  }

  @Test
  void killedAfterTheSendIsUnknownAndNeverSentAgain() throws Exception {
    dieAt("sent");
    assertEquals(List.of("sent"), sent());
    unknownAndNotSentAgain();
    assertEquals(List.of("sent"), sent());
  }

  @Test
  void killedBeforeTheGateIsDoneOnceAfterTheStart() throws Exception {
    dieAt("accepted");
    try (Rig rig = rig()) {
      assertEquals(State.DONE, rig.reported("c1").state());
      rig.agent.accept(Rig.openMap("c1"), "heartbeat");
      assertEquals(1, rig.terminal.sent.size());
    }
    try (Rig rig = rig()) {
      rig.agent.accept(Rig.openMap("c1"), "heartbeat");
      rig.event("{\"id\":\"after\",\"command\":\"GET_STATUS\"}");
      rig.reported("after");
      assertTrue(rig.terminal.sent.isEmpty());
    }
    assertEquals(List.of("sent"), sent());
  }

  @Test
  void killedBeforeTheReportIsReportedAndNotDoneAgain() throws Exception {
    dieAt("done");
    try (Rig rig = rig()) {
      assertEquals("executed", rig.reported("c1").status());
      assertEquals(List.of("executed"), rig.platform.words("c1"));
      assertTrue(rig.terminal.sent.isEmpty());
      assertEquals(1, rig.journal.positions().size(), "its ticket is known, so it can be closed");
    }
    assertEquals(List.of("sent"), sent());
  }

  private void unknownAndNotSentAgain() {
    for (int start = 0; start < 2; start++) {
      try (Rig rig = rig()) {
        Entry entry = rig.reported("c1");
        assertEquals(State.UNKNOWN, entry.state());
        assertEquals("unknown", entry.status());
        assertFalse(rig.agent.accept(Rig.openMap("c1"), "heartbeat"));
        rig.event(Rig.open("c1"));
        rig.event("{\"id\":\"after" + start + "\",\"command\":\"PING\"}");
        rig.reported("after" + start);
        assertTrue(rig.terminal.sent(Rig.OPEN).isEmpty(), "never sent again");
      }
    }
  }

  private Rig rig() {
    return new Rig(
        data.resolve("journal"),
        List.of(),
        r ->
            r.terminal.beforeSend =
                () -> {
                  if (r.terminal.sent(Rig.OPEN).isEmpty() && r.journal.find("c1").filter(e -> e.state() == State.SENT).isPresent()) {
                    CrashingExecutor.send(wire());
                  }
                });
  }

  private void dieAt(String moment) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CrashingExecutor.class.getName(),
                data.resolve("journal").toString(),
                wire().toString(),
                moment)
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("child.log").toFile())
            .start();
    try {
      assertTrue(child.waitFor(60, TimeUnit.SECONDS), "the child lives on");
      assertEquals(42, child.exitValue(), () -> read(data.resolve("child.log")));
    } finally {
      child.destroyForcibly();
    }
  }

  private Path wire() {
    return data.resolve("wire.txt");
  }

  private List<String> sent() throws Exception {
    return Files.exists(wire()) ? Files.readAllLines(wire()) : List.of();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException gone) {
      return gone.toString();
    }
  }
}
