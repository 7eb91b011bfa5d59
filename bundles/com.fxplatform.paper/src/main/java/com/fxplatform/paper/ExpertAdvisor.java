package com.fxplatform.paper;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the origin's Expert Advisor v1.10 answers, byte for byte (zmq-bridge 1). */
public final class ExpertAdvisor {
  private static final String CHART_SYMBOL = "EURUSD";
  private static final String DEFAULT_COMMENT = "NusaNexus";
  private static final int DEFAULT_BARS = 100;
  private static final int SYMBOL_ERROR = 4301;
  private static final Map<String, Integer> TIMEFRAMES =
      Map.ofEntries(
          Map.entry("M1", 1), Map.entry("M5", 5), Map.entry("M15", 15), Map.entry("M30", 30), Map.entry("H1", 60),
          Map.entry("H4", 240), Map.entry("D1", 1440), Map.entry("W1", 10080), Map.entry("MN1", 43200),
          Map.entry("1", 1), Map.entry("5", 5), Map.entry("15", 15), Map.entry("30", 30), Map.entry("60", 60),
          Map.entry("240", 240), Map.entry("1440", 1440), Map.entry("10080", 10080), Map.entry("43200", 43200));

  private final Broker broker;
  private final AccessCheck access;
  private final boolean announcesSecond;

  /** The original: protocol 1 only. */
  public ExpertAdvisor(Broker broker, AccessCheck access) {
    this(broker, access, false);
  }

  /** @param announcesSecond whether a PING's answer says that this terminal speaks protocol 2 as well (zmq-bridge 6.5) */
  public ExpertAdvisor(Broker broker, AccessCheck access, boolean announcesSecond) {
    this.broker = broker;
    this.access = access;
    this.announcesSecond = announcesSecond;
  }

  /** Executes a request and says what to answer. The commands are looked for in the order of the original. */
  public String process(String text) {
    RequestText request = new RequestText(text);
    if (!access.admits(request.string("token"))) {
      return error("Authentication failed");
    }
    if (request.commands("PING")) {
      return "{\"status\":\"OK\",\"message\":\"PONG\",\"executionTime\":0,\"authEnabled\":" + access.required()
          + (announcesSecond ? ",\"v\":2}" : "}");
    }
    if (request.commands("GET_BARS")) {
      return bars(request);
    }
    if (request.commands("OPEN_POSITION")) {
      return open(request);
    }
    if (request.commands("CLOSE_POSITION")) {
      return close(request);
    }
    if (request.commands("GET_ACCOUNT")) {
      return account();
    }
    if (request.commands("GET_PRICE")) {
      return price(request);
    }
    return error("Unknown command");
  }

  private String account() {
    Broker.Figures figures = broker.account();
    return String.format(
        Locale.ROOT,
        "{\"status\":\"OK\",\"data\":{\"balance\":%.2f,\"equity\":%.2f,\"margin\":%.2f,\"freeMargin\":%.2f,\"profit\":%.2f}}",
        figures.balance(),
        figures.equity(),
        figures.margin(),
        figures.freeMargin(),
        figures.profit());
  }

  private String price(RequestText request) {
    String symbol = symbol(request);
    Optional<Prices.Quote> quote = broker.quote(symbol);
    if (quote.isEmpty()) {
      return error("Symbol not found or no price");
    }
    return String.format(
        Locale.ROOT,
        "{\"status\":\"OK\",\"data\":{\"symbol\":\"%s\",\"bid\":%.5f,\"ask\":%.5f,\"spread\":%d}}",
        symbol,
        quote.get().bid(),
        quote.get().ask(),
        Instrument.TABLE.get(symbol).points(quote.get()));
  }

