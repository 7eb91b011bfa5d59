package com.fxplatform.store;

import com.fxplatform.api.audit.AuditTrail.Entry;
import com.fxplatform.api.audit.AuditTrail.Kept;
import com.fxplatform.store.AuditAnchor.Point;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The rows of the audit trail: appended, read, verified, and taken away from the old end only. */
final class AuditChain {
  /** What is to be appended. */
  record Pending(Instant at, Entry entry) {}

  /** What verification found: how many records, and the first thing that is wrong. */
  record Verdict(long records, long last, Optional<String> wrong) {}

  private record Ends(long last, String lastHash, long floor, String floorHash) {}

  private record Row(
      long number, Instant at, String action, String result, String userId, String executorId, String source, String details, String hash) {
    /** Each field with its length, so that no two contents read the same. */
    String hashAfter(String previous) {
      StringBuilder text = new StringBuilder(previous);
      for (Object field : new Object[] {number, at.toEpochMilli(), action, result, userId, executorId, source, details}) {
        String value = field == null ? "-" : field.toString();
        text.append('\n').append(field == null ? -1 : value.length()).append(':').append(value);
      }
      try {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("Every JDK has SHA-256", impossible);
      }
    }
  }

  private static final String SELECT = "SELECT number, at, action, result, user_id, executor_id, source, details, hash FROM audit WHERE ";
  private static final int LONGEST_DETAILS = 4000;
  private static final int PAGE = 1000;

  private final Database database;

  AuditChain(Database database) {
    this.database = database;
  }

  /** All of them or none. Writers of other processes wait their turn: there is one chain. */
  void append(List<Pending> batch) {
    AuditAnchor anchor = database.anchor();
    boolean[] holds = {true};
    Point written = database.inTransaction(rows -> {
      Ends ends = ends(rows, true);
      holds[0] = missing(rows, ends, anchor.read()).isEmpty();
      long number = ends.last;
      String hash = ends.lastHash;
      List<Object[]> inserts = new ArrayList<>();
      for (Pending pending : batch) {
        Row row = row(++number, pending);
        hash = row.hashAfter(hash);
        inserts.add(new Object[] {
            number, row.at, row.action, row.result, row.userId, row.executorId, row.source, row.details, hash});
      }
      rows.batch("INSERT INTO audit (number, at, action, result, user_id, executor_id, source, details, hash)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", inserts);
      rows.change("UPDATE audit_ends SET last_number = ?, last_hash = ? WHERE id = 1", number, hash);
      return new Point(number, hash);
    });
    if (holds[0]) {
      anchor.write(written);
    } else {
      anchor.lost();
    }
  }

  /** What is wrong with the record that this machine wrote last; nothing if retention has taken it. */
  private static Optional<String> missing(Rows rows, Ends ends, Optional<Point> anchor) throws SQLException {
    if (anchor.isEmpty() || anchor.get().number() <= ends.floor) {
      return Optional.empty();
    }
    Point point = anchor.get();
    Optional<String> hash = point.number() == ends.last ? Optional.of(ends.lastHash)
        : rows.first("SELECT hash FROM audit WHERE number = ?", row -> row.getString(1), point.number());
    if (hash.isEmpty() || point.number() > ends.last) {
      return Optional.of("the last record that this machine wrote is missing");
    }
    return hash.get().equals(point.hash()) ? Optional.empty()
        : Optional.of("record " + point.number() + " is not the one that this machine wrote");
  }

  List<Kept> ofUser(String userId, Optional<Long> before, int limit) {
    return database.with(rows -> rows.list(
        SELECT + "user_id = ? AND number < ? ORDER BY number DESC LIMIT ?", row -> kept(read(row)),
        userId, before.orElse(Long.MAX_VALUE), limit));
  }

  /**
   * Takes away what is older, from the old end, at most {@code max} records.
   *
   * @return how many
   */
  int forget(Instant olderThan, int max) {
    return database.inTransaction(rows -> {
      Ends ends = ends(rows, true);
      List<Row> oldest = rows.list(SELECT + "number > ? ORDER BY number LIMIT ?", AuditChain::read, ends.floor, max);
      Row last = null;
      for (Row row : oldest) {
        if (!row.at.isBefore(olderThan)) {
          break;
        }
        last = row;
      }
      if (last == null) {
        return 0;
      }
      rows.change("UPDATE audit_ends SET floor_number = ?, floor_hash = ? WHERE id = 1", last.number, last.hash);
      return rows.change("DELETE FROM audit WHERE number > ? AND number <= ?", ends.floor, last.number);
    });
  }

