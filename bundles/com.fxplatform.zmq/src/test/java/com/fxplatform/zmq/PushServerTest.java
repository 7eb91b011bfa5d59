package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.Account;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PushServerTest {
  private static final String NO_JSON = "{\"success\":false,\"error\":\"Invalid JSON\"}";

  private final AccountBook book = new AccountBook();
  private PushServer server;
  private ZContext context;
  private ZMQ.Socket advisor;

  @BeforeEach
  void start() throws Exception {
    server = new PushServer(0, book).start();
    assertTrue(server.tried(5000));
    context = new ZContext();
    advisor = req();
  }

  @AfterEach
  void stop() {
    context.close();
    server.close();
  }

  @Test
  void answersEveryActionAsTheOrigin() {
    assertTrue(ask("{\"action\":\"ping\"}").matches("\\{\"success\":true,\"data\":\\{\"message\":\"pong\",\"timestamp\":\\d{13}}}"));
    assertTrue(ask("{\"action\":\"heartbeat\",\"data\":1}").contains("\"message\":\"heartbeat_ack\""));
    assertEquals("{\"success\":false,\"error\":\"No account info available yet\"}", ask("{\"action\":\"get_account_info\"}"));
    assertEquals("{\"success\":false,\"error\":\"Account info is missing\"}", ask("{\"action\":\"account_info\"}"));
    String info =
        "{\"balance\":1000.50,\"equity\":990,\"margin\":1.5,\"freeMargin\":988.5,\"profit\":-10.5,\"accountNumber\":\"123\","
            + "\"server\":\"Demo\",\"openPositions\":2}";
    assertEquals(
        "{\"success\":true,\"data\":{\"message\":\"Account info updated\"}}",
        ask("{\"action\":\"update_account_info\",\"data\":" + info + "}"));
    assertEquals("{\"success\":true,\"data\":" + info + "}", ask("{\"action\":\"get_account_info\"}"));
    Account account = book.latest().orElseThrow();
    assertEquals(new BigDecimal("1000.50"), account.balance());
    assertEquals(2, account.openPositions().orElseThrow());
    assertEquals("123", account.number().orElseThrow());
    assertEquals(
        "{\"success\":true,\"data\":{\"message\":\"Market data received\"}}",
        ask("{\"action\":\"market_data\",\"data\":{\"symbol\":\"EURUSD\",\"bid\":1.1}}"));
    assertEquals("{\"success\":true,\"data\":{\"positions\":[]}}", ask("{\"action\":\"get_positions\"}"));
    for (String trade : new String[] {"open_trade", "close_trade", "modify_trade"}) {
      assertEquals("{\"success\":false,\"error\":\"Not supported on this socket\"}", ask("{\"action\":\"" + trade + "\"}"));
    }
    assertEquals("{\"success\":false,\"error\":\"Unknown action: dance\"}", ask("{\"action\":\"dance\"}"));
  }

  @Test
  void garbageGetsExactlyOneReply() {
    for (String garbage : new String[] {"", "{", "no", "{\"action\":\"ping\"} x", "[".repeat(9000), "\u0000", "null"}) {
      assertEquals(NO_JSON, ask(garbage));
    }
    assertTrue(ask("{\"action\":{}}").contains("Unknown action: undefined"));
    advisor.sendMore("a");
    advisor.send("b");
    assertEquals("{\"success\":false,\"error\":\"One frame per request, please\"}", advisor.recvStr());
    assertTrue(ask("{\"action\":\"ping\"}").contains("pong"));
  }

  @Test
  void noReplyIsLongerThanAKilobyte() {
    String control = "\\u0001".repeat(60);
    ask("{\"action\":\"account_info\",\"data\":{\"balance\":1,\"server\":\"" + control + "\",\"company\":\"" + control
        + "\",\"currency\":\"" + control + "\"}}");
    assertTrue(ask("{\"action\":\"get_account_info\"}").length() <= 1024);
    assertTrue(ask("{\"action\":\"" + "x".repeat(60_000) + "\"}").length() <= 1024);
    String bomb = ask("{\"action\":\"account_info\",\"data\":{\"balance\":1e999999999}}");
    assertTrue(bomb.contains("\"success\":false"), bomb);
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(60)];
      random.nextBytes(noise);
      assertTrue(server.answer(noise).length <= 1024);
    }
  }

  @Test
  void anOversizedRequestDisturbsNobodyElse() {
    ZMQ.Socket rude = req();
    rude.send("x".repeat(1 << 20));
    assertTrue(ask("{\"action\":\"ping\"}").contains("pong"));
  }

  @Test
  void aTakenPortIsAWarningAndIsTakenOverOnceFree() throws Exception {
    PushServer second;
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
      second = new PushServer(taken.getLocalPort(), book).start();
      assertTrue(second.tried(5000));
      assertTrue(second.trouble().orElseThrow().contains("Port " + taken.getLocalPort() + " on 127.0.0.1 is taken"));
    }
    Peer.await(() -> second.port() != 0);
    assertTrue(second.trouble().isEmpty());
    second.close();
  }

  private String ask(String text) {
    advisor.send(text.getBytes(StandardCharsets.UTF_8));
    String reply = advisor.recvStr();
    assertNotNull(reply, text);
    return reply;
  }

  private ZMQ.Socket req() {
    ZMQ.Socket req = context.createSocket(SocketType.REQ);
    req.setHandshakeIvl(500);
    req.setReceiveTimeOut(5000);
    req.connect("tcp://127.0.0.1:" + server.port());
    return req;
  }
}
