package com.fxplatform.paper;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A random walk that can be entered at any instant: noise at every scale from a fifth of a second to half a year, each as
 * large as the root of its period, as a walk's is. The price depends on seed, symbol and time only, so that quotes and
 * bars of every period agree and a restart goes on where it was.
 */
public final class SeededWalk implements Prices {
  private static final long TICK_MILLIS = 200;
  private static final int OCTAVES = 27;
  private static final int SAMPLES_PER_BAR = 12;

  private final long seed;

  public SeededWalk(long seed) {
    this.seed = seed;
  }

  @Override
  public Optional<Quote> quote(Instrument instrument, Instant at) {
    double bid = price(instrument, at.toEpochMilli());
    return Optional.of(new Quote(bid, instrument.rounded(bid + instrument.spread() * instrument.point())));
  }

  @Override
  public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
    long now = at.toEpochMilli();
    long width = seconds * 1000L;
    List<Bar> bars = new ArrayList<>(count);
    for (long start = Math.floorDiv(now, width) * width; bars.size() < count && start > 0; start -= width) {
      bars.add(bar(instrument, start, Math.min(start + width - 1, now)));
    }
    return bars;
  }

  private Bar bar(Instrument instrument, long start, long end) {
    double open = price(instrument, start);
    double close = price(instrument, end);
    double high = Math.max(open, close);
    double low = Math.min(open, close);
    for (int sample = 1; sample < SAMPLES_PER_BAR; sample++) {
      double price = price(instrument, start + (end - start) * sample / SAMPLES_PER_BAR);
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    return new Bar(start / 1000, open, high, low, close, 1 + (end - start) / TICK_MILLIS);
  }

  private double price(Instrument instrument, long millis) {
    long tick = Math.floorDiv(millis, TICK_MILLIS);
    long lane = seed * 0x9E3779B97F4A7C15L + instrument.name().hashCode();
    double sum = 0;
    for (int octave = 0; octave < OCTAVES; octave++) {
      long cell = tick >> octave;
      double within = (double) (tick - (cell << octave)) / (1L << octave);
      double from = noise(lane, octave, cell);
      double to = noise(lane, octave, cell + 1);
      sum += (from + (to - from) * within) * Math.sqrt((1L << octave) * TICK_MILLIS / 1000.0);
    }
    return instrument.rounded(instrument.anchor() * Math.exp(instrument.volatility() * sum));
  }

  /** Between -1 and 1, the same for the same place (the finaliser of SplitMix64). */
  private static double noise(long lane, int octave, long cell) {
    long mixed = lane + octave * 0xD1B54A32D192ED03L + cell * 0x8CB92BA72F3D8DD7L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    mixed ^= mixed >>> 31;
    return (mixed >> 11) * 0x1.0p-52;
  }
}
