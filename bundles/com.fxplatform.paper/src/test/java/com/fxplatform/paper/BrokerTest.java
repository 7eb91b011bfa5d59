package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerTest {
  private static final Instrument EURUSD = Instrument.TABLE.get("EURUSD");
  private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-20T12:00:00Z"), ZoneOffset.UTC);

  @TempDir Path folder;
  private double bid = 1.10000;

  /** Prices set by hand. */
  private final Prices market =
      new Prices() {
        @Override
        public Optional<Quote> quote(Instrument instrument, Instant at) {
          return instrument == EURUSD ? Optional.of(new Quote(bid, instrument.rounded(bid + 0.0001))) : Optional.empty();
        }

        @Override
        public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
          return List.of();
        }
      };

  @Test
  void stopsAreExecutedAndSurviveARestart() {
    long buy;
    try (TradeLog log = TradeLog.in(folder)) {
      Broker broker = new Broker(market, CLOCK, log, 10_000);
      buy = broker.open(order(true, 0.1, 0, 0, "b")).ticket();
      long sell = broker.open(order(false, 0.1, 0, 1.09000, "s")).ticket();
      assertEquals(Broker.INVALID_STOPS, broker.modify(buy, 1.2, 0, "m").retcode());
      assertEquals(Broker.INVALID_STOPS, broker.modify(buy, -1, 0, "m").retcode());
      assertEquals(Broker.POSITION_CLOSED, broker.modify(1, 1, 0, "m").retcode());
      assertEquals(Broker.DONE, broker.modify(buy, 1.09500, 1.2, "m").retcode());
      broker.tick();
      assertEquals(2, broker.positions().size());
      bid = 1.08980;
      // the sell's take profit is reached by the ask
      broker.dealing(() -> 10018);
      assertEquals(10018, broker.close(sell, "c").retcode());
      broker.dealing(() -> Broker.DONE);
    }
    try (TradeLog log = TradeLog.in(folder)) {
      Broker again = new Broker(market, CLOCK, log, 10_000);
      assertEquals(1.09500, again.positions().get(0).stopLoss());
      assertEquals("b", again.positions().get(0).requestId());
      again.tick();
      assertEquals(List.of(), again.positions());
      assertEquals(List.of("[sl 1.09500]", "[tp 1.09000]"),
          log.lines().stream().filter(line -> line.kind() == TradeLog.Kind.CLOSE).map(TradeLog.Line::comment).toList());
      // 0.1 lots: bought at 1.10010 and closed at 1.08980, sold at 1.10000 and closed at 1.08990
      assertEquals(10_000 - 103 + 101, again.account().balance(), 0.001);
    }
  }

  @Test
  void theWorstPositionsGoWhenTheMarginIsUsedUp() {
    TradeLog log = TradeLog.inMemory();
    Broker broker = new Broker(market, CLOCK, log, 1_000);
    long worse = broker.open(order(true, 0.4, 0, 0, "1")).ticket();
    bid = 1.09900;
    broker.open(order(true, 0.2, 0, 0, "2"));
    broker.tick();
    assertEquals(2, broker.positions().size());
    bid = 1.08700;
    broker.tick();
    assertEquals(1, broker.positions().size());
    TradeLog.Line out = log.lines().get(log.lines().size() - 1);
    assertEquals(worse, out.ticket());
    assertTrue(out.comment().startsWith("[so "), out.comment());
  }

  @Test
  void pricesComeFromAFile() throws Exception {
    Path file = folder.resolve("prices.csv");
    Files.writeString(
        file,
        "time,symbol,bid,ask\n2026-01-05T08:00:00Z,EURUSD,1.1,1.1002\n2026-01-05T08:00:01Z,EURUSD,1.2,1.2002\n"
            + "1767600002000, GBPUSD ,1.3,1.3004\n\n");
    CsvPrices prices = new CsvPrices(file, CLOCK.instant());
    assertEquals(1.1, prices.quote(EURUSD, CLOCK.instant()).orElseThrow().bid());
    assertEquals(1.2002, prices.quote(EURUSD, CLOCK.instant().plusMillis(1500)).orElseThrow().ask());
    assertEquals(1.1, prices.quote(EURUSD, CLOCK.instant().plusSeconds(3)).orElseThrow().bid(), "it begins again");
    assertEquals(Optional.empty(), prices.quote(Instrument.TABLE.get("XAUUSD"), CLOCK.instant()));
    Prices.Bar bar = prices.bars(EURUSD, CLOCK.instant().plusSeconds(2), 60, 5).get(0);
    assertEquals(1.2, bar.high());
    assertEquals(1.1, bar.low());
    for (String wrong : List.of("", "time,symbol,bid,ask\n", "time,symbol,bid,ask\n1,EURUSD,2,1\n", "time,symbol,bid,ask\n1,NONE,1,2\n",
        "time,symbol,bid,ask\nyesterday,EURUSD,1,2\n", "a,b\n1,2\n")) {
      Files.writeString(file, wrong);
      IOException why = assertThrows(IOException.class, () -> new CsvPrices(file, CLOCK.instant()), wrong);
      assertTrue(why.getMessage().contains("prices.csv"), why.getMessage());
    }
  }

  private static Broker.Order order(boolean buy, double lots, double stopLoss, double takeProfit, String id) {
    return new Broker.Order("EURUSD", buy, lots, stopLoss, takeProfit, "c", id);
  }
}
