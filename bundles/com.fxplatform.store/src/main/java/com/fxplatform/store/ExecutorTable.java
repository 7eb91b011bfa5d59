package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorChange;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.executor.NewExecutor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Executors. Deleted ones keep their row and lose their voice. */
@Component
public final class ExecutorTable implements ExecutorDirectory {
  private static final String COLUMNS =
      "id, user_id, name, api_key, platform, broker_server, account_number, status, last_heartbeat, vitals, created_at, updated_at";
  private static final String SELECT = "SELECT " + COLUMNS + " FROM executors WHERE deleted_at IS NULL AND ";

  private static final String WITH_SECRETS = "SELECT secret_hash, shared_secret, retired_hash, retired_until, " + COLUMNS
      + " FROM executors WHERE deleted_at IS NULL AND ";

  private final Database database;
  private final ExecutorCache cache;

  @Activate
  public ExecutorTable(@Reference Database database) {
    this.database = database;
    this.cache = new ExecutorCache(database::source);
  }

  @Deactivate
  void close() {
    cache.close();
  }

  @Override
  public Optional<Executor> byId(String id) {
    return row(id).map(ExecutorCache.Row::executor);
  }

  @Override
  public Optional<Executor> byKey(String apiKey) {
    return cache.byKey(apiKey, () -> read("api_key = ?", apiKey)).map(ExecutorCache.Row::executor);
  }

  @Override
  public Optional<String> secretHash(String executorId) {
    return row(executorId).map(ExecutorCache.Row::secretHash);
  }

  @Override
  public Optional<String> sharedSecret(String executorId) {
    return row(executorId).flatMap(row -> row.keptSecret().map(kept -> {
      String known = row.openSecret().get();
      if (known == null) {
        known = open(executorId, kept);
        row.openSecret().set(known);
      }
      return known;
    }));
  }

  @Override
  public Optional<String> retiredSecretHash(String executorId) {
    return row(executorId).flatMap(ExecutorCache.Row::retiredNow);
  }

  private Optional<ExecutorCache.Row> row(String id) {
    return cache.byId(id, () -> read("id = ?", id));
  }

  private Optional<ExecutorCache.Row> read(String where, String value) {
    long now = System.nanoTime();
    Database.Source source = database.source();
    return database.with(rows -> rows.first(WITH_SECRETS + where, row -> new ExecutorCache.Row(
        executor(row), row.getString("secret_hash"), Rows.maybeText(row, "shared_secret"), new AtomicReference<>(),
        Rows.maybeText(row, "retired_hash"), Rows.maybeInstant(row, "retired_until"), source, now), value));
  }

  private String open(String executorId, String kept) {
    if (Seal.sealed(kept)) {
      return database.seal().open(kept, executorId);
    }
    // came in by another door since the start
    database.with(rows -> rows.change("UPDATE executors SET shared_secret = ? WHERE id = ? AND shared_secret = ?",
        database.seal().seal(kept, executorId), executorId, kept));
    return kept;
  }

  @Override
  public void rotateSecret(String executorId, String apiSecretHash, Optional<Instant> oldGoodUntil) {
    // the columns on the right are those from before the statement
    int changed = database.with(rows -> rows.change(
        oldGoodUntil.isPresent()
            ? "UPDATE executors SET retired_hash = secret_hash, retired_until = ?, secret_hash = ?, updated_at = ?"
                + " WHERE deleted_at IS NULL AND id = ?"
            : "UPDATE executors SET retired_hash = NULL, retired_until = ?, secret_hash = ?, updated_at = ?"
                + " WHERE deleted_at IS NULL AND id = ?",
        oldGoodUntil, apiSecretHash, Instant.now(), executorId));
    cache.changed(executorId);
    if (changed == 0) {
      throw notFound();
    }
  }

  @Override
  public List<Executor> ofUser(String userId) {
    return database.with(rows -> rows.list(
        SELECT + "user_id = ? ORDER BY created_at DESC, id DESC", ExecutorTable::executor, userId));
  }

  @Override
  public List<Ever> everOfUser(String userId) {
    return database.with(rows -> rows.list(
        "SELECT deleted_at, " + COLUMNS + " FROM executors WHERE user_id = ? ORDER BY created_at DESC, id DESC",
        row -> new Ever(executor(row), Rows.maybeInstant(row, "deleted_at")), userId));
  }

  @Override
  public List<Executor> heardSince(Instant since, int limit) {
    return database.with(rows -> rows.list(
        SELECT + "last_heartbeat >= ? ORDER BY last_heartbeat DESC LIMIT ?", ExecutorTable::executor, since, limit));
  }

