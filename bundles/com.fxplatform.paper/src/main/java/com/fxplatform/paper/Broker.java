package com.fxplatform.paper;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * The account and its positions: market orders filled immediately or cancelled (IOC) at the price of the moment, in US
 * dollars. Thread-safe.
 */
public final class Broker {
  /** The retcodes of MT5 that a paper trade can end in. */
  public static final int DONE = 10009;

  public static final int INVALID = 10013;
  public static final int INVALID_VOLUME = 10014;
  public static final int INVALID_STOPS = 10016;
  public static final int NO_MONEY = 10019;
  public static final int NO_PRICES = 10021;
  public static final int POSITION_CLOSED = 10036;

  private static final double MIN_LOTS = 0.01;
  private static final double MAX_LOTS = 100;
  static final int LEVERAGE = 100;
  // below this share of the margin in use the worst position is closed
  private static final double STOP_OUT = 0.5;
  private static final long FIRST_TICKET = 1_000_001;
  private static final int COMMENT_LENGTH = 31;

  /** A market order as the Expert Advisor sends it. */
  public record Order(
      String symbol, boolean buy, double lots, double stopLoss, double takeProfit, String comment, String requestId) {}

  /** What became of an order. {@code ticket} 0 unless {@code retcode} is {@link #DONE}. */
  public record Fill(int retcode, long ticket, double price) {
    static Fill refused(int retcode) {
      return new Fill(retcode, 0, 0);
    }
  }

  /** The account's figures. */
  public record Figures(double balance, double equity, double margin, double freeMargin, double profit) {}

  private final Prices prices;
  private final Clock clock;
  private final TradeLog log;
  private final Map<Long, Position> open = new LinkedHashMap<>();
  private volatile IntSupplier dealing = () -> DONE;
  private double balance;
  private long nextTicket = FIRST_TICKET;

  /** Goes on where the log ends. */
  public Broker(Prices prices, Clock clock, TradeLog log, double deposit) {
    this.prices = prices;
    this.clock = clock;
    this.log = log;
    this.balance = deposit;
    for (TradeLog.Line line : log.lines()) {
      if (line.kind() == TradeLog.Kind.OPEN) {
        Instrument instrument = Instrument.TABLE.get(line.symbol());
        if (instrument != null) {
          open.put(
              line.ticket(),
              new Position(
                  line.ticket(),
                  instrument,
                  "BUY".equals(line.action()),
                  line.lots(),
                  line.price(),
                  line.stopLoss(),
                  line.takeProfit(),
                  line.comment(),
                  line.requestId(),
                  line.time()));
        }
      } else if (line.kind() == TradeLog.Kind.MODIFY) {
        open.computeIfPresent(line.ticket(), (ticket, known) -> known.stops(line.stopLoss(), line.takeProfit()));
      } else {
        open.remove(line.ticket());
        balance += line.profit();
      }
      nextTicket = Math.max(nextTicket, line.ticket() + 1);
    }
  }

  /** Asked before every trade: {@link #DONE}, or the retcode to refuse it with. */
  public void dealing(IntSupplier retcode) {
    dealing = retcode;
  }

  /** Empty if the symbol is unknown or has no price. */
  public Optional<Prices.Quote> quote(String symbol) {
    return Optional.ofNullable(Instrument.TABLE.get(symbol)).flatMap(known -> prices.quote(known, clock.instant()));
  }

  /** Newest first; empty if the symbol is unknown or has no price. */
  public List<Prices.Bar> bars(String symbol, int seconds, int count) {
    Instrument known = Instrument.TABLE.get(symbol);
    return known == null ? List.of() : prices.bars(known, clock.instant(), seconds, count);
  }

  /** Opens a position or says why not; written to the trade log before it returns. */
  public synchronized Fill open(Order order) {
    Instrument instrument = Instrument.TABLE.get(order.symbol());
    if (instrument == null) {
      return Fill.refused(INVALID);
    }
    double steps = order.lots() * 100;
    if (order.lots() < MIN_LOTS - 1e-9 || order.lots() > MAX_LOTS || Math.abs(steps - Math.rint(steps)) > 1e-6) {
      return Fill.refused(INVALID_VOLUME);
    }
    Optional<Prices.Quote> quote = quote(order.symbol());
    if (quote.isEmpty()) {
      return Fill.refused(NO_PRICES);
    }
    double bid = quote.get().bid();
    double ask = quote.get().ask();
    if (misplaced(order.buy(), order.stopLoss(), order.takeProfit(), quote.get())) {
      return Fill.refused(INVALID_STOPS);
    }
    int retcode = dealing.getAsInt();
    if (retcode != DONE) {
      return Fill.refused(retcode);
    }
    if (order.lots() * instrument.contract() / LEVERAGE * dollars(instrument.base()) > account().freeMargin()) {
      return Fill.refused(NO_MONEY);
    }
    double price = order.buy() ? ask : bid;
    long ticket = nextTicket++;
    String comment = order.comment().length() > COMMENT_LENGTH ? order.comment().substring(0, COMMENT_LENGTH) : order.comment();
    Position position =
        new Position(
            ticket, instrument, order.buy(), order.lots(), price, order.stopLoss(), order.takeProfit(), comment,
            order.requestId(), clock.instant());
    log.append(line(TradeLog.Kind.OPEN, position, price, 0, comment, order.requestId()));
    open.put(ticket, position);
    return new Fill(DONE, ticket, price);
  }

