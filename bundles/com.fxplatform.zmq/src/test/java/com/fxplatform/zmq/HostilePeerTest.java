package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A peer that answers what no Expert Advisor would: a ROUTER, which may send anything to anybody at any time. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostilePeerTest {
  private static final String PONG = "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":false}";
  private static final String OPENED = "{\"status\":\"OK\",\"data\":{\"ticket\":7,\"symbol\":\"EURUSD\",\"openPrice\":1.1}}";
  private static final String CLOSED = "{\"status\":\"OK\",\"message\":\"Position closed\"}";
  private static final byte[] EMPTY = new byte[0];

  /** What the peer does with a trade. */
  private interface Answer {
    void give(ZMQ.Socket router, byte[] who, byte[] id, String request);
  }

  private final ExecutorService thread = Threads.single("test-hostile-peer");
  private final AccountBook book = new AccountBook();
  private volatile boolean stopping;
  private volatile String endpoint;
  private volatile Answer answer;
  private volatile String bind = "tcp://127.0.0.1:*";
  private CommandLink link;

  @AfterEach
  void stop() throws Exception {
    link.close();
    stopping = true;
    thread.shutdown();
    assertTrue(thread.awaitTermination(5, TimeUnit.SECONDS));
  }

  @Test
  void garbageIsCountedAndTheRealAnswerStillCounts() throws Exception {
    connect(
        (router, who, id, request) -> {
          reply(router, who, "foreign-id".getBytes(StandardCharsets.US_ASCII), OPENED);
          reply(router, who, id, "");
          reply(router, who, id, "no json");
          reply(router, who, id, OPENED.substring(0, 20));
          reply(router, who, id, "x".repeat(1 << 20));
          reply(router, who, id, OPENED.replace("EURUSD", "GBPUSD"));
          router.sendMore(who);
          router.send("one frame only");
          reply(router, who, id, OPENED);
          reply(router, who, id, OPENED);
        });
    TerminalReply reply = get(link.submit(Peer.open("o", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.OK, reply.outcome());
    Peer.await(() -> link.garbage() == 8);
    assertEquals(State.READY, link.status().state());
  }

  @Test
  void nineMegabytesEndTheConnectionAndNothingElse() throws Exception {
    connect((router, who, id, request) -> reply(router, who, id, "x".repeat(9 << 20)));
    TerminalReply reply = get(link.submit(Peer.open("o", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.UNKNOWN, reply.outcome());
    Peer.await(() -> link.status().state() == State.READY);
    answer = (router, who, id, request) -> reply(router, who, id, OPENED.replace("EURUSD", "GBPUSD"));
    assertEquals(Outcome.OK, get(link.submit(Peer.open("p", "GBPUSD"), Peer.FREE)).outcome());
  }

  @Test
  void aStrangerOnThePortDoesNotStopTheLinkForEver() throws Exception {
    int port;
    try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = stranger.getLocalPort();
      link =
          new CommandLink(
                  new CompatDialect(),
                  book,
                  new Settings(
                      Optional.of("tcp://127.0.0.1:" + port), "", Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ZERO))
              .start();
      try (Socket caller = stranger.accept()) {
        caller.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
        caller.getInputStream().read();
      }
    }
    bind = "tcp://127.0.0.1:" + port;
    answer = (router, who, id, request) -> reply(router, who, id, OPENED);
    thread.execute(this::run);
    Peer.await(() -> link.status().state() == State.READY);
  }

  @Test
  void swappedAnswersFindTheirRequests() throws Exception {
    AtomicReference<byte[]> open = new AtomicReference<>();
    connect(
        (router, who, id, request) -> {
          if (request.contains("OPEN_POSITION")) {
            open.set(id);
          } else {
            reply(router, who, id, CLOSED);
            reply(router, who, open.get(), OPENED);
          }
        });
    CompletableFuture<TerminalReply> first = link.submit(Peer.open("o", "EURUSD"), Peer.FREE);
    Peer.await(() -> open.get() != null);
    CompletableFuture<TerminalReply> second = link.submit(Peer.close("c", 9, Lane.EMERGENCY), Peer.FREE);
    assertEquals(Outcome.OK, get(second).outcome());
    TerminalReply unknown = get(first);
    assertEquals(Outcome.UNKNOWN, unknown.outcome(), "answered out of order: lost by the rules of REP");
    assertEquals(Outcome.OK, get(unknown.settlement().orElseThrow().toCompletableFuture()).outcome());
  }

  @Test
  void aSwallowedOpenIsFoundLostByTheBarrierAndNeverSentAgain() throws Exception {
    int[] opens = new int[1];
    connect((router, who, id, request) -> opens[0]++);
    TerminalReply reply = get(link.submit(Peer.open("o", "EURUSD"), Peer.FREE));
    assertEquals(Outcome.UNKNOWN, reply.outcome());
    // the PING behind it is answered, so the link goes on
    Peer.await(() -> link.status().detail().contains("unknown"));
    assertEquals(Outcome.OK, get(link.submit(Peer.read("a", "PING"), Peer.FREE)).outcome());
    assertEquals(1, opens[0]);
  }

  private void connect(Answer what) {
    answer = what;
    thread.execute(this::run);
    Peer.await(() -> endpoint != null);
    Settings settings =
        new Settings(Optional.of(endpoint), "", Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ZERO);
    link = new CommandLink(new CompatDialect(), book, settings).start();
    Peer.await(() -> link.status().state() == State.READY);
  }

  private void run() {
    try (ZContext context = new ZContext()) {
      ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
      router.setHandshakeIvl(1000);
      router.setReceiveTimeOut(50);
      router.bind(bind);
      endpoint = router.getLastEndpoint();
      while (!stopping) {
        byte[] who = router.recv();
        if (who == null) {
          continue;
        }
        byte[] id = router.recv();
        router.recv();
        String request = router.recvStr();
        if (request.contains("_POSITION")) {
          answer.give(router, who, id, request);
        } else {
          reply(router, who, id, PONG);
        }
      }
    }
  }

  private static void reply(ZMQ.Socket router, byte[] who, byte[] id, String text) {
    router.sendMore(who);
    router.sendMore(id);
    router.sendMore(EMPTY);
    router.send(text);
  }

  private static TerminalReply get(CompletableFuture<TerminalReply> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }
}
