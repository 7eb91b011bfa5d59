package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.Broker;
import com.fxplatform.paper.Faults;
import com.fxplatform.paper.RobustTerminal;
import com.fxplatform.paper.SeededWalk;
import com.fxplatform.paper.TradeLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Protocol 2 of the bridge against the paper terminal's, over real sockets. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RobustLinkTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final int port = freePair();
  private RobustLink link;
  private volatile boolean frozen;
  private volatile boolean repeats;
  private volatile boolean silent;
  private volatile boolean dies;
  private volatile boolean garbles;
  private volatile boolean hangsUp;

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    if (link != null) {
      link.close();
    }
  }

  @Test
  void doesAllThatAnExpertAdvisorOfProtocolOneCannot() throws Exception {
    Terminal terminal = connect();
    long first = ticket(ask(Peer.open("one", "EURUSD")));
    long second = ticket(ask(Peer.open("two", "GBPUSD")));
    TerminalReply positions = ask(read("GET_POSITIONS", Map.of()));
    assertEquals(2, ((List<?>) positions.data().get("positions")).size(), positions.toString());
    Map<?, ?> listed = (Map<?, ?>) ((List<?>) positions.data().get("positions")).get(0);
    assertEquals("one", listed.get("requestId"));
    assertEquals(CompatDialect.key("one"), listed.get("comment"));
    TerminalReply modified =
        ask(change("m", "MODIFY_POSITION", Map.of("ticket", first, "stopLoss", new BigDecimal("0.5"), "takeProfit", new BigDecimal("9"))));
    assertEquals(Outcome.OK, modified.outcome(), modified.toString());
    assertEquals(0.5, terminal.broker.positions().get(0).stopLoss());
    TerminalReply query = ask(read("QUERY", Map.of("key", "two")));
    assertEquals(true, query.data().get("known"));
    assertEquals(false, ask(read("QUERY", Map.of("key", "never"))).data().get("known"));
    TerminalReply bySymbol = ask(change("s", "CLOSE_ALL", Map.of("symbol", "GBPUSD")));
    assertEquals(List.of((int) second), bySymbol.data().get("closed"));
    Peer.await(() -> link.account().flatMap(each -> each.openPositions()).orElse(-1) == 1);
    assertEquals(Optional.of("900001"), link.account().orElseThrow().number());
    assertEquals(Outcome.OK, ask(change("h", "HALT", Map.of())).outcome());
    TerminalReply halted = ask(Peer.open("three", "EURUSD"));
    assertEquals(Outcome.FAILED, halted.outcome());
    assertEquals(Optional.of("Trading is halted"), halted.error());
    assertEquals(List.of((int) first), ask(change("all", "CLOSE_ALL", Map.of())).data().get("closed"));
    assertEquals(Outcome.OK, ask(change("r", "RESUME", Map.of())).outcome());
    assertEquals(Outcome.OK, ask(Peer.open("four", "EURUSD")).outcome());
    assertEquals(Outcome.OK, ask(read("GET_PRICE", Map.of("symbol", "XAUUSD"))).outcome());
    assertEquals(Outcome.OK, ask(read("GET_ACCOUNT", Map.of())).outcome());
    assertEquals(Outcome.NOT_SENT, ask(read("NONSENSE", Map.of())).outcome());
    assertTrue(link.knows("CLOSE_ALL"));
    assertEquals(0, link.garbage());
  }

  @Test
  void anAnswerThatIsLostIsAskedForAndNothingIsDoneTwice() throws Exception {
    Terminal terminal = connect();
    silent = true;
    TerminalReply unknown = ask(Peer.open("lost", "EURUSD"));
    assertEquals(Outcome.UNKNOWN, unknown.outcome());
    TerminalReply blocked = ask(Peer.open("other", "EURUSD"));
    silent = false;
    TerminalReply settled = unknown.settlement().orElseThrow().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertEquals(Outcome.OK, settled.outcome(), settled.toString());
    assertTrue(blocked.outcome() == Outcome.NOT_SENT || blocked.outcome() == Outcome.UNKNOWN, blocked.toString());
    assertEquals(1, terminal.log.lines().stream().filter(line -> line.requestId().equals("lost")).count());
    assertEquals(State.READY, link.status().state());
    long ticket = ticket(settled);
    silent = true;
    CompletableFuture<TerminalReply> close = link.submit(Peer.close("c", ticket, Lane.CLOSE), Peer.FREE, Optional.empty());
    Peer.await(() -> terminal.log.count(TradeLog.Kind.CLOSE) == 1);
    silent = false;
    assertEquals(Outcome.OK, get(close).outcome());
    assertEquals(1, terminal.log.count(TradeLog.Kind.CLOSE));
  }

  @Test
  void aTerminalThatDiedWhileItTradedKnowsAfterItsRestart() throws Exception {
    Terminal terminal = connect();
    dies = true;
    CompletableFuture<TerminalReply> future = link.submit(Peer.open("died", "EURUSD"), Peer.FREE, Optional.empty());
    Peer.await(() -> terminal.log.count(TradeLog.Kind.OPEN) == 1);
    Peer.await(() -> !dies);
    terminal.close();
    Terminal again = new Terminal("paper", "900001", SECRET);
    TerminalReply reply = get(future);
    if (reply.outcome() == Outcome.UNKNOWN) {
      reply = reply.settlement().orElseThrow().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
    assertEquals(Outcome.OK, reply.outcome(), reply.toString());
    assertEquals(1, again.log.count(TradeLog.Kind.OPEN), "it was not done again");
    assertEquals(1, again.broker.positions().size());
  }

  @Test
  void whatTheTerminalNeverGotIsKnownNotToHaveHappened() throws Exception {
    Terminal terminal = connect();
    frozen = true;
    TerminalRequest request = Peer.open("gone", "EURUSD");
    TerminalRequest dated =
        new TerminalRequest(request.id(), request.name(), request.parameters(), request.lane(), Optional.of(Instant.now().plusSeconds(2)));
    CompletableFuture<TerminalReply> future = link.submit(dated, Peer.FREE, Optional.empty());
    TerminalReply unknown = get(future);
    assertEquals(Outcome.UNKNOWN, unknown.outcome(), unknown.toString());
    terminal.close();
    Peer.await(() -> Instant.now().isAfter(dated.deadline().orElseThrow()));
    frozen = false;
    Terminal again = new Terminal("paper", "900001", SECRET);
    TerminalReply settled = unknown.settlement().orElseThrow().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertEquals(Outcome.FAILED, settled.outcome(), settled.toString());
    assertEquals(0, again.log.count(TradeLog.Kind.OPEN));
    assertEquals(Outcome.OK, ask(Peer.open("next", "EURUSD")).outcome());
  }

  @Test
  void aFrozenTerminalIsSilentAndComesBack() throws Exception {
    Terminal terminal = connect();
    frozen = true;
    Peer.await(() -> link.status().state() == State.SILENT);
    assertTrue(link.status().detail().contains("heartbeat"), link.status().detail());
    frozen = false;
    Peer.await(() -> link.status().state() == State.READY);
    assertEquals(Outcome.OK, ask(Peer.open("x", "EURUSD")).outcome());
    assertEquals(1, terminal.log.count(TradeLog.Kind.OPEN));
  }

  @Test
  void duplicatesGarbageAndHangUpsDoNoHarm() throws Exception {
    Terminal terminal = connect();
    repeats = true;
    assertEquals(Outcome.OK, ask(Peer.open("twice", "EURUSD")).outcome());
    Peer.await(() -> link.garbage() >= 1);
    repeats = false;
    garbles = true;
    TerminalReply garbled = ask(Peer.open("garbled", "GBPUSD"));
    assertEquals(Outcome.UNKNOWN, garbled.outcome());
    garbles = false;
    assertEquals(Outcome.OK, garbled.settlement().orElseThrow().toCompletableFuture().get(20, TimeUnit.SECONDS).outcome());
    hangsUp = true;
    TerminalReply cut = ask(Peer.open("cut", "USDJPY"));
    if (cut.outcome() == Outcome.UNKNOWN) {
      cut = cut.settlement().orElseThrow().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
    assertEquals(Outcome.OK, cut.outcome(), cut.toString());
    assertEquals(3, terminal.log.count(TradeLog.Kind.OPEN));
  }

  @Test
  void severalTerminalsAreToldApartByTheirAccounts() throws Exception {
    Terminal first = connect();
    Terminal second = new Terminal("other", "900002", SECRET);
    Peer.await(() -> link.terminals().stream().filter(RobustSession::alive).count() == 2);
    TerminalReply which = ask(Peer.open("a", "EURUSD"));
    assertEquals(Outcome.NOT_SENT, which.outcome());
    assertTrue(which.error().orElseThrow().contains("900001, 900002"), which.toString());
    TerminalReply there = get(link.submit(Peer.open("b", "EURUSD"), Peer.FREE, Optional.of("900002")));
    assertEquals(Outcome.OK, there.outcome(), there.toString());
    assertEquals(0, first.log.count(TradeLog.Kind.OPEN));
    assertEquals(1, second.log.count(TradeLog.Kind.OPEN));
    long ticket = ticket(there);
    Peer.await(() -> link.terminals().get(1).has(ticket));
    // a ticket says where it is
    assertEquals(Outcome.OK, ask(Peer.close("c", ticket, Lane.EMERGENCY)).outcome());
  }

  @Test
  void anotherSecretIsTurnedAwayAndSaidSo() throws Exception {
    link = new RobustLink(settings("", "", Set.of())).start();
    Terminal stranger = new Terminal("paper", "900001", "another-secret-another-secret-xx");
    Peer.await(() -> link.status().state() == State.AUTHENTICATION_FAILED);
    assertTrue(link.terminals().isEmpty());
    stranger.close();
    new Terminal("paper", "900001", SECRET);
    Peer.await(() -> link.status().state() == State.READY);
  }

  @Test
  void aBridgeWithoutASecretDoesNotBlameTheTerminal() {
    link = new RobustLink(new RobustSettings(port, "", Duration.ofMillis(500), Duration.ofSeconds(20), "", "", Set.of())).start();
    try (ZContext context = new ZContext()) {
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      dealer.setHandshakeIvl(1000);
      dealer.connect("tcp://127.0.0.1:" + port);
      dealer.send(SignedText.sign("{\"v\":2,\"type\":\"HELLO\",\"terminal\":\"paper\",\"epoch\":\"00\",\"ts\":1,\"lastSeq\":0}", SECRET));
      // what comes behind the HELLO is counted
      dealer.send("garbage");
      Peer.await(() -> link.garbage() == 1);
    }
    assertEquals(State.DISCONNECTED, link.status().state());
    assertTrue(link.status().detail().contains("finish the setup"), link.status().detail());
  }

  @Test
  void aBridgeThatRestartsIsFoundAgain() throws Exception {
    Terminal terminal = connect();
    assertEquals(Outcome.OK, ask(Peer.open("before", "EURUSD")).outcome());
    link.close();
    link = new RobustLink(settings("", "", Set.of())).start();
    Peer.await(() -> link.status().state() == State.READY);
    assertEquals(Outcome.OK, ask(Peer.open("after", "EURUSD")).outcome());
    // the same platform command again, by a bridge that knows nothing of it
    TerminalReply again = ask(Peer.open("before", "EURUSD"));
    assertEquals(Outcome.OK, again.outcome());
    assertEquals(terminal.log.lines().get(0).ticket(), ticket(again));
    assertEquals(2, terminal.log.count(TradeLog.Kind.OPEN));
  }

  @Test
  void curveLetsInWhoIsOnTheList() throws Exception {
    ZMQ.Curve.KeyPair bridge = ZMQ.Curve.generateKeyPair();
    ZMQ.Curve.KeyPair friend = ZMQ.Curve.generateKeyPair();
    ZMQ.Curve.KeyPair stranger = ZMQ.Curve.generateKeyPair();
    link = new RobustLink(settings(bridge.secretKey, bridge.publicKey, Set.of(friend.publicKey))).start();
    Terminal unwanted = new Terminal("stranger", "1", SECRET, bridge.publicKey, stranger);
    Terminal plain = new Terminal("plain", "2", SECRET);
    Terminal welcome = new Terminal("friend", "3", SECRET, bridge.publicKey, friend);
    Peer.await(() -> link.status().state() == State.READY);
    assertEquals(Outcome.OK, ask(Peer.open("sealed", "EURUSD")).outcome());
    assertEquals(1, welcome.log.count(TradeLog.Kind.OPEN));
    Peer.await(() -> link.quote("EURUSD").isPresent());
    assertEquals(List.of("3"), link.terminals().stream().map(RobustSession::label).toList());
    assertFalse(unwanted.robust.ready() || plain.robust.ready());
  }

  @Test
  void aPriceIsStreamedToWhoAsksForItAndDriesUpWithTheTerminal() throws Exception {
    Terminal terminal = connect();
    assertEquals(Optional.empty(), link.quote("EURUSD"), "nobody asked for it before");
    Peer.await(() -> link.quote("EURUSD").isPresent());
    TerminalLink.Quote quote = link.quote("EURUSD").orElseThrow();
    assertEquals(1.085, quote.bid().doubleValue(), 0.05);
    assertTrue(quote.ask().compareTo(quote.bid()) > 0 && quote.spread().signum() > 0, quote.toString());
    assertTrue(Duration.between(quote.at(), Instant.now()).abs().toSeconds() < 30, quote.toString());
    Peer.await(() -> !link.quote("EURUSD").equals(Optional.of(quote)));
    assertEquals(Optional.empty(), link.quote("no\"symbol"));
    frozen = true;
    Peer.await(() -> link.quote("EURUSD").isEmpty());
    frozen = false;
    Peer.await(() -> link.quote("EURUSD").isPresent());
    terminal.close();
    new Terminal("paper", "900001", SECRET);
    Peer.await(() -> link.quote("EURUSD").isEmpty());
    Peer.await(() -> link.quote("EURUSD").isPresent());
    assertEquals(0, link.garbage());
  }

  @Test
  void aForgedPriceIsNone() {
    connect();
    link.quote("EURUSD");
    Peer.await(() -> link.quote("EURUSD").isPresent());
    try (ZContext context = new ZContext()) {
      ZMQ.Socket forger = context.createSocket(SocketType.XPUB);
      forger.setHandshakeIvl(1000);
      forger.connect("tcp://127.0.0.1:" + (port + TickFeed.ABOVE));
      forger.recv();
      String tick = TickFeed.prefix("EURUSD") + "\"terminal\":\"paper\",\"epoch\":\"00\",\"bid\":9.9,\"ask\":9.91,\"spread\":1,\"time\":1,\"ts\":"
          + (System.currentTimeMillis() + 20_000) + "}";
      forger.send(tick);
      forger.send(SignedText.sign(tick, "another-secret"));
      // signed well, by a terminal that nobody greeted
      forger.send(SignedText.sign(tick, SECRET));
      forger.send(SignedText.sign(tick.replace("paper", "stranger"), SECRET));
      forger.send(TickFeed.prefix("EURUSD"));
      Peer.await(() -> link.garbage() == 3);
    }
    assertTrue(link.quote("EURUSD").orElseThrow().bid().doubleValue() < 2);
  }

  @Test
  void nothingUnsignedCountsWhateverItIs() throws Exception {
    Terminal terminal = connect();
    Random random = new Random(7);
    try (ZContext context = new ZContext()) {
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      dealer.setHandshakeIvl(1000);
      dealer.connect("tcp://127.0.0.1:" + port);
      String[] seeds = {
        "{\"v\":2,\"type\":\"HELLO\",\"terminal\":\"paper\",\"epoch\":\"00\",\"ts\":1,\"lastSeq\":0}",
        "{\"v\":2,\"id\":\"x\",\"seq\":1,\"status\":\"OK\",\"data\":{\"ticket\":1,\"symbol\":\"EURUSD\"}}",
        "{\"v\":2,\"type\":\"HEARTBEAT\",\"figures\":{\"balance\":1e999999999}}"
      };
      for (int i = 0; i < 2000; i++) {
        byte[] frame = SignedText.sign(seeds[i % seeds.length], i % 2 == 0 ? SECRET : "wrong");
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
        }
        if (i % 5 == 0) {
          dealer.sendMore(new byte[random.nextInt(4)]);
        }
        dealer.send(i % 7 == 0 ? new byte[random.nextInt(3)] : frame);
      }
      // signed well, and still nonsense
      for (String seed : seeds) {
        dealer.send(SignedText.sign(seed, SECRET));
        dealer.send(SignedText.sign("{\"v\":2,\"type\":\"HELLO\",\"terminal\":7,\"epoch\":[],\"ts\":{},\"lastSeq\":\"\"}", SECRET));
        dealer.send(SignedText.sign("[1,2,3]", SECRET));
      }
      Peer.await(() -> link.garbage() > 1000);
    }
    assertEquals(Outcome.OK, ask(Peer.open("still", "EURUSD")).outcome());
    assertEquals(1, terminal.log.count(TradeLog.Kind.OPEN));
    assertEquals(1, link.terminals().size());
  }

  private Terminal connect() {
    link = new RobustLink(settings("", "", Set.of())).start();
    Terminal terminal = new Terminal("paper", "900001", SECRET);
    Peer.await(() -> link.status().state() == State.READY);
    Peer.await(terminal.robust::ready);
    return terminal;
  }

  private RobustSettings settings(String curve, String curvePublic, Set<String> allowed) {
    return new RobustSettings(port, SECRET, Duration.ofMillis(500), Duration.ofSeconds(20), curve, curvePublic, allowed);
  }

  private TerminalReply ask(TerminalRequest request) throws Exception {
    return get(link.submit(request, Peer.FREE, Optional.empty()));
  }

  private static TerminalReply get(CompletableFuture<TerminalReply> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static long ticket(TerminalReply reply) {
    assertEquals(Outcome.OK, reply.outcome(), reply.toString());
    return ((Number) reply.data().get("ticket")).longValue();
  }

  private static TerminalRequest read(String name, Map<String, Object> parameters) {
    return new TerminalRequest("read", name, parameters, Lane.READ, Optional.empty());
  }

  private static TerminalRequest change(String id, String name, Map<String, Object> parameters) {
    return new TerminalRequest(id, name, parameters, Lane.EMERGENCY, Optional.empty());
  }

  /** The first of three ports in a row. */
  static int freePair() {
    while (true) {
      try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          ServerSocket second = new ServerSocket(first.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress());
          ServerSocket third = new ServerSocket(second.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress())) {
        return third.getLocalPort() - 2;
      } catch (IOException taken) {
        Thread.onSpinWait();
      }
    }
  }

  /** A terminal whose trades and results survive it. */
  private final class Terminal implements AutoCloseable {
    final TradeLog log;
    final Broker broker;
    final RobustTerminal robust;
    private boolean closed;

    Terminal(String name, String account, String secret) {
      this(name, account, secret, "", null);
    }

    Terminal(String name, String account, String secret, String serverKey, ZMQ.Curve.KeyPair own) {
      Path home = folder.resolve(name);
      log = TradeLog.in(home);
      broker = new Broker(new SeededWalk(1), Clock.systemUTC(), log, 1_000_000);
      robust =
          RobustTerminal.of(
                  new RobustTerminal.Identity(
                      name, account, "Paper-Demo", "tcp://127.0.0.1:" + port, serverKey,
                      own == null ? "" : own.secretKey, own == null ? "" : own.publicKey),
                  broker, log, Clock.systemUTC(), home, () -> secret, faults())
              .start();
      open.add(this);
    }

    private Faults faults() {
      return new Faults() {
        @Override
        public boolean polls() {
          return !frozen;
        }

        @Override
        public Optional<String> answer(String request, String reply) {
          if (dies && request.contains("OPEN_POSITION")) {
            dies = false;
            throw new IllegalStateException("killed by the test");
          }
          return silent ? Optional.empty() : Optional.of(garbles ? reply.substring(1) : reply);
        }

        @Override
        public boolean repeats(String request) {
          return repeats;
        }

        @Override
        public boolean hangsUp(String request) {
          boolean now = hangsUp;
          hangsUp = false;
          return now;
        }
      };
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        robust.close();
        log.close();
      }
    }
  }
}
