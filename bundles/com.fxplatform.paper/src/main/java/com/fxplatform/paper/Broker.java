package com.fxplatform.paper;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The account and its positions: market orders filled immediately or cancelled (IOC) at the price of the moment, in US
 * dollars. Used by the terminal's one thread; {@link #account()} and {@link #positions()} may be read by others.
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
  private static final double LEVERAGE = 100;
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
                  line.comment()));
        }
      } else {
        open.remove(line.ticket());
        balance += line.profit();
      }
      nextTicket = Math.max(nextTicket, line.ticket() + 1);
    }
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
    // a stop on the wrong side of the price it is triggered by
    if (order.buy() && (order.stopLoss() >= bid || order.takeProfit() != 0 && order.takeProfit() <= bid)
        || !order.buy() && (order.stopLoss() != 0 && order.stopLoss() <= ask || order.takeProfit() >= ask)) {
      return Fill.refused(INVALID_STOPS);
    }
    if (order.lots() * instrument.contract() / LEVERAGE * dollars(instrument.base()) > account().freeMargin()) {
      return Fill.refused(NO_MONEY);
    }
    double price = order.buy() ? ask : bid;
    long ticket = nextTicket++;
    String comment = order.comment().length() > COMMENT_LENGTH ? order.comment().substring(0, COMMENT_LENGTH) : order.comment();
    Position position =
        new Position(ticket, instrument, order.buy(), order.lots(), price, order.stopLoss(), order.takeProfit(), comment);
    log.append(line(TradeLog.Kind.OPEN, position, price, 0, order.requestId()));
    open.put(ticket, position);
    return new Fill(DONE, ticket, price);
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
    double price = position.buy() ? quote.get().bid() : quote.get().ask();
    double profit = cents(position.profit(quote.get()) * dollars(position.instrument().quote()));
    log.append(line(TradeLog.Kind.CLOSE, position, price, profit, requestId));
    open.remove(ticket);
    balance += profit;
    return new Fill(DONE, ticket, price);
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
        profit += cents(each.profit(quote.get()) * dollars(each.instrument().quote()));
      }
      margin += cents(each.lots() * each.instrument().contract() / LEVERAGE * dollars(each.instrument().base()));
    }
    double equity = balance + profit;
    return new Figures(balance, equity, margin, equity - margin, profit);
  }

  private TradeLog.Line line(TradeLog.Kind kind, Position position, double price, double profit, String requestId) {
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
        position.comment(),
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
