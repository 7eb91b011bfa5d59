package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Frames that no terminal sends: nothing crashes, nothing is believed that was not answered, and the log gets one line. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzedFramesTest {
  private static final long SEED = 20261123;
  private static final String OPENED = "{\"status\":\"OK\",\"data\":{\"ticket\":7,\"symbol\":\"EURUSD\",\"openPrice\":1.1}}";
  private static final List<String> REPLIES =
      List.of(
          OPENED,
          "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":true}",
          "{\"status\":\"ERROR\",\"message\":\"Trade failed: 10019\"}",
          "{\"status\":\"OK\",\"data\":{\"balance\":1e5,\"equity\":2,\"margin\":3,\"freeMargin\":4,\"profit\":5}}",
          "{\"v\":2,\"id\":\"x\",\"status\":\"OK\",\"data\":{\"positions\":[{\"ticket\":1}]}}");

  private final Random random = new Random(SEED);

  @Test
  void anOpenIsBelievedOnlyIfItsReplySaysSo() {
    CompatDialect dialect = new CompatDialect();
    TerminalRequest open = Peer.open("o", "EURUSD");
    for (int i = 0; i < 200_000; i++) {
      Optional<TerminalReply> reply = dialect.decode(open, mutated(REPLIES.get(i % REPLIES.size())));
      if (reply.isPresent() && reply.get().outcome() == Outcome.OK) {
        assertTrue(((Number) reply.get().data().get("ticket")).longValue() > 0, "seed " + SEED);
        assertEquals("EURUSD", reply.get().data().get("symbol"), "seed " + SEED);
      }
    }
  }

  @Test
  void everyPushGetsOneAnswerOfBoundedSize() {
    PushServer server = new PushServer(0, new AccountBook());
    List<String> requests =
        List.of(
            "{\"action\":\"ping\"}", "{\"action\":\"heartbeat\",\"data\":{}}", "{\"action\":\"get_account_info\"}",
            "{\"action\":\"account_info\",\"data\":{\"balance\":1.5e3,\"equity\":2,\"server\":\"X\",\"openPositions\":3}}",
            "{\"action\":\"market_data\",\"data\":{\"symbol\":\"EURUSD\",\"bid\":1}}", "{\"action\":\"open_trade\",\"data\":{}}");
    try {
      for (int i = 0; i < 100_000; i++) {
        byte[] answer = server.answer(mutated(requests.get(i % requests.size())));
        String text = new String(answer, StandardCharsets.UTF_8);
        assertTrue(answer.length <= 1024 && text.startsWith("{\"success\":"), "seed " + SEED + ": " + text);
      }
    } finally {
      server.close();
    }
  }

  @Test
  void aFloodOfNonsenseIsOneLineAndTheRealAnswerStillCounts() throws Exception {
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(CommandLink.class);
    seen.start();
    logger.addAppender(seen);
    ExecutorService thread = Threads.single("test-fuzzing-peer");
    try (ZContext context = new ZContext()) {
      ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
      router.setHandshakeIvl(1000);
      router.setReceiveTimeOut(50);
      router.setSndHWM(0);
      router.bind("tcp://127.0.0.1:*");
      boolean[] over = new boolean[1];
      thread.execute(() -> answer(router, over));
      CommandLink link =
          new CommandLink(
                  new CompatDialect(),
                  new AccountBook(),
                  new Settings(Optional.of(router.getLastEndpoint()), "", Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ZERO))
              .start();
      TerminalReply reply = link.submit(Peer.open("o", "EURUSD"), Peer.FREE).get(60, TimeUnit.SECONDS);
      assertEquals(Outcome.OK, reply.outcome(), reply.toString());
      assertEquals(7, reply.data().get("ticket"));
      assertEquals(
          Outcome.FAILED,
          link.submit(new TerminalRequest("c", "CLOSE_POSITION", Map.of("ticket", 9L), Lane.CLOSE, Optional.empty()), Peer.FREE)
              .get(60, TimeUnit.SECONDS)
              .outcome());
      assertTrue(link.garbage() >= 4000, "all of it was dropped: " + link.garbage());
      assertEquals(1, List.copyOf(seen.list).stream().filter(line -> line.getFormattedMessage().contains("answers no request")).count());
      link.close();
      over[0] = true;
      thread.shutdown();
      assertTrue(thread.awaitTermination(10, TimeUnit.SECONDS));
    } finally {
      logger.detachAppender(seen);
    }
  }

  private void answer(ZMQ.Socket router, boolean[] over) {
    while (!over[0] && !Thread.currentThread().isInterrupted()) {
      byte[] who = router.recv();
      if (who == null) {
        continue;
      }
      byte[] id = router.recv();
      router.recv();
      String request = router.recvStr();
      assertNotNull(request);
      for (int i = 0; request.contains("_POSITION") && i < 2000; i++) {
        router.sendMore(who);
        // an id that is not ours, or ours with what cannot be an answer
        router.sendMore(i % 2 == 0 ? id : new byte[] {(byte) i});
        router.sendMore(i % 3 == 0 ? new byte[] {1} : new byte[0]);
        router.send(i % 2 == 0 ? "\"no\"" + i : OPENED);
      }
      router.sendMore(who);
      router.sendMore(id);
      router.sendMore(new byte[0]);
      router.send(
          request.contains("OPEN_POSITION") ? OPENED
              : request.contains("CLOSE_POSITION") ? "{\"status\":\"ERROR\",\"message\":\"Position not found\"}" : REPLIES.get(1));
    }
  }

  private byte[] mutated(String seed) {
    byte[] frame = seed.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(frame.length);
      switch (random.nextInt(4)) {
        case 0 -> frame[at] = (byte) random.nextInt(256);
        case 1 -> frame[at] = (byte) "{}[]\",:0-9.eE ".charAt(random.nextInt(14));
        case 2 -> frame = Arrays.copyOf(frame, Math.max(1, at));
        default -> {
          byte[] longer = Arrays.copyOf(frame, frame.length + 8);
          System.arraycopy(frame, Math.max(0, at - 8), longer, frame.length, Math.min(8, frame.length));
          frame = longer;
        }
      }
    }
    return random.nextInt(50) == 0 ? new byte[0] : frame;
  }
}
