package com.fxplatform.api.metrics;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Something that a room counts, times, or tells the level of.
 *
 * <p>A name is one meter in the whole house, whoever asks for it: what a room has counted goes on when its newcomer counts.
 * Recording takes no lock and touches nothing but memory. Label values must come from a small set (a route, a status, a
 * bucket; never a path, an id or anything a caller can choose): beyond {@value #MOST_SERIES} combinations everything is
 * counted under {@code other}. No value may be secret.
 *
 * <pre>{@code
 * private static final Meter REFUSALS = Meter.counter("fx_rate_limit_refusals_total", "Requests over a limit.", "bucket");
 * REFUSALS.add(1, bucket);
 * }</pre>
 */
@ProviderType
public final class Meter {
  /** What a meter tells. */
  public enum Kind {
    /** Only grows. */
    COUNTER,
    /** Rises and falls. */
    LEVEL,
    /** How long something took, in buckets. */
    TIMING
  }

  /**
   * What was recorded under one combination of label values.
   *
   * @param labels the values, in the order of {@link Meter#labels()}
   * @param count the count, the level, or how often it was timed
   * @param totalNanos of a timing, else 0
   * @param buckets of a timing: how many took at most each of {@link Meter#bounds()} and more than the one before it; the
   *     last of them longer than all. Else empty
   */
  public record Series(List<String> labels, long count, long totalNanos, List<Long> buckets) {}

  /** So many combinations of label values are told apart. */
  public static final int MOST_SERIES = 500;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final String OTHER = "other";
  private static final long[] BOUNDS = {1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
      250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000L, 5_000_000_000L, 10_000_000_000L};
  // texts and numbers only: nothing here holds on to a room that has left
  private static final ConcurrentMap<String, Meter> ALL = new ConcurrentHashMap<>();

  private static final class Cell {
    final LongAdder count = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder[] buckets;

    Cell(Kind kind) {
      buckets = new LongAdder[kind == Kind.TIMING ? BOUNDS.length + 1 : 0];
      Arrays.setAll(buckets, i -> new LongAdder());
    }
  }

  private final Kind kind;
  private final String name;
  private final String help;
  private final List<String> labels;
  private final ConcurrentMap<List<String>, Cell> cells = new ConcurrentHashMap<>();

  private Meter(Kind kind, String name, String help, List<String> labels) {
    this.kind = kind;
    this.name = name;
    this.help = help;
    this.labels = labels;
    if (labels.isEmpty()) {
      // whoever watches it finds a zero, and not nothing
      cells.put(List.of(), new Cell(kind));
    }
  }

  /** The counter of a name; the name ends with {@code _total}. */
  public static Meter counter(String name, String help, String... labels) {
    return named(Kind.COUNTER, name, "_total", help, labels);
  }

  /** The level of a name. */
  public static Meter level(String name, String help, String... labels) {
    return named(Kind.LEVEL, name, "", help, labels);
  }

  /** The timing of a name; the name ends with {@code _seconds}. */
  public static Meter timing(String name, String help, String... labels) {
    return named(Kind.TIMING, name, "_seconds", help, labels);
  }

  private static Meter named(Kind kind, String name, String end, String help, String... labels) {
    if (!NAME.matcher(name).matches() || !name.endsWith(end)) {
      throw new IllegalArgumentException("A " + kind + " is named like fx_room_what" + end + ", not " + name);
    }
    for (String label : labels) {
      if (!NAME.matcher(label).matches()) {
        throw new IllegalArgumentException(label + " is no name for a label");
      }
    }
    Meter meter = ALL.computeIfAbsent(name, n -> new Meter(kind, n, help, List.of(labels)));
    if (meter.kind != kind || !meter.labels.equals(List.of(labels))) {
      throw new IllegalArgumentException(name + " is a " + meter.kind + " of " + meter.labels + " already");
    }
    return meter;
  }

  /** Every meter that was ever asked for. */
  public static List<Meter> everywhere() {
    return ALL.values().stream().sorted((a, b) -> a.name.compareTo(b.name)).toList();
  }

  /** Counts up; a level also down. One value for each label, {@code null} counts as empty. */
  public void add(long number, String... values) {
    if (kind == Kind.TIMING || (kind == Kind.COUNTER && number < 0)) {
      throw new IllegalStateException(name + " is a " + kind);
    }
    cell(values).count.add(number);
  }

  /** Takes down how long something took. One value for each label, {@code null} counts as empty. */
  public void took(long nanos, String... values) {
    if (kind != Kind.TIMING) {
      throw new IllegalStateException(name + " is a " + kind);
    }
    Cell cell = cell(values);
    int bucket = Arrays.binarySearch(BOUNDS, nanos);
    cell.buckets[bucket < 0 ? -bucket - 1 : bucket].increment();
    cell.nanos.add(Math.max(0, nanos));
  }

  private Cell cell(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(name + " wants a value for each of " + labels);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == null ? "" : values[i];
    }
    List<String> key = List.of(values);
    Cell known = cells.get(key);
    if (known != null) {
      return known;
    }
    return cells.computeIfAbsent(cells.size() < MOST_SERIES ? key : Collections.nCopies(values.length, OTHER), k -> new Cell(kind));
  }

  public Kind kind() {
    return kind;
  }

  public String name() {
    return name;
  }

  /** One sentence about what is told. */
  public String help() {
    return help;
  }

  /** The names of the labels. */
  public List<String> labels() {
    return labels;
  }

  /** The upper bounds of the buckets of a timing. */
  public static List<Duration> bounds() {
    return Arrays.stream(BOUNDS).mapToObj(Duration::ofNanos).toList();
  }

  /** What was recorded so far. */
  public List<Series> series() {
    return cells.entrySet().stream().map((Map.Entry<List<String>, Cell> entry) -> {
      Cell cell = entry.getValue();
      List<Long> buckets = Arrays.stream(cell.buckets).map(LongAdder::sum).toList();
      // of a timing the buckets are the truth: the count must be their sum, also while others record
      long count = kind == Kind.TIMING ? buckets.stream().mapToLong(Long::longValue).sum() : cell.count.sum();
      return new Series(entry.getKey(), count, cell.nanos.sum(), buckets);
    }).toList();
  }
}
