package com.fxplatform.paper;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One line per execution, written before the terminal answers: the referee of what really happened, and what a restarted
 * terminal rebuilds its positions from. Tab-separated, append-only; a torn last line (a crash) never happened.
 *
 * <p>Thread-safe.
 */
public final class TradeLog implements AutoCloseable {
  /** What was executed. */
  public enum Kind {
    OPEN,
    MODIFY,
    CLOSE
  }

  /** One execution. {@code profit} is the account's, 0 for an opening; {@code requestId} empty if the request had none. */
  public record Line(
      Instant time,
      Kind kind,
      long ticket,
      String action,
      String symbol,
      double lots,
      double price,
      double stopLoss,
      double takeProfit,
      double profit,
      String comment,
      String requestId) {
    String text() {
      return String.join(
          "\t",
          time.toString(),
          kind.name(),
          Long.toString(ticket),
          action,
          symbol,
          number(lots),
          number(price),
          number(stopLoss),
          number(takeProfit),
          number(profit),
          plain(comment),
          plain(requestId));
    }

    static Line of(String text) {
      String[] part = text.split("\t", -1);
      return new Line(
          Instant.parse(part[0]),
          Kind.valueOf(part[1]),
          Long.parseLong(part[2]),
          part[3],
          part[4],
          Double.parseDouble(part[5]),
          Double.parseDouble(part[6]),
          Double.parseDouble(part[7]),
          Double.parseDouble(part[8]),
          Double.parseDouble(part[9]),
          part[10],
          part[11]);
    }

    private static String number(double value) {
      return String.format(Locale.ROOT, "%.5f", value);
    }

    private static String plain(String text) {
      return text.replaceAll("\\p{Cntrl}", " ");
    }
  }

  /** The file's name in the terminal's folder. */
  public static final String FILE = "trades.log";

  private final List<Line> lines = new ArrayList<>();
  private final FileChannel file;

  private TradeLog(List<Line> known, FileChannel file) {
    lines.addAll(known);
    this.file = file;
  }

  /** A log that lives as long as the object. */
  public static TradeLog inMemory() {
    return new TradeLog(List.of(), null);
  }

  /** The log in a folder, which is made if need be. */
  public static TradeLog in(Path folder) {
    try {
      Files.createDirectories(folder);
      Path path = folder.resolve(FILE);
      List<Line> known = new ArrayList<>();
      if (Files.exists(path)) {
        String all = Files.readString(path, StandardCharsets.UTF_8);
        int whole = all.lastIndexOf('\n') + 1;
        all.substring(0, whole).lines().map(Line::of).forEach(known::add);
        try (RandomAccessFile torn = new RandomAccessFile(path.toFile(), "rw")) {
          torn.setLength(all.substring(0, whole).getBytes(StandardCharsets.UTF_8).length);
        }
      }
      return new TradeLog(known, FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (IOException failed) {
      throw new UncheckedIOException("The trade log in " + folder + " cannot be opened: " + failed.getMessage(), failed);
    }
  }

  /** Writes a line; it survives the death of this process. */
  public synchronized void append(Line line) {
    if (file != null) {
      ByteBuffer bytes = ByteBuffer.wrap((line.text() + "\n").getBytes(StandardCharsets.UTF_8));
      try {
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
      } catch (IOException failed) {
        throw new UncheckedIOException("The trade log cannot be written: " + failed.getMessage(), failed);
      }
    }
    lines.add(line);
  }

  /** Everything since the first start, oldest first. */
  public synchronized List<Line> lines() {
    return List.copyOf(lines);
  }

  /** How often something of this kind was executed. */
  public synchronized long count(Kind kind) {
    return lines.stream().filter(line -> line.kind == kind).count();
  }

  /** The last execution for a request. */
  public synchronized Optional<Line> of(String requestId) {
    return lines.stream().filter(line -> line.requestId.equals(requestId)).reduce((first, second) -> second);
  }

  @Override
  public synchronized void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
