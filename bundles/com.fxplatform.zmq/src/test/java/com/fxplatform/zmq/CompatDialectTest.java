package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.RequestText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompatDialectTest {
  private static final List<String> NAMES = List.of("PING", "GET_BARS", "OPEN_POSITION", "CLOSE_POSITION", "GET_ACCOUNT", "GET_PRICE");
  private static final String NASTY = "aZ0 ._:-#+\"\\{}[],:'\n\u0000\u00e9\ud83d\ude00PING";
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  private final CompatDialect dialect = new CompatDialect();

  @Test
  void isWrittenInTheOriginsOrder() {
    Map<String, Object> given = new LinkedHashMap<>();
    given.put("lotSize", new BigDecimal("1E-2"));
    given.put("action", "BUY");
    given.put("symbol", "EURUSD.m");
    given.put("stopLoss", 1);
    given.put("comment", "NX:one");
    TerminalRequest request =
        new TerminalRequest("cm3x7kq2p0000abcd", "OPEN_POSITION", given, Lane.OPEN, Optional.empty());
    assertEquals(
        "{\"command\":\"OPEN_POSITION\",\"requestId\":\"cm3x7kq2p0000abcd\",\"timestamp\":\"2026-11-23T10:00:00.000Z\","
            + "\"parameters\":{\"symbol\":\"EURUSD.m\",\"action\":\"BUY\",\"lotSize\":0.01,\"stopLoss\":1,\"comment\":\"NX:one\"},"
            + "\"token\":\"s3cret\"}",
        text(request, "s3cret"));
  }

  @Test
  void theTokenComesAfterWhatTheExpertAdvisorPrints() {
    for (String name : List.of("PING", "GET_ACCOUNT")) {
      String text = text(new TerminalRequest("x", name, Map.of(), Lane.READ, Optional.empty()), "s3cret");
      assertTrue(text.indexOf("s3cret") >= CompatDialect.JOURNALLED, text);
    }
  }

  /** Whatever goes in: it is refused, or the Expert Advisor reads exactly what was meant. */
  @Test
  void nothingReachesTheWireThatTheExpertAdvisorReadsOtherwise() {
    Random random = new Random(42);
    int sent = 0;
    for (int i = 0; i < 50_000; i++) {
      TerminalRequest request = any(random);
      if (dialect.objection(request).isPresent()) {
        continue;
      }
      sent++;
      String secret = random.nextBoolean() ? "" : "S".repeat(1 + random.nextInt(500));
      byte[] frame = dialect.encode(request, NOW, secret);
      String text = new String(frame, StandardCharsets.UTF_8);
      assertTrue(frame.length > 0 && frame.length <= CompatDialect.LARGEST_REQUEST, text);
      assertFalse(text.contains("\": ") || text.contains("\n"), text);
      RequestText read = new RequestText(text);
      assertEquals(request.name(), NAMES.stream().filter(read::commands).findFirst().orElse(""), text);
      assertEquals(1, NAMES.stream().filter(read::commands).count(), text);
      assertEquals(secret, read.string("token"), text);
      request
          .parameters()
          .forEach(
              (key, value) -> {
                if (value instanceof Number number && !key.equals(CompatDialect.STRATEGY)) {
                  assertEquals(number.doubleValue(), read.number(key), Math.abs(number.doubleValue()) * 1e-12, text);
                } else if (!key.equals(CompatDialect.STRATEGY) && !"".equals(value)) {
                  assertEquals(value, read.string(key), text);
                }
              });
    }
    assertTrue(sent > 2000, "the generator must make sendable requests too: " + sent);
  }

  private static TerminalRequest any(Random random) {
    Map<String, Object> given = new LinkedHashMap<>();
    String name = NAMES.get(random.nextInt(NAMES.size()));
    boolean fair = random.nextInt(3) > 0;
    switch (name) {
      case "OPEN_POSITION" -> {
        given.put("symbol", fair ? "EURUSD" : nasty(random, 33));
        given.put("action", fair ? random.nextBoolean() ? "BUY" : "SELL" : nasty(random, 4));
        given.put("lotSize", number(random));
        if (random.nextBoolean()) {
          given.put("stopLoss", number(random));
        }
        if (random.nextBoolean()) {
          given.put("comment", random.nextInt(3) > 0 ? "Strategy: abc-1" : nasty(random, 33));
        }
        if (random.nextInt(4) == 0) {
          given.put(CompatDialect.STRATEGY, nasty(random, 5));
        }
      }
      case "CLOSE_POSITION" -> given.put("ticket", random.nextInt(5) == 0 ? random.nextLong() : random.nextLong(1, 1L << 53));
      case "GET_PRICE" -> given.put("symbol", fair ? "XAUUSD#" : nasty(random, 33));
      case "GET_BARS" -> {
        given.put("symbol", "BTCUSD+");
        given.put("timeframe", fair ? "H4" : nasty(random, 3));
        given.put("bars", random.nextInt(-5, 11_000));
      }
      default -> { }
    }
    if (random.nextInt(20) == 0) {
      given.put(nasty(random, 6), nasty(random, 6));
    }
    return new TerminalRequest(fair ? "id-" + random.nextInt() : nasty(random, 66), name, given, Lane.READ, Optional.empty());
  }

  private static Object number(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextInt(100);
      case 1 -> BigDecimal.valueOf(random.nextLong(), random.nextInt(-12, 12));
      case 2 -> new BigDecimal("1E-" + random.nextInt(12));
      case 3 -> random.nextLong(1_000_000);
      default -> BigDecimal.valueOf(random.nextInt(1, 10_000), 2);
    };
  }

  private static String nasty(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(NASTY.charAt(random.nextInt(NASTY.length())));
    }
    return text.toString();
  }

  @Test
  void readsOnlyWhatCanBeTheAnswer() {
    TerminalRequest open = Peer.open("o", "EURUSD");
    assertEquals(Outcome.OK, decode(open, "{\"status\":\"OK\",\"data\":{\"ticket\":7,\"symbol\":\"EURUSD\"}}").orElseThrow().outcome());
    for (String no :
        List.of(
            "", "null", "[]", "7", "{", "{\"status\":\"OK\"", "OK", "{\"status\":\"OK\"}", "{\"status\":\"MAYBE\"}",
            "{\"status\":\"OK\",\"data\":{\"ticket\":0,\"symbol\":\"EURUSD\"}}",
            "{\"status\":\"OK\",\"data\":{\"ticket\":7,\"symbol\":\"GBPUSD\"}}",
            "{\"status\":\"OK\",\"data\":{\"ticket\":\"7\",\"symbol\":\"EURUSD\"}}",
            "{\"status\":\"OK\",\"message\":\"PONG\"}", "[".repeat(5000), "{\"status\":" + "9".repeat(5000) + "}")) {
      assertEquals(Optional.empty(), decode(open, no), no);
    }
    TerminalRequest close = Peer.close("c", 7, Lane.CLOSE);
    assertEquals(Outcome.OK, decode(close, "{\"status\":\"OK\",\"message\":\"Position closed\"}").orElseThrow().outcome());
    assertEquals(Optional.empty(), decode(close, "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0}"));
    assertEquals(Optional.of("why"), decode(open, "{\"status\":\"ERROR\",\"error\":\"why\",\"message\":\"m\"}").orElseThrow().error());
    TerminalReply bars = decode(open, "{\"status\":\"ERROR\",\"message\":\"m\",\"error\":4301}").orElseThrow();
    assertEquals(Optional.of("m"), bars.error());
    assertEquals(4301, bars.data().get("error"));
  }

  @Test
  void theCommentCarriesTheKey() {
    assertTrue(CompatDialect.key("cmd-1").matches("NX[a-z2-7]{26}"));
    assertFalse(CompatDialect.key("cmd-1").equals(CompatDialect.key("cmd-2")));
  }

  private Optional<TerminalReply> decode(TerminalRequest request, String frame) {
    return dialect.decode(request, frame.getBytes(StandardCharsets.UTF_8));
  }

  private String text(TerminalRequest request, String secret) {
    assertEquals(Optional.empty(), dialect.objection(request));
    return new String(dialect.encode(request, NOW, secret), StandardCharsets.UTF_8);
  }
}
