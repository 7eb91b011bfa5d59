package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements on one connection. Arguments are values, {@code Optional}s of values, or {@code null}. */
final class Rows {
  /** Reads one row. */
  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final Runnable beforeChange;

  /** What is changed while the house is being built is not asked about. */
  Rows(Connection connection) {
    this(connection, null);
  }

  /** @param beforeChange throws if nothing may be changed now; {@code null} for nobody who is asked */
  Rows(Connection connection, Runnable beforeChange) {
    this.connection = connection;
    this.beforeChange = beforeChange;
  }

  <T> List<T> list(String sql, Reader<T> reader, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments); ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(reader.read(rows));
      }
      return all;
    }
  }

  <T> Optional<T> first(String sql, Reader<T> reader, Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments); ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.ofNullable(reader.read(rows)) : Optional.empty();
    }
  }

  int change(String sql, Object... arguments) throws SQLException {
    if (beforeChange != null) {
      beforeChange.run();
    }
    try (PreparedStatement statement = prepare(sql, arguments)) {
      return statement.executeUpdate();
    }
  }

  /** One statement, many times. */
  void batch(String sql, List<Object[]> all) throws SQLException {
    if (beforeChange != null) {
      beforeChange.run();
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Object[] arguments : all) {
        set(statement, arguments);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private PreparedStatement prepare(String sql, Object... arguments) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      set(statement, arguments);
      return statement;
    } catch (SQLException | Refusal failed) {
      statement.close();
      throw failed;
    }
  }

  private static void set(PreparedStatement statement, Object... arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i] instanceof Optional<?> maybe ? maybe.orElse(null) : arguments[i];
      if (argument instanceof String text && !storable(text)) {
        // PostgreSQL cannot store it, H2 can: the same answer from both
        throw new Refusal(400, Database.INVALID_VALUE, "A value in the request is too long or cannot be stored");
      }
      if (argument instanceof Instant instant) {
        argument = OffsetDateTime.ofInstant(instant.truncatedTo(ChronoUnit.MILLIS), ZoneOffset.UTC);
      }
      statement.setObject(i + 1, argument);
    }
  }

  /** No NUL and no half of a surrogate pair. */
  private static boolean storable(String text) {
    return text.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c)) || text.indexOf('\0') < 0
        && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  static Optional<Instant> maybeInstant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(instant(row, column));
  }

  static Optional<String> maybeText(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }
}
