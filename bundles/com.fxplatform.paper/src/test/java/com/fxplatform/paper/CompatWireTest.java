package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The differential test against zmq-bridge, section 1: each documented request sent to the paper terminal over a real socket,
 * and the exact bytes that the original Expert Advisor answers. Prices stand still, so that every figure is known.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompatWireTest {
  private static final String SECRET = "s3cret-s3cret-s3cret-s3cret-s3cret";
  private static final String REFUSED = error("Authentication failed");
  private static final String PONG = "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":true}";
  private static final String ACCOUNT =
      "{\"status\":\"OK\",\"data\":{\"balance\":%s,\"equity\":%s,\"margin\":%s,\"freeMargin\":%s,\"profit\":%s}}";
  private static final String BARS =
      "\"bars\":[{\"time\":600,\"open\":1.10000,\"high\":1.30000,\"low\":1.00000,\"close\":1.20000,\"volume\":7},"
          + "{\"time\":300,\"open\":1.10000,\"high\":1.30000,\"low\":1.00000,\"close\":1.20000,\"volume\":7}]}}";

  private final ExpertAdvisorTest.HandClock clock = new ExpertAdvisorTest.HandClock();
  private final ExpertAdvisorTest.FixedPrices prices = new ExpertAdvisorTest.FixedPrices();
  private final AccessCheck access = new AccessCheck(clock, SECRET);
  private final TradeLog log = TradeLog.inMemory();
  private PaperTerminal terminal;
  private ZContext context;
  private ZMQ.Socket socket;

  @BeforeEach
  void start() {
    terminal =
        new PaperTerminal(
                "127.0.0.1", 0, Duration.ZERO, new ExpertAdvisor(new Broker(prices, clock, log, 10_000), access), Faults.NONE)
            .start();
    context = new ZContext();
    socket = context.createSocket(SocketType.REQ);
    socket.setHandshakeIvl(1000);
    socket.setReceiveTimeOut(20_000);
    socket.connect(terminal.endpoint());
  }

  @AfterEach
  void stop() {
    context.close();
    terminal.close();
  }

  /** Request and reply, in this order on one account. */
  @TestFactory
  Stream<DynamicTest> everyDocumentedRequest() {
    String[][] rows = {
      {"PING", request("PING", ""), PONG},
      {"GET_ACCOUNT", request("GET_ACCOUNT", ""), String.format(ACCOUNT, "10000.00", "10000.00", "0.00", "10000.00", "0.00")},
      {"GET_PRICE", request("GET_PRICE", "\"symbol\":\"EURUSD\""),
          "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"bid\":1.08500,\"ask\":1.08512,\"spread\":12}}"},
      {"GET_PRICE with 5 digits whatever the symbol has", request("GET_PRICE", "\"symbol\":\"XAUUSD\""),
          "{\"status\":\"OK\",\"data\":{\"symbol\":\"XAUUSD\",\"bid\":2350.00000,\"ask\":2350.25000,\"spread\":25}}"},
      {"GET_PRICE of nothing", request("GET_PRICE", "\"symbol\":\"NONE\""), error("Symbol not found or no price")},
      {"GET_BARS newest first", request("GET_BARS", "\"symbol\":\"EURUSD\",\"timeframe\":\"M5\",\"bars\":2"),
          "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"timeframe\":\"M5\"," + BARS},
      {"GET_BARS by minutes", request("GET_BARS", "\"symbol\":\"EURUSD\",\"timeframe\":60,\"bars\":2"),
          "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"timeframe\":\"60\"," + BARS},
      {"GET_BARS of nothing", request("GET_BARS", "\"symbol\":\"NONE\""),
          "{\"status\":\"ERROR\",\"message\":\"Failed to add symbol to Market Watch: NONE\",\"error\":4301}"},
      {"OPEN_POSITION BUY", request("OPEN_POSITION",
              "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1,\"stopLoss\":1.07,\"takeProfit\":1.1,\"comment\":\"NXabc\""),
          opened("1000001", "BUY", "1.08512", "1.07000", "1.10000")},
      {"OPEN_POSITION SELL", request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"SELL\",\"lotSize\":0.1"),
          opened("1000002", "SELL", "1.08500", "0.00000", "0.00000")},
      {"OPEN_POSITION in lower case is echoed as it came", request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"buy\",\"lotSize\":0.1"),
          opened("1000003", "buy", "1.08512", "0.00000", "0.00000")},
      {"OPEN_POSITION of no action", request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"HOLD\",\"lotSize\":0.1"),
          error("Invalid action: HOLD")},
      {"OPEN_POSITION with a volume too small", request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.001"),
          error("Trade failed: 10014")},
      {"OPEN_POSITION with a stop on the wrong side",
          request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1,\"stopLoss\":2"), error("Trade failed: 10016")},
      {"OPEN_POSITION without the money", request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":50"),
          error("Trade failed: 10019")},
      {"GET_ACCOUNT with positions", request("GET_ACCOUNT", ""),
          String.format(ACCOUNT, "10000.00", "9996.40", "325.50", "9670.90", "-3.60")},
      {"CLOSE_POSITION", request("CLOSE_POSITION", "\"ticket\":1000001"), "{\"status\":\"OK\",\"message\":\"Position closed\"}"},
      {"CLOSE_POSITION read as a double", request("CLOSE_POSITION", "\"ticket\":1000002.0"),
          "{\"status\":\"OK\",\"message\":\"Position closed\"}"},
      {"CLOSE_POSITION twice", request("CLOSE_POSITION", "\"ticket\":1000001"), error("Position not found")},
      {"CLOSE_POSITION of no ticket", request("CLOSE_POSITION", "\"ticket\":0"), error("Invalid ticket")},
      {"GET_POSITIONS is not known", request("GET_POSITIONS", ""), error("Unknown command")},
      {"CLOSE_ALL_POSITIONS is not known", request("CLOSE_ALL_POSITIONS", ""), error("Unknown command")},
      {"MODIFY_POSITION is not known", request("MODIFY_POSITION", "\"ticket\":1000003"), error("Unknown command")},
      {"GET_ACCOUNT_INFO is not known", request("GET_ACCOUNT_INFO", ""), error("Unknown command")},
      {"GET_SYMBOL_INFO is not known", request("GET_SYMBOL_INFO", ""), error("Unknown command")},
      {"no command", "{\"token\":\"" + SECRET + "\"}", error("Unknown command")},
      {"a nested command hijacks", request("OPEN_POSITION", "\"command\":\"PING\",\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1"), PONG},
      {"a blank after the token's colon", "{\"command\":\"PING\",\"token\": \"" + SECRET + "\"}", REFUSED},
      {"no token", "{\"command\":\"PING\"}", REFUSED},
      {"a wrong token", "{\"command\":\"PING\",\"token\":\"wrong\"}", REFUSED},
      {"the right token resets the count", request("PING", ""), PONG},
    };
    return Stream.of(rows).map(row -> DynamicTest.dynamicTest(row[0], () -> assertEquals(row[2], ask(row[1]))));
  }

  @Test
  void fiveFailuresLockOutTheRightTokenToo() {
    for (int i = 0; i < 5; i++) {
      assertEquals(REFUSED, ask("{\"command\":\"PING\",\"token\":\"wrong\"}"));
    }
    assertEquals(REFUSED, ask(request("PING", "")));
    clock.move(Duration.ofSeconds(299));
    assertEquals(REFUSED, ask(request("PING", "")), "until 300 s after the last failure that counted");
    clock.move(Duration.ofSeconds(2));
    assertEquals(PONG, ask(request("PING", "")));
  }

  @Test
  void withoutASecretThereIsNoAuthentication() {
    access.secret("");
    assertEquals("{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":false}", ask("{\"command\":\"PING\"}"));
  }

  @Test
  void theTokenBehindByte4096IsNotSeen() {
    assertEquals(REFUSED, ask("{\"command\":\"PING\"" + " ".repeat(4096) + ",\"token\":\"" + SECRET + "\"}"));
    assertNotEquals(0, access.failures());
  }

  @Test
  void saysWhenASymbolHasNoPrice() {
    prices.open = false;
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Symbol has no price data: EURUSD. Symbol might be disabled or market is closed.\",\"error\":4301}",
        ask(request("GET_BARS", "\"symbol\":\"EURUSD\"")));
    assertEquals(error("Symbol not found or no price"), ask(request("GET_PRICE", "\"symbol\":\"EURUSD\"")));
    assertEquals(
        error("Trade failed: 10021"), ask(request("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1")));
  }

  /** As the origin's executor writes it: the members in its order, no blanks, the token last. */
  private static String request(String command, String parameters) {
    return "{\"command\":\"" + command + "\",\"requestId\":\"req_1761380000000_abcdefghi\",\"timestamp\":\"2026-11-20T12:00:00.000Z\","
        + "\"parameters\":{" + parameters + "},\"token\":\"" + SECRET + "\"}";
  }

  private static String error(String message) {
    return "{\"status\":\"ERROR\",\"message\":\"" + message + "\"}";
  }

  private static String opened(String ticket, String action, String price, String stopLoss, String takeProfit) {
    return "{\"status\":\"OK\",\"data\":{\"ticket\":" + ticket + ",\"symbol\":\"EURUSD\",\"action\":\"" + action
        + "\",\"lotSize\":0.10,\"openPrice\":" + price + ",\"stopLoss\":" + stopLoss + ",\"takeProfit\":" + takeProfit + "}}";
  }

  private String ask(String request) {
    socket.send(request.getBytes(StandardCharsets.UTF_8));
    byte[] reply = socket.recv();
    return reply == null ? "no answer" : new String(reply, StandardCharsets.UTF_8);
  }
}