  /** A stop on the wrong side of the price it is triggered by. */
  private static boolean misplaced(boolean buy, double stopLoss, double takeProfit, Prices.Quote quote) {
    if (stopLoss < 0 || takeProfit < 0) {
      return true;
    }
    return buy
        ? stopLoss >= quote.bid() || takeProfit != 0 && takeProfit <= quote.bid()
        : stopLoss != 0 && stopLoss <= quote.ask() || takeProfit >= quote.ask();
  }

  /** Sets both stops, 0 for none; written to the trade log before it returns. */
  public synchronized Fill modify(long ticket, double stopLoss, double takeProfit, String requestId) {
    Position position = open.get(ticket);
    if (position == null) {
      return Fill.refused(POSITION_CLOSED);
    }
    Optional<Prices.Quote> quote = quote(position.instrument().name());
    if (quote.isEmpty()) {
      return Fill.refused(NO_PRICES);
    }
    if (misplaced(position.buy(), stopLoss, takeProfit, quote.get())) {
      return Fill.refused(INVALID_STOPS);
    }
    int retcode = dealing.getAsInt();
    if (retcode != DONE) {
      return Fill.refused(retcode);
    }
    Position changed = position.stops(stopLoss, takeProfit);
    log.append(line(TradeLog.Kind.MODIFY, changed, changed.openPrice(), 0, changed.comment(), requestId));
    open.put(ticket, changed);
    return new Fill(DONE, ticket, changed.openPrice());
  }

  /** Closes a position; written to the trade log before it returns. */
  public synchronized Fill close(long ticket, String requestId) {
    Position position = open.get(ticket);
    if (position == null) {
      return Fill.refused(POSITION_CLOSED);
    }
    Optional<Prices.Quote> quote = quote(position.instrument().name());
    if (quote.isEmpty()) {
      return Fill.refused(NO_PRICES);
    }
    int retcode = dealing.getAsInt();
    return retcode == DONE ? close(position, quote.get(), position.comment(), requestId) : Fill.refused(retcode);
  }

  private Fill close(Position position, Prices.Quote quote, String comment, String requestId) {
    double price = position.buy() ? quote.bid() : quote.ask();
    double profit = profit(position, quote);
    log.append(line(TradeLog.Kind.CLOSE, position, price, profit, comment, requestId));
    open.remove(position.ticket());
    balance += profit;
    return new Fill(DONE, position.ticket(), price);
  }

  private double profit(Position position, Prices.Quote quote) {
    return cents(position.profit(quote) * dollars(position.instrument().quote()));
  }

  /** What it would earn in dollars if it were closed now. */
  public synchronized double profit(Position position) {
    return quote(position.instrument().name()).map(quote -> profit(position, quote)).orElse(0.0);
  }

  /** Executes the stops that the prices have reached, and closes the worst positions while the margin is used up. */
  public synchronized void tick() {
    for (Position each : positions()) {
      quote(each.instrument().name())
          .ifPresent(quote -> each.reached(quote).ifPresent(why -> close(each, quote, why, "")));
    }
    Figures figures = account();
    while (!open.isEmpty() && figures.equity() < figures.margin() * STOP_OUT) {
      Position worst = open.values().stream().min(Comparator.comparingDouble(this::profit)).orElseThrow();
      Optional<Prices.Quote> quote = quote(worst.instrument().name());
      if (quote.isEmpty()) {
        return;
      }
      close(worst, quote.get(), String.format(Locale.ROOT, "[so %.2f]", figures.equity()), "");
      figures = account();
    }
  }

  public synchronized boolean has(long ticket) {
    return open.containsKey(ticket);
  }

  public synchronized List<Position> positions() {
    return List.copyOf(open.values());
  }

  public synchronized Figures account() {
    double profit = 0;
    double margin = 0;
    for (Position each : open.values()) {
      Optional<Prices.Quote> quote = quote(each.instrument().name());
      if (quote.isPresent()) {
        profit += profit(each, quote.get());
      }
      margin += cents(each.lots() * each.instrument().contract() / LEVERAGE * dollars(each.instrument().base()));
    }
    double equity = balance + profit;
    return new Figures(balance, equity, margin, equity - margin, profit);
  }

  private TradeLog.Line line(
      TradeLog.Kind kind, Position position, double price, double profit, String comment, String requestId) {
    return new TradeLog.Line(
        Instant.now(clock),
        kind,
        position.ticket(),
        position.buy() ? "BUY" : "SELL",
        position.instrument().name(),
        position.lots(),
        price,
        position.stopLoss(),
        position.takeProfit(),
        profit,
        comment,
        requestId);
  }

  /** What one unit of something is worth in dollars. */
  private double dollars(String unit) {
    if ("USD".equals(unit)) {
      return 1;
    }
    Optional<Prices.Quote> direct = quote(unit + "USD");
    if (direct.isPresent()) {
      return direct.get().bid();
    }
    return quote("USD" + unit).map(inverse -> 1 / inverse.ask()).orElse(1.0);
  }

  private static double cents(double amount) {
    return Math.rint(amount * 100) / 100;
  }
}
