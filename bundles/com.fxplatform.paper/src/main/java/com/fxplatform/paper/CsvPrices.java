package com.fxplatform.paper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Prices from a file with the header {@code time,symbol,bid,ask}; time in ISO-8601 or milliseconds since 1970. The file's
 * first line is the moment this object was made; after its last line it begins again. Symbols that are not in it have no price.
 */
public final class CsvPrices implements Prices {
  private static final int MOST_LINES = 2_000_000;
  private static final int FEWEST_MILLIS = 1000;

  private final Map<String, NavigableMap<Long, Quote>> quotes = new HashMap<>();
  private final long from;
  private final long begin;
  private final long length;

  /** @throws IOException in one sentence, if the file cannot be read or a line means nothing */
  public CsvPrices(Path file, Instant begin) throws IOException {
    this.begin = begin.toEpochMilli();
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    int line = 1;
    CsvMapper mapper = CsvMapper.builder().enable(CsvParser.Feature.TRIM_SPACES).enable(CsvParser.Feature.SKIP_EMPTY_LINES).build();
    try (MappingIterator<Map<String, String>> rows =
        mapper.readerForMapOf(String.class).with(CsvSchema.emptySchema().withHeader()).readValues(file.toFile())) {
      while (rows.hasNextValue()) {
        line++;
        Map<String, String> row = rows.nextValue();
        long time = time(row.getOrDefault("time", ""));
        double bid = Double.parseDouble(row.getOrDefault("bid", ""));
        double ask = Double.parseDouble(row.getOrDefault("ask", ""));
        Instrument instrument = Instrument.TABLE.get(row.getOrDefault("symbol", ""));
        if (instrument == null || !(bid > 0) || !(ask >= bid) || Double.isInfinite(ask) || line > MOST_LINES) {
          throw new IllegalArgumentException("it needs a known symbol and 0 < bid <= ask, at most " + MOST_LINES + " lines");
        }
        quotes.computeIfAbsent(instrument.name(), any -> new TreeMap<>()).put(time, new Quote(bid, ask));
        first = Math.min(first, time);
        last = Math.max(last, time);
      }
    } catch (IllegalArgumentException | DateTimeParseException | JsonProcessingException meaningless) {
      String why = meaningless instanceof JsonProcessingException json ? json.getOriginalMessage() : meaningless.getMessage();
      throw new IOException("Line " + line + " of the prices " + file + " means nothing: " + why, meaningless);
    }
    if (quotes.isEmpty()) {
      throw new IOException("The prices " + file + " have no line; the first must be the header time,symbol,bid,ask");
    }
    this.from = first;
    this.length = Math.max(FEWEST_MILLIS, last - first + FEWEST_MILLIS);
  }

  private static long time(String text) {
    return text.chars().allMatch(Character::isDigit) && !text.isEmpty() ? Long.parseLong(text) : Instant.parse(text).toEpochMilli();
  }

  @Override
  public Optional<Quote> quote(Instrument instrument, Instant at) {
    return quote(instrument, at.toEpochMilli());
  }

  private Optional<Quote> quote(Instrument instrument, long millis) {
    NavigableMap<Long, Quote> known = quotes.get(instrument.name());
    if (known == null) {
      return Optional.empty();
    }
    Map.Entry<Long, Quote> entry = known.floorEntry(from + Math.floorMod(millis - begin, length));
    // before a symbol's own first line its last one of the round before holds
    return Optional.of(entry == null ? known.lastEntry().getValue() : entry.getValue());
  }

  @Override
  public List<Bar> bars(Instrument instrument, Instant at, int seconds, int count) {
    List<Bar> bars = new ArrayList<>();
    if (!quotes.containsKey(instrument.name())) {
      return bars;
    }
    long now = at.toEpochMilli();
    long width = seconds * 1000L;
    for (long start = Math.floorDiv(now, width) * width; bars.size() < count && start > 0; start -= width) {
      bars.add(bar(instrument, start, Math.min(start + width - 1, now)));
    }
    return bars;
  }

  private Bar bar(Instrument instrument, long start, long end) {
    double open = quote(instrument, start).orElseThrow().bid();
    double close = quote(instrument, end).orElseThrow().bid();
    double high = Math.max(open, close);
    double low = Math.min(open, close);
    long volume = 1;
    NavigableMap<Long, Quote> known = quotes.get(instrument.name());
    long offset = from + Math.floorMod(start - begin, length);
    // a bar longer than the file sees all of it, a bar over its end what is left
    for (Quote each : known.subMap(offset, true, Math.max(offset, offset + end - start), true).values()) {
      high = Math.max(high, each.bid());
      low = Math.min(low, each.bid());
      volume++;
    }
    return new Bar(start / 1000, open, high, low, close, volume);
  }
}
