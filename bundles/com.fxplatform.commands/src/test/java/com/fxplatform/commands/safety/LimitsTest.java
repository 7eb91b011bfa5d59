package com.fxplatform.commands.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.command.Priority;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Each limit says no by its name, and nothing where it is not set or where something is closed. */
class LimitsTest {
  private final Map<String, String> notes = new HashMap<>();
  private int open;
  private final OpenCount memory =
      new OpenCount() {
        @Override
        public int openOrOnTheWay(String exceptCommand) {
          return open;
        }

        @Override
        public String note(String name) {
          return notes.getOrDefault(name, "");
        }

        @Override
        public void note(String name, String value) {
          notes.put(name, value);
        }
      };

  private static Limits limits(Map<String, Object> set) {
    return new Limits(
        (Limits.Config)
            Proxy.newProxyInstance(
                LimitsTest.class.getClassLoader(),
                new Class<?>[] {Limits.Config.class},
                (proxy, method, args) -> set.getOrDefault(method.getName().replace("safety_", ""), method.getDefaultValue())));
  }

  private static Command order(String symbol, Object volume) {
    return command("OPEN_POSITION", Map.of("symbol", symbol, "type", "BUY", "volume", volume));
  }

  private static Command command(String name, Map<String, Object> parameters) {
    return new Command("c", name, parameters, Priority.NORMAL, Instant.now(), Optional.empty());
  }

  private static Optional<Account> account(String equity) {
    BigDecimal amount = new BigDecimal(equity);
    return Optional.of(
        new Account(amount, amount, BigDecimal.ZERO, amount, BigDecimal.ZERO, Optional.of("42"), Optional.empty(), Optional.of(0), Instant.now()));
  }

  private static void no(String id, Optional<String> said) {
    assertTrue(said.orElse("").startsWith(id + ": ") && said.get().endsWith("."), said.toString());
  }

  @Test
  void maxLot() {
    SafetyCheck check = new MaxLot(limits(Map.of("maxLot", "0.5")));
    no("max-lot", check.veto(order("EURUSD", new BigDecimal("0.51")), Optional.empty()));
    no("max-lot", check.veto(order("EURUSD", "0.6"), Optional.empty()));
    assertEquals(Optional.empty(), check.veto(order("EURUSD", new BigDecimal("0.50")), Optional.empty()));
    assertEquals(Optional.empty(), check.veto(command("MODIFY_POSITION", Map.of()), Optional.empty()));
    assertEquals(Optional.empty(), new MaxLot(limits(Map.of())).veto(order("EURUSD", 99), Optional.empty()), "none by default");
    assertThrows(IllegalArgumentException.class, () -> new MaxLot(limits(Map.of("maxLot", "much"))).veto(order("EURUSD", 1), Optional.empty()));
  }

  @Test
  void maxPositionsCountsWhatIsOnItsWay() {
    SafetyCheck check = new MaxPositions(limits(Map.of("maxPositions", 2)), memory);
    open = 1;
    assertEquals(Optional.empty(), check.veto(order("EURUSD", 1), Optional.empty()));
    open = 2;
    no("max-positions", check.veto(order("EURUSD", 1), Optional.empty()));
  }

  @Test
  void allowedSymbols() {
    SafetyCheck check = new AllowedSymbols(limits(Map.of("allowedSymbols", new String[] {"EURUSD, XAUUSDm"})));
    assertEquals(Optional.empty(), check.veto(order("xauusdm", 1), Optional.empty()));
    no("allowed-symbols", check.veto(order("BTCUSD", 1), Optional.empty()));
  }

  @Test
  void aDaysLossIsRememberedOverARestart() {
    Limits limits = limits(Map.of("maxDailyLoss", "100", "maxDrawdown", "20"));
    EquityWatch watch = new EquityWatch(limits, memory);
    no("max-daily-loss", new MaxDailyLoss(limits, watch).veto(order("EURUSD", 1), Optional.empty()));
    assertEquals(Optional.empty(), new MaxDailyLoss(limits, watch).veto(order("EURUSD", 1), account("1000")));
    watch.close();
    EquityWatch again = new EquityWatch(limits, memory);
    assertEquals(Optional.empty(), new MaxDailyLoss(limits, again).veto(order("EURUSD", 1), account("901")));
    no("max-daily-loss", new MaxDailyLoss(limits, again).veto(order("EURUSD", 1), account("900")));
    assertEquals(Optional.empty(), new MaxDrawdown(limits, again).veto(order("EURUSD", 1), account("801")));
    no("max-drawdown", new MaxDrawdown(limits, again).veto(order("EURUSD", 1), account("800")));
    again.close();
  }

