package com.fxplatform.paper;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Another market's bids with a spread of so many points. */
record FixedSpread(Prices market, int points) implements Prices {
  @Override
  public Optional<Quote> quote(Instrument instrument, Instant at) {
    return market.quote(instrument, at).map(quote -> new Quote(quote.bid(), instrument.rounded(quote.bid() + points * instrument.point())));
  }

  @Override
  public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
    return market.bars(instrument, at, seconds, count);
  }
}
