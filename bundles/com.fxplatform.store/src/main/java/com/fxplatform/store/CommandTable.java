package com.fxplatform.store;

import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.command.Priority;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Commands. Every step is a compare-and-set on the row. */
@Component
public final class CommandTable implements CommandRegister {
  private static final String SELECT =
      "SELECT id, user_id, executor_id, name, parameters, priority, status, result, attempts, late, created_at,"
          + " acknowledged_at, executed_at, expires_at FROM commands WHERE ";
  private static final List<String> ORDER = List.of(PENDING, RECEIVED, EXECUTING);
  private static final Set<String> WISHES = Set.of(CANCELLED, EXPIRED);

  private static final int FAIR_ATTEMPTS = 3;
  private static final String WAITING =
      "executor_id = ? AND status = ? AND (leased_until IS NULL OR leased_until <= ?) AND (expires_at IS NULL OR expires_at > ?)";
  private static final Comparator<CommandRow> MOST_URGENT_FIRST =
      Comparator.comparing(CommandRow::priority).thenComparing(CommandRow::createdAt).thenComparing(CommandRow::id);

  private final Database database;

  @Activate
  public CommandTable(@Reference Database database) {
    this.database = database;
  }

  @Override
  public CommandRow create(NewCommand command) {
    String id = Cuid.next();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String parameters = JsonText.write(command.parameters());
    try {
      database.with(rows -> rows.change(
          "INSERT INTO commands (id, user_id, executor_id, name, parameters, priority, status, idempotency_key, created_at,"
              + " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          id, command.userId(), command.executorId(), command.command(), parameters, command.priority().ordinal(), PENDING,
          command.idempotencyKey(), now, command.expiresAt()));
    } catch (Database.ConstraintViolation repeated) {
      if (command.idempotencyKey().isEmpty()) {
        throw repeated;
      }
      return database.with(rows -> rows.first(
          SELECT + "executor_id = ? AND idempotency_key = ?", CommandTable::command, command.executorId(),
          command.idempotencyKey())).orElseThrow(() -> repeated);
    }
    // as it would be read back
    return new CommandRow(id, command.userId(), command.executorId(), command.command(), JsonText.read(parameters), command.priority(),
        PENDING, Optional.empty(), now, Optional.empty(), Optional.empty(),
        command.expiresAt().map(until -> until.truncatedTo(ChronoUnit.MILLIS)), 0, false);
  }

  @Override
  public Optional<CommandRow> byId(String commandId) {
    return database.with(rows -> rows.first(SELECT + "id = ?", CommandTable::command, commandId));
  }

  @Override
  public List<CommandRow> ofExecutor(String executorId, Optional<String> status, int limit) {
    return database.with(rows -> status.isPresent()
        ? rows.list(SELECT + "executor_id = ? AND status = ? ORDER BY created_at DESC, id DESC LIMIT ?",
            CommandTable::command, executorId, status, limit)
        : rows.list(SELECT + "executor_id = ? ORDER BY created_at DESC, id DESC LIMIT ?",
            CommandTable::command, executorId, limit));
  }

  @Override
  public List<CommandRow> find(Query query) {
    StringBuilder where = new StringBuilder("user_id = ?");
    List<Object> arguments = new ArrayList<>(List.of(query.userId()));
    query.executorId().ifPresent(id -> {
      where.append(" AND executor_id = ?");
      arguments.add(id);
    });
    query.status().ifPresent(status -> {
      where.append(" AND status = ?");
      arguments.add(status);
    });
    if (query.before().isPresent()) {
      Optional<CommandRow> before = byId(query.before().get()).filter(row -> row.userId().equals(query.userId()));
      if (before.isEmpty()) {
        return List.of();
      }
      where.append(" AND (created_at < ? OR created_at = ? AND id < ?)");
      arguments.addAll(List.of(before.get().createdAt(), before.get().createdAt(), before.get().id()));
    }
    where.append(" ORDER BY created_at DESC, id DESC LIMIT ?");
    arguments.add(query.limit());
    return database.with(rows -> rows.list(SELECT + where, CommandTable::command, arguments.toArray()));
  }

