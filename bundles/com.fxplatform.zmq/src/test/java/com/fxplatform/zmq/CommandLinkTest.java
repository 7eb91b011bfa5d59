package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.PaperTerminal;
import com.fxplatform.paper.TradeLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommandLinkTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final AccountBook book = new AccountBook();
  private Peer peer = new Peer(SECRET);
  private CommandLink link;

  @AfterEach
  void stop() {
    if (link != null) {
      link.close();
    }
    peer.close();
  }

  @Test
  void opensReadsAndCloses() throws Exception {
    connect();
    TerminalReply opened = get(link.submit(Peer.open("cmd-1", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.OK, opened.outcome(), opened.toString());
    long ticket = ((Number) opened.data().get("ticket")).longValue();
    assertEquals("cmd-1", last().requestId().substring(last().requestId().length() - 5));
    assertTrue(last().comment().startsWith("NX"), last().comment());
    TerminalReply price =
        get(link.submit(new TerminalRequest("q", "GET_PRICE", Map.of("symbol", "XAUUSD"), Lane.READ, Optional.empty()), Peer.FREE));
    assertEquals("XAUUSD", price.data().get("symbol"));
    Settings patient = peer.settings(SECRET);
    link.settings(
        new Settings(patient.endpoint(), SECRET, Duration.ofSeconds(15), Duration.ofSeconds(10), patient.accountInterval()));
    TerminalReply bars =
        get(
            link.submit(
                new TerminalRequest(
                    "b", "GET_BARS", Map.of("symbol", "EURUSD", "timeframe", "H1", "bars", 10_000), Lane.BARS, Optional.empty()),
                Peer.FREE));
    assertEquals(10_000, ((List<?>) bars.data().get("bars")).size());
    assertEquals(Outcome.OK, get(link.submit(Peer.close("cmd-2", ticket, Lane.CLOSE), Peer.FREE)).outcome());
    TerminalReply twice = get(link.submit(Peer.close("cmd-3", ticket, Lane.CLOSE), Peer.FREE));
    assertEquals(Outcome.FAILED, twice.outcome());
    assertEquals(Optional.of("Position not found"), twice.error());
    assertEquals(0, link.garbage());
  }

  @Test
  void withoutAPeerAnOpenExpiresAndIsNeverExecuted() throws Exception {
    peer.reserve();
    link = new CommandLink(new CompatDialect(), book, peer.settings(SECRET)).start();
    TerminalRequest open = Peer.open("stale", "EURUSD");
    TerminalRequest dated =
        new TerminalRequest(open.id(), open.name(), open.parameters(), open.lane(), Optional.of(Instant.now().plusMillis(300)));
    TerminalReply reply = get(link.submit(dated, Peer.FREE));
    assertEquals(Outcome.NOT_SENT, reply.outcome());
    assertTrue(reply.error().orElseThrow().contains("attach the Expert Advisor"), reply.toString());
    assertEquals(State.DISCONNECTED, link.status().state());
    peer.start();
    ready();
    assertEquals(Outcome.OK, get(link.submit(Peer.open("fresh", "EURUSD"), Peer.FREE)).outcome());
    assertEquals(1, peer.opens());
    assertTrue(peer.log.lines().stream().noneMatch(line -> line.requestId().contains("stale")));
  }

  @Test
  void aFrozenTerminalMakesAnUnknownThatItsLateAnswerSettles() throws Exception {
    connect();
    peer.frozen = true;
    TerminalReply reply = get(link.submit(Peer.open("late", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.UNKNOWN, reply.outcome());
    CompletableFuture<TerminalReply> settlement = reply.settlement().orElseThrow().toCompletableFuture();
    TerminalReply second = get(link.submit(dated(Peer.open("second", "EURUSD"), 300), Peer.FREE));
    assertEquals(Outcome.NOT_SENT, second.outcome());
    assertFalse(settlement.isDone());
    peer.frozen = false;
    TerminalReply settled = get(settlement);
    assertEquals(Outcome.OK, settled.outcome());
    assertEquals(1, peer.opens());
    assertEquals(last().ticket(), ((Number) settled.data().get("ticket")).longValue());
    assertEquals(Outcome.OK, get(link.submit(Peer.open("third", "EURUSD"), Peer.FREE)).outcome());
    assertEquals(2, peer.opens());
  }

  @Test
  void aReadOfAFrozenTerminalFailsInsteadOfHanging() throws Exception {
    connect();
    peer.frozen = true;
    for (String name : List.of("PING", "GET_ACCOUNT")) {
      CompletableFuture<TerminalReply> read = link.submit(dated(Peer.read("r", name), 900), Peer.FREE);
      assertTrue(get(read).outcome() != Outcome.OK);
    }
    peer.frozen = false;
    assertEquals(Outcome.OK, get(link.submit(Peer.read("r", "PING"), Peer.FREE)).outcome());
  }

  @Test
  void aTerminalThatDiesBetweenExecutingAndAnsweringIsNotAskedTwice() throws Exception {
    connect();
    peer.diesAfterExecuting = true;
    TerminalReply reply = get(link.submit(Peer.open("killed", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.UNKNOWN, reply.outcome());
    assertTrue(reply.error().orElseThrow().contains("comment NX"), reply.toString());
    Peer.await(() -> peer.terminal().state() == PaperTerminal.State.STOPPED);
    peer.start();
    ready();
    TerminalReply same = get(link.submit(Peer.open("again", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.NOT_SENT, same.outcome());
    assertTrue(same.error().orElseThrow().contains("unknown outcome"), same.toString());
    assertEquals(Outcome.OK, get(link.submit(Peer.open("other", "GBPUSD"), Peer.FREE)).outcome());
    assertEquals(2, peer.opens());
    assertTrue(link.status().detail().contains("killed"), link.status().detail());
    assertFalse(reply.settlement().orElseThrow().toCompletableFuture().isDone());
  }

  @Test
  void anUnknownOutcomeIsSettledWithoutWordsOfProtocolTwo() throws Exception {
    connect();
    peer.diesAfterExecuting = true;
    assertEquals(Outcome.UNKNOWN, get(link.submit(Peer.open("killed", "EURUSD"), Peer.FREE)).outcome());
    Peer.await(() -> peer.terminal().state() == PaperTerminal.State.STOPPED);
    peer.start();
    ready();
    for (String name : List.of("QUERY", "GET_POSITIONS", "HALT", "RESUME", "CLOSE_ALL", "MODIFY_POSITION")) {
      TerminalReply refused = get(link.submit(Peer.read("second", name), Peer.FREE));
      assertEquals(Outcome.NOT_SENT, refused.outcome(), refused.toString());
      assertTrue(refused.error().orElseThrow().contains("knows no command " + name), refused.toString());
    }
    // the margin is the only evidence that an Expert Advisor of protocol 1 can give
    assertEquals(Outcome.OK, get(link.submit(Peer.read("margin", "GET_ACCOUNT"), Peer.FREE)).outcome());
    Peer.await(() -> link.status().detail().contains("margin has grown"));
    assertTrue(Set.of("PING", "GET_ACCOUNT", "OPEN_POSITION").containsAll(peer.asked), peer.asked.toString());
    assertEquals(1, peer.asked.stream().filter("OPEN_POSITION"::equals).count());
  }

  @Test
  void aCloseThatLostItsAnswerIsSentAgainAndCountsAsClosed() throws Exception {
    connect();
    get(link.submit(Peer.open("o", "EURUSD"), Peer.FREE));
    peer.diesAfterExecuting = true;
    CompletableFuture<TerminalReply> close = link.submit(Peer.close("c", last().ticket(), Lane.CLOSE), Peer.FREE);
    Peer.await(() -> peer.terminal().state() == PaperTerminal.State.STOPPED);
    peer.start();
    TerminalReply reply = get(close);
    assertEquals(Outcome.OK, reply.outcome(), reply.toString());
    assertEquals(true, reply.data().get("assumed"));
    assertEquals(1, peer.log.count(TradeLog.Kind.CLOSE));
  }

  @Test
  void aWrongSecretCostsExactlyOneProbeUntilItChanges() throws Exception {
    peer.start();
    link = new CommandLink(new CompatDialect(), book, peer.settings("wrong-wrong-wrong-wrong-wrong-wrong")).start();
    Peer.await(() -> link.status().state() == State.AUTHENTICATION_FAILED);
    for (int i = 0; i < 50; i++) {
      TerminalReply reply = get(link.submit(Peer.open("a" + i, "EURUSD"), Peer.FREE));
      assertEquals(Outcome.NOT_SENT, reply.outcome());
      assertTrue(reply.error().orElseThrow().contains("InpSharedSecret"), reply.toString());
    }
    // a restarted terminal is a new connection, and no reason to try again
    peer.close();
    peer.start();
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.read("r", "GET_ACCOUNT"), Peer.FREE)).outcome());
    assertEquals(1, peer.access.refusals());
    link.settings(peer.settings("also-wrong"));
    Peer.await(() -> peer.access.refusals() == 2);
    link.settings(peer.settings(SECRET));
    ready();
    assertEquals(2, peer.access.refusals());
    assertEquals(Outcome.OK, get(link.submit(Peer.open("good", "EURUSD"), Peer.FREE)).outcome());
  }

  @Test
  void aSecretThatNoExpertAdvisorCanReadIsNeverSent() throws Exception {
    peer.start();
    link = new CommandLink(new CompatDialect(), book, peer.settings("quote\"inside")).start();
    Peer.await(() -> link.status().state() == State.AUTHENTICATION_FAILED);
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.open("a", "EURUSD"), Peer.FREE)).outcome());
    assertEquals(0, peer.terminal().requests());
  }

  @Test
  void aQueuedRequestSurvivesAChangeOfTheSecret() throws Exception {
    peer.reserve();
    link = new CommandLink(new CompatDialect(), book, peer.settings("the-old-secret-the-old-secret")).start();
    CompletableFuture<TerminalReply> queued = link.submit(Peer.open("queued", "EURUSD"), Peer.FREE);
    link.settings(peer.settings(SECRET));
    peer.start();
    assertEquals(Outcome.OK, get(queued).outcome());
  }

  @Test
  void theGateIsPassedImmediatelyBeforeSendingAndMayRefuse() throws Exception {
    connect();
    Gate shut =
        () -> {
          throw new Refusal(409, Gate.HALTED, "Trading is halted.");
        };
    TerminalReply reply = get(link.submit(Peer.open("h", "EURUSD"), shut));
    assertEquals(Outcome.NOT_SENT, reply.outcome());
    assertEquals(Optional.of("Trading is halted."), reply.error());
    List<String> passedOn = new ArrayList<>();
    get(link.submit(Peer.open("g", "EURUSD"), () -> passedOn.add(Thread.currentThread().getName())));
    assertEquals(List.of("fx-zmq-commands"), passedOn);
    Gate broken =
        () -> {
          throw new IllegalStateException("disk full");
        };
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.open("b", "EURUSD"), broken)).outcome());
    assertEquals(1, peer.opens());
  }

  @Test
  void anOpenWhoseConnectionDiesWhileTheGateWritesIsNotDeliveredLater() throws Exception {
    connect();
    Gate slow =
        () -> {
          peer.close();
          // time for JeroMQ to notice; the link itself cannot, this is its thread
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        };
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.open("ghost", "EURUSD"), slow)).outcome());
    peer.start();
    ready();
    assertEquals(Outcome.OK, get(link.submit(Peer.open("real", "EURUSD"), Peer.FREE)).outcome());
    assertEquals(1, peer.opens());
  }

  @Test
  void theEmergencyLaneOvertakesEverythingQueued() throws Exception {
    connect();
    get(link.submit(Peer.open("first", "EURUSD"), Peer.FREE));
    long ticket = last().ticket();
    peer.frozen = true;
    CompletableFuture<TerminalReply> stuck = link.submit(Peer.open("stuck", "GBPUSD"), Peer.FREE);
    get(stuck);
    AtomicBoolean halted = new AtomicBoolean();
    Gate gate =
        () -> {
          if (halted.get()) {
            throw new Refusal(409, Gate.HALTED, "Trading is halted.");
          }
        };
    List<CompletableFuture<TerminalReply>> queued = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      queued.add(link.submit(Peer.open("q" + i, "AUDUSD"), gate));
    }
    halted.set(true);
    CompletableFuture<TerminalReply> close = link.submit(Peer.close("stop", ticket, Lane.EMERGENCY), Peer.FREE);
    peer.frozen = false;
    assertEquals(Outcome.OK, get(close).outcome());
    for (CompletableFuture<TerminalReply> each : queued) {
      assertEquals(Outcome.NOT_SENT, get(each).outcome());
    }
    assertEquals(2, peer.opens(), "nothing was opened after the halt");
    assertEquals(List.of("OPEN", "OPEN", "CLOSE"), peer.log.lines().stream().map(line -> line.kind().name()).toList());
  }

  @Test
  void aFullQueueRefusesAtOnceAndKeepsRoomForEmergencies() throws Exception {
    peer.reserve();
    link = new CommandLink(new CompatDialect(), book, peer.settings(SECRET)).start();
    int refused = 0;
    long slowest = 0;
    for (int i = 0; i < 100_000; i++) {
      long before = System.nanoTime();
      CompletableFuture<TerminalReply> future = link.submit(Peer.read("r", "GET_ACCOUNT"), Peer.FREE);
      slowest = Math.max(slowest, System.nanoTime() - before);
      if (future.isDone() && future.get().error().orElseThrow().contains("full")) {
        refused++;
      }
    }
    assertEquals(100_000 - Lanes.ROOM, refused);
    assertEquals(Lanes.ROOM, link.queued());
    assertTrue(slowest < TimeUnit.SECONDS.toNanos(1), "submit took " + slowest);
    assertFalse(link.submit(Peer.close("e", 1, Lane.EMERGENCY), Peer.FREE).isDone());
    link.close();
    assertEquals(0, link.queued());
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.read("x", "PING"), Peer.FREE)).outcome());
  }

  @Test
  void aWedgedExpertAdvisorIsCalledSilent() throws Exception {
    connect();
    peer.wedged = true;
    TerminalReply reply = get(link.submit(Peer.open("w", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.UNKNOWN, reply.outcome());
    Peer.await(() -> link.status().state() == State.SILENT);
    assertTrue(link.status().detail().contains("re-attach"), link.status().detail());
    assertTrue(peer.terminal().requests() <= 6, "it does not flood a silent terminal");
    peer.close();
    peer.wedged = false;
    peer.start();
    ready();
    assertEquals(1, peer.opens());
  }

  @Test
  void howeverOftenItDialledInVainItFindsTheTerminal() throws Exception {
    connect();
    Settings good = peer.settings(SECRET);
    for (int i = 0; i < 400; i++) {
      // nobody listens there: hanging up meets a connection that is just being tried
      Optional<String> dead = Optional.of("tcp://127.0.0.1:" + (1 + i % 2));
      link.settings(new Settings(dead, SECRET, good.commandTimeout(), good.replyTimeout(), good.accountInterval()));
      Peer.await(() -> link.status().state() == State.DISCONNECTED);
      LockSupport.parkNanos(500_000 + 10_000L * i);
    }
    link.settings(good);
    ready();
  }

  @Test
  void theAccountIsKnownWithoutBeingAskedFor() throws Exception {
    connect();
    assertEquals("1000000.00", book.latest().orElseThrow().balance().toPlainString());
  }

  @Test
  void withoutAnEndpointNothingIsPromised() throws Exception {
    peer.start();
    link = new CommandLink(new CompatDialect(), book, Settings.idle()).start();
    assertEquals(State.IDLE, link.status().state());
    assertEquals(Outcome.NOT_SENT, get(link.submit(Peer.open("i", "EURUSD"), Peer.FREE)).outcome());
    link.settings(peer.settings(SECRET));
    ready();
    Peer elsewhere = new Peer(SECRET).start();
    link.settings(elsewhere.settings(SECRET));
    Peer.await(() -> elsewhere.terminal().requests() > 0);
    ready();
    assertEquals(Outcome.OK, get(link.submit(Peer.open("i", "EURUSD"), Peer.FREE)).outcome());
    assertEquals(1, elsewhere.opens());
    elsewhere.close();
  }

  @Test
  void aHundredStopsUnderTrafficLeaveNothingBehind() throws Exception {
    peer.start();
    for (int round = 0; round < 100; round++) {
      CommandLink each = new CommandLink(new CompatDialect(), book, peer.settings(SECRET)).start();
      List<CompletableFuture<TerminalReply>> traffic = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        traffic.add(each.submit(Peer.open("s" + round + "-" + i, "EURUSD"), Peer.FREE));
      }
      if (round % 2 == 0) {
        traffic.get(0).get(10, TimeUnit.SECONDS);
      }
      long before = System.nanoTime();
      each.close();
      assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(2), "close took too long");
      long done = 0;
      for (CompletableFuture<TerminalReply> one : traffic) {
        assertTrue(one.isDone());
        done += one.get().outcome() == Outcome.OK || one.get().outcome() == Outcome.UNKNOWN ? 1 : 0;
      }
      String mine = "s" + round + "-";
      assertTrue(peer.log.lines().stream().filter(line -> line.requestId().contains(mine)).count() <= done);
    }
    Peer.await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(each -> each.getName().startsWith("fx-zmq")));
    assertEquals(peer.opens(), peer.log.lines().stream().map(TradeLog.Line::requestId).distinct().count(), "no id twice");
  }

  private void connect() {
    peer.start();
    link = new CommandLink(new CompatDialect(), book, peer.settings(SECRET)).start();
    ready();
    Peer.await(() -> book.latest().isPresent());
  }

  private void ready() {
    Peer.await(() -> link.status().state() == State.READY);
  }

  private TradeLog.Line last() {
    List<TradeLog.Line> lines = peer.log.lines();
    return lines.get(lines.size() - 1);
  }

  private static TerminalRequest dated(TerminalRequest request, long millis) {
    return new TerminalRequest(
        request.id(), request.name(), request.parameters(), request.lane(), Optional.of(Instant.now().plus(Duration.ofMillis(millis))));
  }

  private static TerminalReply get(CompletableFuture<TerminalReply> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }
}
