package com.fxplatform.paper;

import java.time.Instant;
import java.util.Optional;

/** An open position. Prices and lots as filled; {@code stopLoss} and {@code takeProfit} 0 for none. */
public record Position(
    long ticket,
    Instrument instrument,
    boolean buy,
    double lots,
    double openPrice,
    double stopLoss,
    double takeProfit,
    String comment,
    String requestId,
    Instant openedAt) {
  /** What it would earn in its quote currency if it were closed now. */
  double profit(Prices.Quote quote) {
    double move = buy ? quote.bid() - openPrice : openPrice - quote.ask();
    return move * lots * instrument.contract();
  }

  Position stops(double newStopLoss, double newTakeProfit) {
    return new Position(
        ticket, instrument, buy, lots, openPrice, newStopLoss, newTakeProfit, comment, requestId, openedAt);
  }

  /** Which of its stops this price reaches, as MT5 writes it into the closing deal. */
  Optional<String> reached(Prices.Quote quote) {
    double price = buy ? quote.bid() : quote.ask();
    if (stopLoss > 0 && (buy ? price <= stopLoss : price >= stopLoss)) {
      return Optional.of("[sl " + instrument.text(stopLoss) + "]");
    }
    if (takeProfit > 0 && (buy ? price >= takeProfit : price <= takeProfit)) {
      return Optional.of("[tp " + instrument.text(takeProfit) + "]");
    }
    return Optional.empty();
  }
}