  @Override
  public Executor create(NewExecutor wanted) {
    String id = Cuid.next();
    Instant now = Instant.now();
    try {
      database.inTransaction(rows -> {
        // the owner's row is the lock: two creations at once are counted one after the other
        rows.first("SELECT id FROM users WHERE id = ? FOR UPDATE", row -> row.getString(1), wanted.userId());
        if (wanted.limit() > 0) {
          int living = rows.first(
              "SELECT COUNT(*) FROM executors WHERE deleted_at IS NULL AND user_id = ?", row -> row.getInt(1), wanted.userId())
              .orElse(0);
          if (living >= wanted.limit()) {
            throw new Refusal(403, EXECUTOR_LIMIT, "Executor limit reached (maximum " + wanted.limit() + " executors)");
          }
        }
        return rows.change(
            "INSERT INTO executors (id, user_id, name, live_name, api_key, secret_hash, shared_secret, platform, broker_server,"
                + " account_number, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'offline', ?, ?)",
            id, wanted.userId(), wanted.name(), wanted.name(), wanted.apiKey(), wanted.apiSecretHash(),
            wanted.sharedSecret() == null ? null : database.seal().seal(wanted.sharedSecret(), id),
            wanted.platform(), wanted.brokerServer(), wanted.accountNumber(), now, now);
      });
    } catch (Database.ConstraintViolation conflict) {
      throw duplicate(conflict);
    }
    return byId(id).orElseThrow();
  }

  @Override
  public Executor change(String executorId, ExecutorChange change) {
    try {
      int changed = database.with(rows -> rows.change(
          "UPDATE executors SET name = COALESCE(?, name), live_name = COALESCE(?, live_name), platform = COALESCE(?, platform),"
              + " broker_server = COALESCE(?, broker_server), account_number = COALESCE(?, account_number),"
              + " status = COALESCE(?, status), updated_at = ? WHERE deleted_at IS NULL AND id = ?",
          change.name(), change.name(), change.platform(), change.brokerServer(), change.accountNumber(), change.status(),
          Instant.now(), executorId));
      cache.changed(executorId);
      if (changed == 0) {
        throw notFound();
      }
    } catch (Database.ConstraintViolation conflict) {
      throw duplicate(conflict);
    }
    return byId(executorId).orElseThrow(ExecutorTable::notFound);
  }

  @Override
  public void delete(String executorId) {
    Instant now = Instant.now();
    database.with(rows -> rows.change(
        "UPDATE executors SET deleted_at = ?, live_name = NULL, status = 'offline', updated_at = ? WHERE deleted_at IS NULL AND id = ?",
        now, now, executorId));
    cache.changed(executorId);
  }

  @Override
  public Executor heard(String executorId, Instant at, Optional<String> status, Map<String, Object> vitals) {
    Executor heard = database.inTransaction(rows -> {
      Executor before = rows.first(SELECT + "id = ? FOR UPDATE", ExecutorTable::executor, executorId)
          .orElseThrow(ExecutorTable::notFound);
      Map<String, Object> merged = new LinkedHashMap<>(before.vitals());
      merged.putAll(vitals);
      Optional<String> server = text(vitals.get("brokerServer"));
      Optional<String> number = text(vitals.get("accountNumber"));
      rows.change(
          "UPDATE executors SET last_heartbeat = ?, updated_at = ?, status = COALESCE(?, status), vitals = ?,"
              + " broker_server = COALESCE(?, broker_server), account_number = COALESCE(?, account_number) WHERE id = ?",
          at, at, status, JsonText.write(merged), server, number, executorId);
      return new Executor(before.id(), before.userId(), before.name(), before.apiKey(), before.platform(),
          server.or(before::brokerServer), number.or(before::accountNumber), status.orElse(before.status()),
          Optional.of(at), before.createdAt(), at, merged);
    });
    cache.changed(executorId);
    return heard;
  }

  private static Optional<String> text(Object value) {
    return value instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
  }

  private static Refusal notFound() {
    return new Refusal(404, EXECUTOR_NOT_FOUND, "Executor not found");
  }

  private static RuntimeException duplicate(Database.ConstraintViolation conflict) {
    if (conflict.of("live_name")) {
      return new Refusal(409, DUPLICATE_NAME, "An executor with this name already exists");
    }
    // the predecessor's sessions may name users whom this store has never seen
    return conflict.of("users") ? new Refusal(403, "UNKNOWN_OWNER", "This account is not known to this platform") : conflict;
  }

  private static Executor executor(ResultSet row) throws SQLException {
    return new Executor(
        row.getString("id"), row.getString("user_id"), row.getString("name"), row.getString("api_key"),
        row.getString("platform"), Rows.maybeText(row, "broker_server"), Rows.maybeText(row, "account_number"),
        row.getString("status"), Rows.maybeInstant(row, "last_heartbeat"), Rows.instant(row, "created_at"),
        Rows.instant(row, "updated_at"), JsonText.read(row.getString("vitals")));
  }
}
