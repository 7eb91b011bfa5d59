package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpertAdvisorTest {
  private static final String SECRET = "s3cret-s3cret-s3cret-s3cret-s3cret";
  private static final String REFUSED = "{\"status\":\"ERROR\",\"message\":\"Authentication failed\"}";
  private static final String PONG = "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":true}";

  private final HandClock clock = new HandClock();
  private final TradeLog log = TradeLog.inMemory();
  private final AccessCheck access = new AccessCheck(clock, "");
  private final FixedPrices prices = new FixedPrices();
  private final ExpertAdvisor advisor = new ExpertAdvisor(new Broker(prices, clock, log, 10_000), access);

  @Test
  void answersByteForByte() {
    assertEquals("{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":false}", ask("PING", ""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"balance\":10000.00,\"equity\":10000.00,\"margin\":0.00,\"freeMargin\":10000.00,\"profit\":0.00}}",
        ask("GET_ACCOUNT", ""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"bid\":1.08500,\"ask\":1.08512,\"spread\":12}}",
        ask("GET_PRICE", "\"symbol\":\"EURUSD\""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"bid\":1.08500,\"ask\":1.08512,\"spread\":12}}", ask("GET_PRICE", ""));
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Symbol not found or no price\"}", ask("GET_PRICE", "\"symbol\":\"NONE\""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"symbol\":\"EURUSD\",\"timeframe\":\"M5\",\"bars\":["
            + "{\"time\":600,\"open\":1.10000,\"high\":1.30000,\"low\":1.00000,\"close\":1.20000,\"volume\":7},"
            + "{\"time\":300,\"open\":1.10000,\"high\":1.30000,\"low\":1.00000,\"close\":1.20000,\"volume\":7}]}}",
        ask("GET_BARS", "\"symbol\":\"EURUSD\",\"timeframe\":\"M5\",\"bars\":2"));
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Failed to add symbol to Market Watch: NONE\",\"error\":4301}",
        ask("GET_BARS", "\"symbol\":\"NONE\""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"ticket\":1000001,\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.10,"
            + "\"openPrice\":1.08512,\"stopLoss\":1.07000,\"takeProfit\":0.00000}}",
        ask("OPEN_POSITION", "\"symbol\":\"EURUSD\",\"action\":\"BUY\",\"lotSize\":0.1,\"stopLoss\":1.07"));
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Invalid action: HOLD\"}", ask("OPEN_POSITION", "\"action\":\"HOLD\""));
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Trade failed: 10014\"}", ask("OPEN_POSITION", "\"action\":\"sell\",\"lotSize\":0.001"));
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Trade failed: 10019\"}", ask("OPEN_POSITION", "\"action\":\"sell\",\"lotSize\":99"));
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Trade failed: 10016\"}",
        ask("OPEN_POSITION", "\"action\":\"buy\",\"lotSize\":0.1,\"stopLoss\":2"));
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Invalid ticket\"}", ask("CLOSE_POSITION", ""));
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Position not found\"}", ask("CLOSE_POSITION", "\"ticket\":7"));
    assertEquals("{\"status\":\"OK\",\"message\":\"Position closed\"}", ask("CLOSE_POSITION", "\"ticket\":1000001"));
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Unknown command\"}", ask("GET_POSITIONS", ""));
    assertEquals(
        "{\"status\":\"OK\",\"data\":{\"balance\":9998.80,\"equity\":9998.80,\"margin\":0.00,\"freeMargin\":9998.80,\"profit\":0.00}}",
        ask("GET_ACCOUNT", ""));
  }

  @Test
  void saysWhenAKnownSymbolHasNoPrice() {
    prices.open = false;
    assertEquals(
        "{\"status\":\"ERROR\",\"message\":\"Symbol has no price data: EURUSD. Symbol might be disabled or market is closed.\","
            + "\"error\":4301}",
        ask("GET_BARS", "\"symbol\":\"EURUSD\""));
  }

  @Test
  void readsLikeTheOriginal() {
    // a nested command hijacks the request
    assertTrue(advisor.process("{\"command\":\"OPEN_POSITION\",\"parameters\":{\"command\":\"PING\"}}").contains("PONG"));
    // no blank after the colon
    assertEquals("{\"status\":\"ERROR\",\"message\":\"Unknown command\"}", advisor.process("{\"command\": \"PING\"}"));
    RequestText odd = new RequestText("{\"a\":\"x\\\"y\",\"n\":1.5e1 ,\"m\": 7,\"k\":12abc,\"a\":\"second\"}");
    assertEquals("x\\", odd.string("a"));
    assertEquals(15, odd.number("n"));
    assertEquals(0, odd.number("m"));
    assertEquals(12, odd.number("k"));
    assertEquals(0, odd.number("missing"));
    assertEquals("", odd.string("missing"));
  }

  @Test
  void locksAfterFiveFailuresAndForgetsAfterOneSuccess() {
    access.secret(SECRET);
    for (int i = 0; i < 4; i++) {
      assertEquals(REFUSED, ask("PING", "\"token\":\"wrong\""));
    }
    assertEquals(PONG, ask("PING", "\"token\":\"" + SECRET + "\""));
    assertEquals(0, access.failures());
    for (int i = 0; i < 5; i++) {
      assertEquals(REFUSED, ask("PING", ""));
    }
    assertEquals(REFUSED, ask("PING", "\"token\":\"" + SECRET + "\""), "the right token is refused too");
    clock.move(Duration.ofSeconds(299));
    assertEquals(REFUSED, ask("PING", "\"token\":\"" + SECRET + "\""));
    clock.move(Duration.ofSeconds(2));
    assertEquals(PONG, ask("PING", "\"token\":\"" + SECRET + "\""), "refused tries do not prolong the lock");
  }

  @Test
  void aBlankAfterTheColonOfTheTokenIsAFailure() {
    access.secret(SECRET);
    assertEquals(REFUSED, advisor.process("{\"command\":\"PING\",\"token\": \"" + SECRET + "\"}"));
    assertEquals(1, access.failures());
  }

  private String ask(String command, String rest) {
    return advisor.process(
        "{\"command\":\"" + command + "\",\"requestId\":\"req_1\"" + (rest.isEmpty() ? "" : "," + rest) + "}");
  }

  /** Prices that stand still. */
  static final class FixedPrices implements Prices {
    volatile boolean open = true;

    @Override
    public Optional<Quote> quote(Instrument instrument, Instant at) {
      double bid = instrument.anchor();
      return open
          ? Optional.of(new Quote(bid, instrument.rounded(bid + instrument.spread() * instrument.point())))
          : Optional.empty();
    }

    @Override
    public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
      return List.of(new Bar(600, 1.1, 1.3, 1.0, 1.2, 7), new Bar(300, 1.1, 1.3, 1.0, 1.2, 7));
    }
  }

  /** A clock that moves by hand. */
  static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");

    void move(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
