package com.fxplatform.paper;

/** An open position. Prices and lots as filled; {@code stopLoss} and {@code takeProfit} 0 for none. */
public record Position(
    long ticket,
    Instrument instrument,
    boolean buy,
    double lots,
    double openPrice,
    double stopLoss,
    double takeProfit,
    String comment) {
  /** What it would earn in its quote currency if it were closed now. */
  double profit(Prices.Quote quote) {
    double move = buy ? quote.bid() - openPrice : openPrice - quote.ask();
    return move * lots * instrument.contract();
  }
}
