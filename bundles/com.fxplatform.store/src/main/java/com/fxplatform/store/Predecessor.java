package com.fxplatform.store;

import com.fxplatform.store.Rows.Reader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The predecessor's database, as Prisma laid it out (wire-contract 11): tables and columns are quoted model names, instants are
 * UTC without a zone. Only read, in one transaction, so that what is read belongs together.
 */
final class Predecessor implements AutoCloseable {
  record OldUser(String id, String email, String passwordHash, String firstName, String lastName, String role, boolean locked,
      Instant lockedUntil, Instant createdAt, Instant updatedAt, Instant deletedAt) {}

  record OldExecutor(String id, String userId, String name, String apiKey, String secretHash, String sharedSecret, String platform,
      String brokerServer, String accountNumber, Instant lastHeartbeat, Instant createdAt, Instant updatedAt, Instant deletedAt) {}

  record OldCommand(String id, String userId, String executorId, String name, String parameters, String priority,
      Instant createdAt, Instant acknowledgedAt) {}

  private final Connection connection;
  private final Rows rows;

  Predecessor(Target target) throws SQLException {
    connection = target.open().getConnection();
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    rows = new Rows(connection);
  }

  List<OldUser> users() throws SQLException {
    return all("User", "", row -> new OldUser(row.getString("id"), row.getString("email"), row.getString("passwordHash"),
        row.getString("firstName"), row.getString("lastName"), row.getString("role"), row.getBoolean("locked"),
        at(row, "lockedUntil"), at(row, "createdAt"), at(row, "updatedAt"), at(row, "deletedAt")));
  }

  List<OldExecutor> executors() throws SQLException {
    return all("Executor", "", row -> new OldExecutor(row.getString("id"), row.getString("userId"), row.getString("name"),
        row.getString("apiKey"), row.getString("apiSecretHash"), row.getString("sharedSecret"), row.getString("platform"),
        row.getString("brokerServer"), row.getString("accountNumber"), at(row, "lastHeartbeat"), at(row, "createdAt"),
        at(row, "updatedAt"), at(row, "deletedAt")));
  }

  List<OldCommand> pendingCommands() throws SQLException {
    return all("Command", " WHERE \"status\" = 'pending'", row -> new OldCommand(row.getString("id"), row.getString("userId"),
        row.getString("executorId"), row.getString("command"), row.getString("parameters"), row.getString("priority"),
        at(row, "createdAt"), at(row, "acknowledgedAt")));
  }

  private <T> List<T> all(String table, String which, Reader<T> reader) throws SQLException {
    return rows.list("SELECT * FROM \"" + table + "\"" + which + " ORDER BY \"createdAt\", \"id\"", reader);
  }

  private static Instant at(ResultSet row, String column) throws SQLException {
    LocalDateTime value = row.getObject(column, LocalDateTime.class);
    return value == null ? null : value.toInstant(ZoneOffset.UTC);
  }

  @Override
  public void close() throws SQLException {
    connection.rollback();
    connection.close();
  }
}