  @Test
  void spreadAndStalePrice() {
    Limits limits = limits(Map.of("maxSpread", 20, "maxPriceAge", 60));
    Prices none = new Prices();
    no("max-spread", new MaxSpread(limits, none).veto(order("EURUSD", 1), Optional.empty()));
    no("stale-price", new StalePrice(limits, none).veto(order("EURUSD", 1), Optional.empty()));
    assertEquals(Optional.empty(), new MaxSpread(limits, prices(20, 0)).veto(order("EURUSD", 1), Optional.empty()));
    no("max-spread", new MaxSpread(limits, prices(21, 0)).veto(order("EURUSD", 1), Optional.empty()));
    assertEquals(Optional.empty(), new StalePrice(limits, prices(1, 30)).veto(order("EURUSD", 1), Optional.empty()));
    no("stale-price", new StalePrice(limits, prices(1, 90)).veto(order("EURUSD", 1), Optional.empty()));
  }

  @Test
  void aStreamedPriceIsTakenBeforeOneIsAskedFor() {
    Limits limits = limits(Map.of("maxSpread", 20, "maxPriceAge", 60));
    assertEquals(Optional.empty(), new MaxSpread(limits, streaming(20, 0)).veto(order("EURUSD", 1), Optional.empty()));
    no("max-spread", new MaxSpread(limits, streaming(21, 0)).veto(order("EURUSD", 1), Optional.empty()));
    assertEquals(Optional.empty(), new StalePrice(limits, streaming(1, 30)).veto(order("EURUSD", 1), Optional.empty()));
    no("stale-price", new StalePrice(limits, streaming(1, 90)).veto(order("EURUSD", 1), Optional.empty()));
  }

  private static Prices streaming(int spread, long secondsOld) {
    Prices prices = new Prices();
    TerminalLink link =
        new TerminalLink() {
          @Override
          public CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
            throw new AssertionError("asked for " + request.name());
          }

          @Override
          public Status status() {
            return new Status(State.READY, Instant.now(), "");
          }

          @Override
          public Optional<Quote> quote(String symbol) {
            return Optional.of(new Quote(new BigDecimal("1.1"), new BigDecimal("1.2"), BigDecimal.valueOf(spread), Instant.now().minusSeconds(secondsOld)));
          }

          @Override
          public Optional<Account> account() {
            return Optional.empty();
          }
        };
    prices.bindTerminal(link, Map.of("service.id", 1L));
    return prices;
  }

  private static Prices prices(int spread, long secondsOld) {
    Prices prices = new Prices();
    TerminalLink link =
        new TerminalLink() {
          @Override
          public CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
            Map<String, Object> data =
                Map.of("bid", new BigDecimal("1.1"), "ask", new BigDecimal("1.2"), "spread", spread, "time", Instant.now().getEpochSecond() - secondsOld);
            return CompletableFuture.completedFuture(new TerminalReply(Outcome.OK, data, Optional.empty(), Optional.empty()));
          }

          @Override
          public Status status() {
            return new Status(State.READY, Instant.now(), "");
          }

          @Override
          public Optional<Account> account() {
            return Optional.empty();
          }
        };
    prices.bindTerminal(link, Map.of("service.id", 1L));
    return prices;
  }

  @Test
  void tradingHours() {
    Limits limits = limits(Map.of("tradingHours", new String[] {"MON-FRI 08:00-17:30", "SUN 22:00-02:00"}, "timeZone", "Europe/Berlin"));
    // 2026-11-23 is a Monday; Berlin is one hour ahead
    assertEquals(Optional.empty(), at(limits, "2026-11-23T07:00:00Z"));
    no("trading-hours", at(limits, "2026-11-23T06:59:59Z"));
    no("trading-hours", at(limits, "2026-11-23T16:30:00Z"));
    assertEquals(Optional.empty(), at(limits, "2026-11-22T21:30:00Z"));
    assertEquals(Optional.empty(), at(limits, "2026-11-23T00:30:00Z"), "the night goes on into Monday");
    no("trading-hours", at(limits, "2026-11-24T00:30:00Z"));
    assertThrows(IllegalArgumentException.class, () -> at(limits(Map.of("tradingHours", new String[] {"always"})), "2026-11-23T07:00:00Z"));
  }

  private static Optional<String> at(Limits limits, String instant) {
    return new TradingHours(limits, Clock.fixed(Instant.parse(instant), ZoneOffset.UTC)).veto(order("EURUSD", 1), Optional.empty());
  }
}