  @Override
  public Map<String, Long> counts(Collection<String> executorIds) {
    Map<String, Long> counts = new HashMap<>();
    if (!executorIds.isEmpty()) {
      database.with(rows -> rows.list(
          "SELECT executor_id, COUNT(*) FROM commands WHERE executor_id IN (" + marks(executorIds.size()) + ") GROUP BY executor_id",
          row -> counts.put(row.getString(1), row.getLong(2)), executorIds.toArray()));
    }
    return counts;
  }

  @Override
  public List<CommandRow> lease(String executorId, int max, Duration lease) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    // nearly every heartbeat finds nothing: that needs neither a lock nor a transaction
    if (database.with(rows -> rows.first(
        "SELECT 1 FROM commands WHERE " + WAITING + " LIMIT 1", row -> 1, executorId, PENDING, now, now)).isEmpty()) {
      return List.of();
    }
    return database.inTransaction(rows -> {
      List<CommandRow> waiting = rows.list(
          SELECT + WAITING
              // what was handed out again and again without an answer lets the others pass, and is still handed out
              + " ORDER BY CASE WHEN attempts < ? THEN 0 ELSE attempts END, priority, created_at, id LIMIT ? FOR UPDATE",
          CommandTable::command, executorId, PENDING, now, now, FAIR_ATTEMPTS, max);
      if (waiting.isEmpty()) {
        return List.of();
      }
      List<Object> arguments = new ArrayList<>(List.of(now, now.plus(lease)));
      waiting.forEach(row -> arguments.add(row.id()));
      rows.change("UPDATE commands SET acknowledged_at = ?, leased_until = ?, attempts = attempts + 1 WHERE id IN ("
          + marks(waiting.size()) + ")", arguments.toArray());
      return waiting.stream().map(row -> handedOut(row, now)).sorted(MOST_URGENT_FIRST).toList();
    });
  }

  private static CommandRow handedOut(CommandRow row, Instant now) {
    return new CommandRow(row.id(), row.userId(), row.executorId(), row.command(), row.parameters(), row.priority(), row.status(),
        row.result(), row.createdAt(), Optional.of(now), row.executedAt(), row.expiresAt(), row.attempts() + 1, row.late());
  }

  @Override
  public Optional<Reported> report(
      String executorId, String commandId, String status, Optional<Map<String, Object>> result) {
    Optional<String> text = result.map(JsonText::write);
    Optional<Map<String, Object>> read = text.map(JsonText::read);
    while (true) {
      Optional<CommandRow> found = byId(commandId).filter(row -> row.executorId().equals(executorId));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      CommandRow before = found.get();
      Step step = step(before, status, read);
      if (step != Step.CHANGED) {
        return Optional.of(new Reported(before, step));
      }
      CommandRow after = reported(before, status, read, Instant.now().truncatedTo(ChronoUnit.MILLIS));
      // a lock would cost a transaction, and H2 compiles a FOR UPDATE each time; if another word came between, look again
      int changed = database.with(rows -> rows.change(
          "UPDATE commands SET status = ?, result = COALESCE(?, result), late = ?, executed_at = ?,"
              + " acknowledged_at = COALESCE(acknowledged_at, ?) WHERE id = ? AND status = ?",
          status, text, after.late(), after.executedAt(), after.acknowledgedAt(), commandId, before.status()));
      if (changed == 1) {
        return Optional.of(new Reported(after, step));
      }
    }
  }

  private static CommandRow reported(CommandRow row, String status, Optional<Map<String, Object>> result, Instant now) {
    return new CommandRow(row.id(), row.userId(), row.executorId(), row.command(), row.parameters(), row.priority(), status,
        result.or(row::result), row.createdAt(), row.acknowledgedAt().or(() -> Optional.of(now)),
        EXECUTED.equals(status) ? Optional.of(now) : row.executedAt(), row.expiresAt(), row.attempts(),
        row.late() || FINAL.contains(status) && WISHES.contains(row.status()));
  }

  private static Step step(CommandRow before, String status, Optional<Map<String, Object>> result) {
    boolean last = FINAL.contains(status);
    if (FINAL.contains(before.status())) {
      // facts win over wishes, and over not knowing; two facts do not replace each other
      boolean gives = (WISHES.contains(before.status()) || UNKNOWN.equals(before.status())) && last
          && !WISHES.contains(status) && !before.status().equals(status);
      if (gives) {
        return Step.CHANGED;
      }
      boolean same = before.status().equals(status) && (result.isEmpty() || before.result().isEmpty()
          || result.get().equals(before.result().get()));
      return same || !last ? Step.SAME : Step.FINAL;
    }
    return last || ORDER.indexOf(status) > ORDER.indexOf(before.status()) ? Step.CHANGED : Step.SAME;
  }

  @Override
  public Optional<Reported> cancel(String commandId) {
    return database.inTransaction(rows -> {
      Optional<CommandRow> found = rows.first(SELECT + "id = ? FOR UPDATE", CommandTable::command, commandId);
      if (found.isEmpty() || FINAL.contains(found.get().status())) {
        return found.map(row -> new Reported(row, CANCELLED.equals(row.status()) ? Step.SAME : Step.FINAL));
      }
      rows.change("UPDATE commands SET status = ? WHERE id = ?", CANCELLED, commandId);
      return Optional.of(new Reported(rows.first(SELECT + "id = ?", CommandTable::command, commandId).orElseThrow(), Step.CHANGED));
    });
  }

  @Override
  public List<CommandRow> cancelPending(String executorId, Set<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    List<Object> arguments = new ArrayList<>(List.of(executorId, PENDING));
    arguments.addAll(names);
    return end(CANCELLED, "executor_id = ? AND status = ? AND name IN (" + marks(names.size()) + ")", arguments);
  }

  @Override
  public List<CommandRow> expire(Instant now, int max) {
    return end(EXPIRED, "status = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?", List.of(PENDING, now, max));
  }

  /** Removes commands that ended and were made before then, at most {@code max}; how many. */
  int forget(Instant madeBefore, int max) {
    return database.inTransaction(rows -> {
      List<Object> arguments = new ArrayList<>(FINAL);
      arguments.add(madeBefore);
      arguments.add(max);
      List<String> ids = rows.list("SELECT id FROM commands WHERE status IN (" + marks(FINAL.size()) + ") AND created_at < ?"
          + " ORDER BY created_at LIMIT ? FOR UPDATE", row -> row.getString(1), arguments.toArray());
      return ids.isEmpty() ? 0 : rows.change("DELETE FROM commands WHERE id IN (" + marks(ids.size()) + ")", ids.toArray());
    });
  }

  private List<CommandRow> end(String status, String which, List<Object> arguments) {
    return database.inTransaction(rows -> {
      List<String> ids = rows.list("SELECT id FROM commands WHERE " + which + " FOR UPDATE", row -> row.getString(1),
          arguments.toArray());
      if (ids.isEmpty()) {
        return List.of();
      }
      List<Object> change = new ArrayList<>(List.of(status));
      change.addAll(ids);
      rows.change("UPDATE commands SET status = ? WHERE id IN (" + marks(ids.size()) + ")", change.toArray());
      return rows.list(SELECT + "id IN (" + marks(ids.size()) + ")", CommandTable::command, ids.toArray());
    });
  }

  private static String marks(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  private static CommandRow command(ResultSet row) throws SQLException {
    return new CommandRow(
        row.getString("id"), row.getString("user_id"), row.getString("executor_id"), row.getString("name"),
        JsonText.read(row.getString("parameters")), Priority.values()[row.getInt("priority")], row.getString("status"),
        Rows.maybeText(row, "result").map(JsonText::read), Rows.instant(row, "created_at"),
        Rows.maybeInstant(row, "acknowledged_at"), Rows.maybeInstant(row, "executed_at"),
        Rows.maybeInstant(row, "expires_at"), row.getInt("attempts"), row.getBoolean("late"));
  }
}