  /** Reads the whole chain, and says the first thing that does not fit. */
  Verdict verify() {
    // before the ends: a server that goes on writing moves both
    Optional<Point> anchor = database.anchor().read();
    Ends ends = database.with(rows -> ends(rows, false));
    long number = ends.floor;
    String hash = ends.floorHash;
    long count = 0;
    if (database.with(rows -> rows.first("SELECT 1 FROM audit WHERE number <= ?", row -> row.getInt(1), ends.floor)).isPresent()) {
      return new Verdict(0, ends.last, Optional.of("there are records before the beginning of the chain, number " + (ends.floor + 1)));
    }
    while (true) {
      long from = number;
      List<Row> page = database.with(rows -> rows.list(SELECT + "number > ? ORDER BY number LIMIT ?", AuditChain::read, from, PAGE));
      for (Row row : page) {
        if (row.number != number + 1) {
          return new Verdict(count, ends.last, Optional.of("record " + (number + 1) + " is missing: after " + number + " comes " + row.number));
        }
        if (!row.hashAfter(hash).equals(row.hash)) {
          return new Verdict(count, ends.last, Optional.of("record " + row.number + " was changed, or is not in its place"));
        }
        number = row.number;
        hash = row.hash;
        count++;
        if (number == ends.last && !hash.equals(ends.lastHash)) {
          return new Verdict(count, ends.last, Optional.of("record " + number + " is not the one that was written there"));
        }
      }
      if (page.size() < PAGE) {
        return new Verdict(count, number, number < ends.last
            ? Optional.of("records " + (number + 1) + " to " + ends.last + " are missing at the end")
            : anchored(ends, anchor));
      }
    }
  }

  private Optional<String> anchored(Ends ends, Optional<Point> anchor) {
    return database.with(rows -> missing(rows, ends, anchor))
        .map(wrong -> wrong + " (if the database was restored from a backup, delete " + database.anchor().file() + ")");
  }

  private static Ends ends(Rows rows, boolean lock) throws SQLException {
    return rows.first("SELECT last_number, last_hash, floor_number, floor_hash FROM audit_ends WHERE id = 1" + (lock ? " FOR UPDATE" : ""),
        row -> new Ends(row.getLong(1), row.getString(2), row.getLong(3), row.getString(4)))
        .orElseThrow(() -> new IllegalStateException("The row that holds the ends of the audit trail is gone: somebody removed it"));
  }

  private static Row row(long number, Pending pending) {
    Entry entry = pending.entry;
    String details = cut(JsonText.write(entry.details()), LONGEST_DETAILS + 1);
    return new Row(number, pending.at.truncatedTo(ChronoUnit.MILLIS), cut(entry.action(), 60), cut(entry.result(), 20),
        entry.userId().map(id -> cut(id, 40)).orElse(null), entry.executorId().map(id -> cut(id, 40)).orElse(null),
        entry.source().map(address -> cut(address, 64)).orElse(null), details.length() > LONGEST_DETAILS ? "{\"cut\":true}" : details, "");
  }

  /** What cannot be kept as it is must not stop the trail. */
  private static String cut(String text, int length) {
    String part = (text.length() > length ? text.substring(0, length) : text).replace('\0', '?');
    // halves of surrogate pairs become question marks
    return new String(part.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static Row read(ResultSet row) throws SQLException {
    return new Row(row.getLong("number"), Rows.instant(row, "at"), row.getString("action"), row.getString("result"),
        row.getString("user_id"), row.getString("executor_id"), row.getString("source"), row.getString("details"), row.getString("hash"));
  }

  private static Kept kept(Row row) {
    return new Kept(row.number, row.at,
        new Entry(row.action, row.result, Optional.ofNullable(row.userId), Optional.ofNullable(row.executorId),
            Optional.ofNullable(row.source), JsonText.read(row.details)), row.hash);
  }
}
