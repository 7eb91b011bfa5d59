package com.fxplatform.commands.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.executor.PlatformClient.Answer;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.commands.agent.Entry.State;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class AgentTest {
  @TempDir Path folder;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(folder);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private void restart() {
    rig.close();
    rig = new Rig(folder);
  }

  @Test
  void opensOnceAndReportsEachStep() {
    rig.event(Rig.open("c1"));
    Entry entry = rig.reported("c1");
    assertEquals(State.DONE, entry.state());
    var request = rig.terminal.sent.get(0);
    assertEquals(List.of("symbol", "action", "lotSize", "stopLoss", "takeProfit", "comment"), new ArrayList<>(request.parameters().keySet()));
    assertEquals(new BigDecimal("0.10"), request.parameters().get("lotSize"), "a decimal stays as it was written");
    assertEquals(Lane.OPEN, request.lane());
    assertTrue(request.parameters().get("comment").toString().matches("NX[A-Z2-7]{26}"));
    assertTrue(request.deadline().isPresent());
    List<String> words = rig.platform.words("c1");
    assertEquals("executed", words.get(words.size() - 1));
    assertTrue(List.of("received", "executing", "executed").containsAll(words), words.toString());
    Map<String, Object> result = rig.platform.lastResult("c1");
    assertEquals(true, result.get("success"));
    assertEquals("EURUSD", result.get("symbol"));
    assertTrue(result.get("ticket") instanceof Number);
    assertTrue(result.containsKey("executionTime") && result.containsKey("timestamp"));
  }

  @Test
  void oneCommandByManyWaysRunsOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      CompletableFuture<?>[] ways = new CompletableFuture<?>[8];
      String id = "twice" + i;
      for (int w = 0; w < ways.length; w++) {
        boolean event = w % 2 == 0;
        ways[w] =
            CompletableFuture.runAsync(
                () -> {
                  if (event) {
                    rig.event(Rig.open(id));
                  } else {
                    rig.agent.accept(Rig.openMap(id), "heartbeat");
                  }
                });
      }
      CompletableFuture.allOf(ways).get();
      rig.reported(id);
    }
    assertEquals(20, rig.terminal.sent.size());
    restart();
    for (int i = 0; i < 20; i++) {
      assertFalse(rig.agent.accept(Rig.openMap("twice" + i), "heartbeat"), "known after a restart");
    }
    rig.event(Rig.open("last"));
    rig.reported("last");
    assertEquals(1, rig.terminal.sent.size(), "only the new one");
  }

  @Test
  void anExpiredOpenIsNeverSent() {
    var old = Rig.openMap("old");
    old.put("createdAt", Instant.now().minusSeconds(31).toString());
    rig.agent.accept(old, "heartbeat");
    Entry entry = rig.reported("old");
    assertEquals(State.EXPIRED, entry.state());
    assertEquals("expired", entry.status());
    var stated = Rig.openMap("stated");
    stated.put("expiresAt", Instant.now().minusMillis(5).toString());
    rig.agent.accept(stated, "event");
    assertEquals(State.EXPIRED, rig.reported("stated").state());
    assertTrue(rig.terminal.sent.isEmpty());
  }

  @Test
  void aCommandThatExpiresBeforeTheTerminalIsNeverSent() {
    var open = Rig.openMap("slow");
    open.put("expiresAt", Instant.now().plusMillis(300).toString());
    long until = System.nanoTime() + Duration.ofMillis(400).toNanos();
    rig.terminal.beforeGate = () -> Rig.until(() -> System.nanoTime() > until, () -> "clock");
    rig.agent.accept(open, "event");
    assertEquals(State.EXPIRED, rig.reported("slow").state());
    assertTrue(rig.terminal.sent.isEmpty());
  }

  @Test
  void expiryGoesByTheServersClock() {
    rig.platform.offset = Duration.ofMinutes(10);
    var fresh = Rig.openMap("fresh");
    fresh.put("createdAt", Instant.now().plus(Duration.ofMinutes(10)).minusSeconds(1).toString());
    rig.agent.accept(fresh, "event");
    assertEquals(State.DONE, rig.reported("fresh").state());
    assertTrue(rig.terminal.sent.get(0).deadline().orElseThrow().isBefore(Instant.now().plusSeconds(31)), "the deadline is by our clock");
    var stale = Rig.openMap("stale");
    stale.put("createdAt", Instant.now().toString());
    rig.agent.accept(stale, "event");
    assertEquals(State.EXPIRED, rig.reported("stale").state());
  }

  @Test
  void aCommandFromTheFutureLivesNoLonger() {
    var odd = Rig.openMap("odd");
    odd.put("createdAt", Instant.now().plus(Duration.ofDays(3)).toString());
    rig.agent.accept(odd, "event");
    assertTrue(rig.entry("odd").expiresAt() <= System.currentTimeMillis() + 30_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"x\",\"type\":\"OPEN_POSITION\",\"command\":\"PING\",\"payload\":{\"symbol\":\"EURUSD\",\"action\":\"buy\",\"lotSize\":\"0.2\"},\"parameters\":{}}",
        "{\"id\":\"x\",\"command\":\"open_position\",\"parameters\":{\"symbol\":\"EURUSD\",\"type\":\"Buy\",\"volume\":0.2},\"priority\":\"odd\",\"timestamp\":\"never\"}",
        "{\"id\":\"x\",\"command\":\"OPEN_POSITION\",\"type\":\"OPEN_POSITION\",\"payload\":{\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":0.2},\"metadata\":{},\"executorId\":\"other\"}"
      })
  void understandsEveryWayOfWriting(String json) {
    rig.events.on("trade-command", json);
    rig.reported("x");
    assertEquals(1, rig.terminal.sent.size());
    assertEquals("BUY", rig.terminal.sent.get(0).parameters().get("action"));
    assertEquals(0, new BigDecimal("0.2").compareTo((BigDecimal) rig.terminal.sent.get(0).parameters().get("lotSize")));
  }

  @Test
  void strategyCommandsWithoutANameAreNamedAndAnsweredPlainly() {
    rig.event("{\"id\":\"s1\",\"strategyId\":\"a\"}");
    rig.event("{\"id\":\"s2\",\"payload\":{\"strategyId\":\"a\",\"closePositions\":true}}");
    assertEquals("START_STRATEGY", rig.reported("s1").name());
    assertEquals("STOP_STRATEGY", rig.reported("s2").name());
    assertTrue(rig.platform.lastResult("s1").get("error").toString().startsWith("This executor runs no strategies"));
    assertEquals("failed", rig.entry("s1").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"id\":5}", "{\"id\":\"\"}", "{\"id\":\"a b\"}", "[]", "null", "nonsense", "{\"id\":\"../../x\"}"})
  void dropsWhatHasNoUsableId(String json) {
    rig.event(json);
    rig.event("{\"id\":\"" + "a".repeat(65) + "\"}");
    assertTrue(rig.journal.latest(10).isEmpty());
  }

  @Test
  void refusesNonsenseBeforeTheGate() {
    String[] bad = {
      "\"symbol\":\"EUR USD\",\"type\":\"BUY\",\"volume\":1", "\"type\":\"BUY\",\"volume\":1", "\"symbol\":\"EURUSD\",\"type\":\"HOLD\",\"volume\":1",
      "\"symbol\":\"EURUSD\",\"type\":\"BUY\"", "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":0", "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":-1",
      "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":\"NaN\"", "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":1e300",
      "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":1,\"stopLoss\":-5", "\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":1,\"takeProfit\":\"x\""
    };
    for (int i = 0; i < bad.length; i++) {
      rig.event("{\"id\":\"bad" + i + "\",\"command\":\"OPEN_POSITION\",\"parameters\":{" + bad[i] + "}}");
      Entry entry = rig.reported("bad" + i);
      assertEquals(State.REJECTED, entry.state(), bad[i]);
      assertEquals("failed", entry.status());
    }
    assertTrue(rig.terminal.sent.isEmpty());
  }

  @Test
  void tooLargeParametersAreRefusedAndReported() {
    rig.event("{\"id\":\"big\",\"command\":\"OPEN_POSITION\",\"parameters\":{\"symbol\":\"" + "a".repeat(20_000) + "\"}}");
    assertEquals(State.REJECTED, rig.reported("big").state());
    assertTrue(String.valueOf(rig.platform.lastResult("big").get("error")).contains("too large"));
  }

  @Test
  void anUnknownOutcomeIsReportedAndSettledLater() {
    CompletableFuture<TerminalReply> later = new CompletableFuture<>();
    rig.terminal.answers = r -> new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of("no answer"), Optional.of(later));
    rig.event(Rig.open("u"));
    assertEquals(State.UNKNOWN, rig.reported("u").state());
    assertEquals("unknown", rig.entry("u").status());
    later.complete(Rig.ok(Map.of("ticket", 77)));
    Rig.until(() -> rig.entry("u").state() == State.DONE && rig.entry("u").reported(), () -> "not settled: " + rig.entry("u"));
    assertEquals("77", String.valueOf(rig.platform.lastResult("u").get("ticket")));
    assertEquals(List.of("77"), rig.journal.positions().stream().map(Journal.Open::ticket).toList());
    assertEquals(1, rig.terminal.sent.size());
  }

  @Test
  void aServerThatDoesNotKnowTheWordUnknownIsToldFailed() {
    rig.platform.answers = body -> new Answer(body.get("status").equals("unknown") ? 400 : 200, "", "{\"error\":\"Validation error\"}");
    rig.terminal.answers = r -> new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of("no answer"), Optional.empty());
    rig.event(Rig.open("u"));
    rig.reported("u");
    List<String> words = rig.platform.words("u");
    assertEquals("failed", words.get(words.size() - 1));
    assertTrue(rig.platform.lastResult("u").get("error").toString().startsWith("outcome unknown: "));
  }

  @Test
  void aHandlerThatThrowsBehindTheGateLeavesAnUnknownOutcome() {
    CommandHandler broken =
        (command, gate) -> {
          if (command.parameters().containsKey("pass")) {
            gate.pass();
          }
          throw new IllegalStateException("planted");
        };
    rig.handler(broken, "BROKEN");
    rig.event("{\"id\":\"b1\",\"command\":\"BROKEN\",\"parameters\":{\"pass\":1}}");
    rig.event("{\"id\":\"b2\",\"command\":\"BROKEN\"}");
    assertEquals(State.UNKNOWN, rig.reported("b1").state());
    assertEquals(State.REJECTED, rig.reported("b2").state());
    assertFalse(String.valueOf(rig.platform.lastResult("b1")).contains("planted"), "no internals to the outside");
  }

  @Test
  void resultsAreToldUntilTheyAreTakenAndSurviveARestart() {
    rig.platform.away = true;
    rig.event(Rig.open("r"));
    rig.ended("r");
    assertFalse(rig.entry("r").reported());
    rig.close();
    rig = new Rig(folder, List.of(), r -> r.platform.answers = body -> new Answer(503, "", ""));
    Rig.until(() -> rig.platform.told.size() >= 3, () -> "no retries");
    rig.platform.answers = body -> new Answer(200, "", "{}");
    assertEquals(State.DONE, rig.reported("r").state());
    assertTrue(rig.terminal.sent.isEmpty(), "reported, not done again");
  }

  @Test
  void terminalAnswersEndTheReporting() {
    rig.platform.answers =
        body -> body.get("commandId").equals("gone") ? new Answer(404, "", "{\"error\":\"Command not found\"}") : new Answer(409, "", "{\"error\":\"final\"}");
    rig.event("{\"id\":\"gone\",\"command\":\"GET_STATUS\"}");
    rig.event("{\"id\":\"conflict\",\"command\":\"GET_STATUS\"}");
    rig.reported("gone");
    rig.reported("conflict");
  }

  @Test
  void aProxysPageIsNoAnswer() {
    AtomicInteger tries = new AtomicInteger();
    rig.platform.answers = body -> tries.incrementAndGet() < 5 ? new Answer(404, "", "<html>not found</html>") : new Answer(200, "", "{}");
    rig.event("{\"id\":\"p\",\"command\":\"GET_STATUS\"}");
    rig.reported("p");
    assertTrue(tries.get() >= 5);
  }

  @Test
  void whatTheServerForgotIsToldAgain() {
    rig.event("{\"id\":\"f\",\"command\":\"GET_STATUS\"}");
    rig.reported("f");
    int before = rig.platform.words("f").size();
    assertFalse(rig.agent.accept(Map.of("id", "f", "command", "GET_STATUS"), "heartbeat"));
    assertTrue(rig.entry("f").reported(), "too early: the reply may have crossed our report");
    long longAgo = System.currentTimeMillis() - 60_000;
    rig.journal.add("g", seq -> Intake.read(Map.of("command", "GET_STATUS"), "g", seq, "event", longAgo, longAgo, 1));
    rig.journal.ended("g", State.DONE, "executed", Map.of("success", true), longAgo);
    rig.journal.reported("g", "executed", true);
    assertFalse(rig.agent.accept(Map.of("id", "g", "command", "GET_STATUS"), "heartbeat"));
    Rig.until(() -> rig.platform.words("g").equals(List.of("executed")), () -> "not told again");
    assertEquals(before, rig.platform.words("f").size());
  }

  @Test
  void anEmergencyStopHaltsClosesAndStays() {
    rig.event(Rig.open("o1"));
    rig.event(Rig.open("o2"));
    rig.reported("o1");
    rig.reported("o2");
    rig.events.on("emergency-stop", "{\"reason\":\"storm\",\"initiator\":\"ada\",\"commandId\":\"stop1\"}");
    Entry stop = rig.reported("stop1");
    assertEquals("executed", stop.status(), stop.toString());
    assertEquals(2, rig.terminal.sent("CLOSE_POSITION").size());
    assertTrue(rig.terminal.sent("CLOSE_POSITION").stream().allMatch(r -> r.lane() == Lane.EMERGENCY));
    assertTrue(rig.journal.positions().isEmpty());
    rig.event("{\"id\":\"stop1\",\"command\":\"EMERGENCY_STOP\"}");
    restart();
    rig.event(Rig.open("o3"));
    assertEquals("failed", rig.reported("o3").status());
    assertTrue(rig.platform.lastResult("o3").get("error").toString().contains("storm"));
    assertTrue(rig.terminal.sent.isEmpty());
    rig.event("{\"id\":\"resume\",\"command\":\"RESUME\"}");
    assertEquals("executed", rig.reported("resume").status());
    restart();
    rig.event(Rig.open("o4"));
    assertEquals("executed", rig.reported("o4").status());
  }

  @Test
  void anEmergencyStopThatCannotBeReadStopsToo() {
    rig.events.on("emergency-stop", "nonsense");
    Rig.until(() -> rig.journal.halted().isPresent(), () -> "not halted");
    assertTrue(rig.platform.told.stream().noneMatch(b -> b.get("commandId").toString().startsWith("emergency-")));
  }

  @Test
  void aResumeOlderThanTheStopDoesNotResume() {
    Instant before = Instant.now().minusSeconds(5);
    rig.event("{\"id\":\"stop\",\"command\":\"EMERGENCY_STOP\"}");
    rig.reported("stop");
    rig.event("{\"id\":\"late\",\"command\":\"RESUME\",\"createdAt\":\"" + before + "\"}");
    assertEquals("failed", rig.reported("late").status());
    assertTrue(rig.journal.halted().isPresent());
  }

  @Test
  void anOrderOnItsWayWhenTheStopComesIsClosedAgain() throws Exception {
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    rig.terminal.answers =
        r -> {
          if (r.name().equals(Rig.OPEN)) {
            sending.countDown();
            await(go);
          }
          return Rig.FakeTerminal.usual(r);
        };
    rig.event(Rig.open("way"));
    sending.await();
    rig.event("{\"id\":\"stop\",\"command\":\"EMERGENCY_STOP\"}");
    Rig.until(() -> rig.journal.halted().isPresent(), () -> "not halted");
    go.countDown();
    assertEquals("executed", rig.reported("way").status());
    assertEquals("executed", rig.reported("stop").status(), rig.entry("stop").toString());
    assertTrue(rig.journal.positions().isEmpty());
    assertTrue(rig.terminal.sent("CLOSE_POSITION").size() >= 1);
  }

  @Test
  void aStopBeforeTheGateKeepsTheOrderBack() {
    rig.terminal.beforeGate = () -> rig.journal.halt(System.currentTimeMillis(), "in between");
    rig.event(Rig.open("held"));
    assertEquals(State.REJECTED, rig.reported("held").state());
    assertTrue(rig.terminal.sent.isEmpty());
  }

  @Test
  void aStopWhileTheDiskIsBusyKeepsTheOrderBack() {
    long now = System.currentTimeMillis();
    Journal journal = new Journal(Rig.journalConfig(folder.resolve("own")));
    try {
      Entry open = journal.add("busy", seq -> Intake.read(Rig.openMap("busy"), "busy", seq, "event", now, now, 60_000)).orElseThrow();
      // the gate looks at the clock before it writes: that is when the stop comes
      Passage gate =
          new Passage(
              open,
              journal,
              () -> {
                journal.halt(now, "storm");
                return now;
              });
      Refusal no = assertThrows(Refusal.class, gate::pass);
      assertEquals(Gate.HALTED, no.code().orElseThrow());
      assertFalse(gate.shut());
    } finally {
      journal.close();
    }
  }

  @Test
  void closeAllDoesNotClaimWhatItDidNotDo() {
    rig.event(Rig.open("o1"));
    rig.event(Rig.open("o2"));
    rig.reported("o1");
    rig.reported("o2");
    String stuck = rig.journal.positions().get(0).ticket();
    rig.terminal.answers =
        r -> r.name().equals("CLOSE_POSITION") && String.valueOf(r.parameters().get("ticket")).equals(stuck) ? Rig.failed("Close failed: 10018") : Rig.FakeTerminal.usual(r);
    rig.event("{\"id\":\"all\",\"command\":\"CLOSE_ALL_POSITIONS\"}");
    Entry all = rig.reported("all");
    assertEquals("failed", all.status());
    assertTrue(all.result().get("error").toString().contains("10018"), all.result().toString());
    assertEquals(List.of(stuck), rig.journal.positions().stream().map(Journal.Open::ticket).toList());
    rig.terminal.answers = r -> Rig.failed("Position not found");
    rig.event("{\"id\":\"again\",\"command\":\"CLOSE_ALL_POSITIONS\"}");
    assertEquals("executed", rig.reported("again").status(), "what is gone is closed");
    assertTrue(rig.journal.positions().isEmpty());
  }

  @Test
  void closeAllSaysWhenOthersArePresent() {
    rig.terminal.account =
        Optional.of(new Account(BigDecimal.TEN, BigDecimal.TEN, BigDecimal.ZERO, BigDecimal.TEN, BigDecimal.ZERO, Optional.empty(), Optional.empty(), Optional.of(3), Instant.now()));
    rig.event("{\"id\":\"all\",\"command\":\"CLOSE_ALL_POSITIONS\"}");
    assertEquals("failed", rig.reported("all").status());
    assertTrue(rig.platform.lastResult("all").get("error").toString().contains("3 that this executor did not open"));
  }

  @Test
  void closesByTicketAndBySymbol() {
    rig.event(Rig.open("o1"));
    rig.event(Rig.open("o2").replace("EURUSD", "GBPUSD"));
    rig.reported("o1");
    rig.reported("o2");
    rig.event("{\"id\":\"sym\",\"command\":\"CLOSE_BY_SYMBOL\",\"parameters\":{\"symbol\":\"GBPUSD\"}}");
    assertEquals("executed", rig.reported("sym").status());
    Journal.Open left = rig.journal.positions().get(0);
    assertEquals("EURUSD", left.symbol());
    rig.event("{\"id\":\"tick\",\"command\":\"CLOSE_POSITION\",\"parameters\":{\"ticket\":\"" + left.ticket() + "\"},\"createdAt\":\"2020-01-01T00:00:00Z\"}");
    assertEquals("executed", rig.reported("tick").status(), "closing never expires");
    assertTrue(rig.journal.positions().isEmpty());
    rig.event("{\"id\":\"none\",\"command\":\"CLOSE_POSITION\",\"parameters\":{\"ticket\":0}}");
    assertEquals("failed", rig.reported("none").status());
  }

  @Test
  void aCloseWithoutAnswerIsTriedAgain() {
    AtomicInteger tries = new AtomicInteger();
    rig.terminal.answers =
        r -> tries.incrementAndGet() < 3 ? new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of("no answer"), Optional.empty()) : Rig.ok(Map.of());
    rig.event("{\"id\":\"c\",\"command\":\"CLOSE_POSITION\",\"parameters\":{\"ticket\":5}}");
    assertEquals("executed", rig.reported("c").status());
    assertEquals(3, tries.get());
  }

  @Test
  void aSafetyCheckMayForbidOpeningButNeverClosing() {
    SafetyCheck no = (command, account) -> Optional.of("Not today.");
    rig.agent.bindCheck(no, Map.of(SafetyCheck.ID, "no", "service.id", 90L));
    rig.event(Rig.open("o"));
    assertEquals("Not today.", rig.reported("o").result().get("error"));
    rig.event("{\"id\":\"c\",\"command\":\"CLOSE_POSITION\",\"parameters\":{\"ticket\":5}}");
    assertEquals("executed", rig.reported("c").status());
    rig.agent.unbindCheck(no);
    SafetyCheck broken =
        (command, account) -> {
          throw new IllegalStateException("planted");
        };
    rig.agent.bindCheck(broken, Map.of(SafetyCheck.ID, "broken", "service.id", 91L));
    rig.event(Rig.open("o2"));
    assertEquals("failed", rig.reported("o2").status(), "a check that fails is a no");
    assertTrue(rig.terminal.sent(Rig.OPEN).isEmpty());
  }

  @Test
  void aCancelledCommandDoesNotBegin() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CommandHandler slow =
        (command, gate) -> {
          await(go);
          return CommandResult.done(Map.of());
        };
    rig.handler(slow, "SLOW");
    for (int i = 0; i < 3; i++) {
      rig.event("{\"id\":\"slow" + i + "\",\"command\":\"SLOW\"}");
    }
    rig.event(Rig.open("cancelled"));
    rig.events.on("command-cancel", "{\"commandId\":\"cancelled\",\"reason\":\"changed my mind\"}");
    go.countDown();
    Entry entry = rig.reported("cancelled");
    assertEquals("cancelled", entry.status());
    rig.reported("slow2");
    assertTrue(rig.terminal.sent.isEmpty());
    rig.events.on("command-cancel", "{\"commandId\":\"slow2\"}");
    assertEquals("executed", rig.entry("slow2").status(), "what is over stays as it was");
  }

  @Test
  void theMostUrgentGoesFirstAndClosingDoesNotQueueBehindReading() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    rig.handler(
        (command, gate) -> {
          await(go);
          return CommandResult.done(Map.of());
        },
        "BLOCK");
    rig.handler(
        (command, gate) -> {
          order.add(command.id());
          return CommandResult.done(Map.of());
        },
        "NOTE");
    for (int i = 0; i < 3; i++) {
      rig.event("{\"id\":\"block" + i + "\",\"command\":\"BLOCK\"}");
    }
    Rig.until(() -> rig.agent.waiting() == 0, () -> "workers not busy");
    for (String p : List.of("LOW", "NORMAL", "HIGH", "URGENT")) {
      rig.event("{\"id\":\"n" + p + "\",\"command\":\"NOTE\",\"priority\":\"" + p + "\"}");
    }
    rig.event("{\"id\":\"close\",\"command\":\"CLOSE_POSITION\",\"parameters\":{\"ticket\":5},\"priority\":\"LOW\"}");
    rig.reported("close");
    assertTrue(order.isEmpty());
    go.countDown();
    rig.reported("nLOW");
    // three workers wake at once, so neighbours may swap; the ends may not
    assertTrue(order.indexOf("nURGENT") < order.indexOf("nLOW"), order.toString());
  }

  @Test
  void aFullQueueSaysSo() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    rig.handler(
        (command, gate) -> {
          await(go);
          return CommandResult.done(Map.of());
        },
        "BLOCK");
    int more = Dispatcher.MOST + 4;
    for (int i = 0; i < more; i++) {
      rig.event("{\"id\":\"b" + i + "\",\"command\":\"BLOCK\"}");
    }
    Entry last = rig.ended("b" + (more - 1));
    assertTrue(last.result().get("error").toString().contains("busy"), last.toString());
    rig.event("{\"id\":\"stop\",\"command\":\"EMERGENCY_STOP\"}");
    assertEquals("executed", rig.ended("stop").status(), "there is always room for an emergency stop");
    go.countDown();
  }

  @Test
  void answersQuestions() {
    rig.event(Rig.open("o"));
    rig.reported("o");
    rig.event("{\"id\":\"q1\",\"command\":\"GET_STATUS\"}");
    rig.event("{\"id\":\"q2\",\"command\":\"PING\"}");
    rig.event("{\"id\":\"q3\",\"command\":\"GET_POSITIONS\"}");
    rig.event("{\"id\":\"q4\",\"command\":\"GET_ACCOUNT_INFO\"}");
    for (String id : List.of("q1", "q2", "q3", "q4")) {
      assertEquals("executed", rig.reported(id).status(), id);
    }
    assertEquals("operational", ((Map<?, ?>) rig.platform.lastResult("q1").get("data")).get("status"));
    assertEquals("PONG", rig.platform.lastResult("q2").get("message"));
    assertEquals(1, ((List<?>) ((Map<?, ?>) rig.platform.lastResult("q3").get("data")).get("positions")).size());
  }

  @Test
  void ourOwnTimeFromEventToTerminalIsShort() {
    List<Long> nanos = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      long start = System.nanoTime();
      rig.event(Rig.open("l" + i));
      int n = i + 1;
      Rig.until(() -> rig.terminal.sentAt.size() == n, () -> "not sent");
      nanos.add(rig.terminal.sentAt.get(i) - start);
    }
    Collections.sort(nanos.subList(100, 300));
    long median = nanos.get(200);
    LoggerFactory.getLogger(AgentTest.class).info("event to terminal, disk included: median {} us, p95 {} us", median / 1000, nanos.get(290) / 1000);
    assertTrue(median < 100_000_000, "median " + median / 1000 + " us");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
