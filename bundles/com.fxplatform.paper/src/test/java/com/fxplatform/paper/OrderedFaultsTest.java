package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OrderedFaultsTest {
  private static final String OPEN = "{\"command\":\"OPEN_POSITION\"}";
  private final AtomicInteger deaths = new AtomicInteger();
  private final OrderedFaults faults = new OrderedFaults(deaths::incrementAndGet);

  @Test
  void doesWhatIsOrderedAndStopsWhenItIsNot() {
    faults.order("delay:200, late:30,reject:10018 duplicate", "", 1);
    assertEquals(Duration.ofMillis(200), faults.before(OPEN));
    assertEquals(Duration.ofMillis(30), faults.after(OPEN));
    assertEquals(10018, faults.retcode());
    assertTrue(faults.repeats(OPEN));
    assertTrue(faults.polls());
    faults.order("freeze", "", 1);
    assertFalse(faults.polls());
    assertEquals(Duration.ZERO, faults.before(OPEN));
    faults.order("wedge", "", 1);
    assertEquals(Optional.empty(), faults.answer(OPEN, "reply"));
    faults.order("", "", 1);
    assertEquals(Optional.of("reply"), faults.answer(OPEN, "reply"));
    assertEquals(Broker.DONE, faults.retcode());
    assertEquals(0, deaths.get());
  }

  @Test
  void diesAtTheThirdOfThoseCommands() {
    faults.order("crash#3", "OPEN_POSITION", 1);
    for (int i = 0; i < 10; i++) {
      faults.received("{\"command\":\"PING\"}");
      faults.answer("{\"command\":\"PING\"}", "reply");
    }
    for (int i = 1; i <= 3; i++) {
      faults.received(OPEN);
      faults.answer(OPEN, "reply");
      assertEquals(i == 3 ? 1 : 0, deaths.get());
    }
    faults.order("crash-before", "CLOSE_POSITION", 1);
    faults.received("{\"v\":2,\"cmd\":\"CLOSE_POSITION\"}");
    assertEquals(2, deaths.get());
  }

  @Test
  void theSameSeedIsTheSameBadLuck() {
    List<Boolean> first = luck(42);
    assertEquals(first, luck(42));
    assertNotEquals(first, luck(43));
    long hits = first.stream().filter(each -> each).count();
    assertTrue(hits > 50 && hits < 150, "about one in ten: " + hits);
  }

  private List<Boolean> luck(long seed) {
    faults.order("", "", seed);
    faults.order("drop@0.1", "", seed);
    List<Boolean> hits = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      hits.add(faults.hangsUp(OPEN));
    }
    return hits;
  }

  @Test
  void whatItDoesNotKnowIsSaidAndNothingHappens() {
    for (String nonsense : List.of("explode", "delay", "drop:5", "drop@2", "freeze#x")) {
      faults.order("crash," + nonsense, "", 1);
      assertTrue(faults.problem().orElseThrow().contains(nonsense), nonsense);
      faults.answer(OPEN, "reply");
    }
    assertEquals(0, deaths.get());
  }

  @Test
  void aDroppedAnswerBreaksTheConnectionAndTheTerminalGoesOn() {
    TradeLog log = TradeLog.inMemory();
    ExpertAdvisorTest.HandClock clock = new ExpertAdvisorTest.HandClock();
    Broker broker = new Broker(new ExpertAdvisorTest.FixedPrices(), clock, log, 10_000);
    try (PaperTerminal terminal =
            new PaperTerminal("127.0.0.1", 0, Duration.ZERO, new ExpertAdvisor(broker, new AccessCheck(clock, "")), faults).start();
        ZContext context = new ZContext()) {
      faults.order("drop#1", "OPEN_POSITION", 1);
      String open = "{\"command\":\"OPEN_POSITION\",\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1}";
      ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
      dealer.setHandshakeIvl(1000);
      dealer.setReceiveTimeOut(20_000);
      dealer.connect(terminal.endpoint());
      dealer.sendMore("");
      dealer.send(open);
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (log.count(TradeLog.Kind.OPEN) == 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      dealer.setReceiveTimeOut(500);
      byte[] answer = null;
      while (answer == null && System.nanoTime() < deadline) {
        dealer.sendMore("");
        dealer.send("{\"command\":\"PING\"}");
        answer = dealer.recv();
      }
      assertTrue(dealer.recvStr().contains("PONG"), "the answer to the open was lost, a later one is not");
      assertEquals(1, log.count(TradeLog.Kind.OPEN));
    }
  }
}