  private String bars(RequestText request) {
    String symbol = symbol(request);
    if (!Instrument.TABLE.containsKey(symbol)) {
      return error("Failed to add symbol to Market Watch: " + symbol, "\"error\":" + SYMBOL_ERROR);
    }
    if (broker.quote(symbol).isEmpty()) {
      return error(
          "Symbol has no price data: " + symbol + ". Symbol might be disabled or market is closed.",
          "\"error\":" + SYMBOL_ERROR);
    }
    String timeframe = request.string("timeframe");
    if (timeframe.isEmpty()) {
      timeframe = Integer.toString((int) request.number("timeframe"));
    }
    int minutes = TIMEFRAMES.getOrDefault(timeframe, 15);
    int wanted = (int) request.number("bars");
    List<Prices.Bar> bars = broker.bars(symbol, minutes * 60, wanted <= 0 ? DEFAULT_BARS : wanted);
    if (bars.isEmpty()) {
      return error("Failed to copy rates: Error 4401", "\"error\":4401,\"availableBars\":0");
    }
    StringBuilder reply = new StringBuilder(120 * bars.size() + 120);
    reply.append("{\"status\":\"OK\",\"data\":{\"symbol\":\"").append(symbol);
    reply.append("\",\"timeframe\":\"").append(timeframe).append("\",\"bars\":[");
    for (int i = 0; i < bars.size(); i++) {
      Prices.Bar bar = bars.get(i);
      reply.append(i == 0 ? "" : ",");
      reply.append(
          String.format(
              Locale.ROOT,
              "{\"time\":%d,\"open\":%.5f,\"high\":%.5f,\"low\":%.5f,\"close\":%.5f,\"volume\":%d}",
              bar.time(),
              bar.open(),
              bar.high(),
              bar.low(),
              bar.close(),
              bar.volume()));
    }
    return reply.append("]}}").toString();
  }

  private String open(RequestText request) {
    String symbol = symbol(request);
    String action = request.string("action");
    boolean buy = "BUY".equals(action) || "buy".equals(action);
    if (!buy && !"SELL".equals(action) && !"sell".equals(action)) {
      return error("Invalid action: " + action);
    }
    double lots = request.number("lotSize");
    double stopLoss = request.number("stopLoss");
    double takeProfit = request.number("takeProfit");
    String comment = request.string("comment");
    // as the original does: the price answered is the quote before the order, not the fill
    double asked = broker.quote(symbol).map(quote -> buy ? quote.ask() : quote.bid()).orElse(0.0);
    Broker.Fill fill =
        broker.open(
            new Broker.Order(
                symbol,
                buy,
                lots,
                stopLoss,
                takeProfit,
                comment.isEmpty() ? DEFAULT_COMMENT : comment,
                request.string("requestId")));
    if (fill.retcode() != Broker.DONE) {
      return error("Trade failed: " + fill.retcode());
    }
    return String.format(
        Locale.ROOT,
        "{\"status\":\"OK\",\"data\":{\"ticket\":%d,\"symbol\":\"%s\",\"action\":\"%s\",\"lotSize\":%.2f,"
            + "\"openPrice\":%.5f,\"stopLoss\":%.5f,\"takeProfit\":%.5f}}",
        fill.ticket(),
        symbol,
        action,
        lots,
        asked,
        stopLoss,
        takeProfit);
  }

  private String close(RequestText request) {
    long ticket = (long) request.number("ticket");
    if (ticket <= 0) {
      return error("Invalid ticket");
    }
    if (!broker.has(ticket)) {
      return error("Position not found");
    }
    Broker.Fill fill = broker.close(ticket, request.string("requestId"));
    return fill.retcode() == Broker.DONE
        ? "{\"status\":\"OK\",\"message\":\"Position closed\"}"
        : error("Close failed: " + fill.retcode());
  }

  private static String symbol(RequestText request) {
    String symbol = request.string("symbol");
    return symbol.isEmpty() ? CHART_SYMBOL : symbol;
  }

  private static String error(String message) {
    return "{\"status\":\"ERROR\",\"message\":\"" + message + "\"}";
  }

  private static String error(String message, String more) {
    return "{\"status\":\"ERROR\",\"message\":\"" + message + "\"," + more + "}";
  }
}
