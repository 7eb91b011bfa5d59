package com.fxplatform.paper;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where prices come from. Pure in its arguments: the same instant has the same price, whoever asks. */
public interface Prices {
  /** Bid and ask of one moment. */
  record Quote(double bid, double ask) {}

  /** One bar; the prices are bids. */
  record Bar(long time, double open, double high, double low, double close, long volume) {}

  /** Empty if the symbol has no price, for example because its market is closed. */
  Optional<Quote> quote(Instrument instrument, Instant at);

  /** Newest first, at most {@code count}. */
  List<Bar> bars(Instrument instrument, Instant at, int seconds, int count);
}
