package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PaperTerminalTest {
  private static final String BUY =
      "{\"command\":\"OPEN_POSITION\",\"requestId\":\"r1\",\"parameters\":{\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1}";

  @TempDir Path folder;
  private TradeLog log;
  private PaperTerminal terminal;
  private ZContext context;

  @BeforeEach
  void start() {
    log = TradeLog.in(folder);
    Broker broker = new Broker(new SeededWalk(7), Clock.systemUTC(), log, 10_000);
    terminal =
        new PaperTerminal(
                "127.0.0.1", 0, Duration.ofMillis(1), new ExpertAdvisor(broker, new AccessCheck(Clock.systemUTC(), "")), Faults.NONE)
            .start();
    context = new ZContext();
  }

  @AfterEach
  void stop() {
    context.close();
    terminal.close();
    log.close();
  }

  @Test
  void anEmptyFrameWedgesItForEverybody() {
    ZMQ.Socket first = req();
    first.send(new byte[0]);
    await(() -> terminal.requests() == 1);
    ZMQ.Socket second = req();
    second.send("{\"command\":\"PING\"}");
    second.setReceiveTimeOut(300);
    assertNull(second.recvStr());
  }

  @Test
  void twoPartsAreTwoRequestsAndOneAnswer() {
    ZMQ.Socket client = req();
    client.sendMore(BUY + "}");
    client.send(BUY.replace("r1", "r2") + "}");
    client.setReceiveTimeOut(5000);
    String reply = client.recvStr();
    assertTrue(reply.contains("1000002"), reply);
    assertEquals(2, log.count(TradeLog.Kind.OPEN));
  }

  @Test
  void whatIsTooLongIsCutAndStillExecuted() {
    ZMQ.Socket client = req();
    client.send(BUY + " ".repeat(1 << 20) + ",\"token\":\"x\"}");
    client.setReceiveTimeOut(5000);
    assertTrue(client.recvStr().contains("\"status\":\"OK\""));
    assertEquals(1, log.count(TradeLog.Kind.OPEN));
  }

  @Test
  void answersADealersFramesInOrder() {
    ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
    dealer.setHandshakeIvl(500);
    dealer.connect(terminal.endpoint());
    for (int i = 0; i < 3; i++) {
      dealer.sendMore("id" + i);
      dealer.sendMore("");
      dealer.send("{\"command\":\"PING\"}");
    }
    dealer.setReceiveTimeOut(5000);
    for (int i = 0; i < 3; i++) {
      assertEquals("id" + i, dealer.recvStr());
      assertEquals("", dealer.recvStr());
      assertTrue(dealer.recvStr().contains("PONG"));
    }
  }

  @Test
  void aRestartKeepsPositionsAndIgnoresATornLine() throws Exception {
    ZMQ.Socket client = req();
    client.setReceiveTimeOut(5000);
    client.send(BUY + "}");
    assertTrue(client.recvStr().contains("1000001"));
    Path file = folder.resolve(TradeLog.FILE);
    Files.writeString(file, "2026-01-01T00:00:00Z\tOPEN\t99", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    try (TradeLog again = TradeLog.in(folder)) {
      Broker broker = new Broker(new SeededWalk(7), Clock.systemUTC(), again, 10_000);
      assertEquals(1, broker.positions().size());
      assertEquals(1_000_001, broker.positions().get(0).ticket());
      assertEquals(Broker.DONE, broker.close(1_000_001, "r2").retcode());
      assertEquals(Optional.of(TradeLog.Kind.CLOSE), again.of("r2").map(TradeLog.Line::kind));
    }
    assertEquals(2, Files.readAllLines(file).size());
  }

  @Test
  void aTakenPortIsSaidAndTakenOverLater() {
    PaperTerminal second =
        new PaperTerminal("127.0.0.1", terminal.port(), Duration.ZERO, advisor(), Faults.NONE).start();
    assertEquals(PaperTerminal.State.PORT_TAKEN, second.state());
    terminal.close();
    await(() -> second.state() == PaperTerminal.State.BOUND);
    second.close();
  }

  @Test
  void pricesAndBarsAgree() {
    SeededWalk walk = new SeededWalk(3);
    Instrument gold = Instrument.TABLE.get("XAUUSD");
    var now = Clock.systemUTC().instant();
    assertEquals(walk.quote(gold, now), new SeededWalk(3).quote(gold, now));
    var bars = walk.bars(gold, now, 60, 100);
    assertEquals(100, bars.size());
    assertTrue(bars.get(0).time() > bars.get(1).time());
    assertEquals(walk.quote(gold, now).orElseThrow().bid(), bars.get(0).close());
    for (Prices.Bar bar : bars) {
      assertTrue(bar.low() <= Math.min(bar.open(), bar.close()) && bar.high() >= Math.max(bar.open(), bar.close()));
      assertTrue(bar.low() > 1500 && bar.high() < 3500, bar.toString());
    }
  }

  private static ExpertAdvisor advisor() {
    return new ExpertAdvisor(
        new Broker(new SeededWalk(7), Clock.systemUTC(), TradeLog.inMemory(), 10_000), new AccessCheck(Clock.systemUTC(), ""));
  }

  private ZMQ.Socket req() {
    ZMQ.Socket req = context.createSocket(SocketType.REQ);
    // JeroMQ 0.6.0 stalls in some handshakes; the timeout makes it connect anew
    req.setHandshakeIvl(500);
    req.connect(terminal.endpoint());
    return req;
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not happen in time");
      Thread.onSpinWait();
    }
  }
}
