package com.fxplatform.paper;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A market that is closed. */
final class NoPrices implements Prices {
  @Override
  public Optional<Quote> quote(Instrument instrument, Instant at) {
    return Optional.empty();
  }

  @Override
  public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
    return List.of();
  }
}
