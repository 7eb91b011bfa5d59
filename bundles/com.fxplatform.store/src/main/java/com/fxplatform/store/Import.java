package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.Priority;
import com.fxplatform.store.Predecessor.OldCommand;
import com.fxplatform.store.Predecessor.OldExecutor;
import com.fxplatform.store.Predecessor.OldUser;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * Takes users, executors and pending commands over from the predecessor, under their old ids. What is here already stays as
 * it is, so that a second run changes nothing; what cannot be taken is named with the reason.
 */
final class Import {
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$[0-3][0-9]\\$[./A-Za-z0-9]{53}");
  private static final Pattern KEY = Pattern.compile("exe_[A-Za-z0-9_-]{1,90}");
  private static final String DEMO = "demo@nexustrade.com";
  private static final List<String> KNOWN = List.of("Demo123!", "admin123");
  /** A price that old is no price; the same as {@code commandTimeout} says for new ones. */
  private static final Duration PRICED = Duration.ofSeconds(30);
  private static final Duration OTHERS = Duration.ofHours(24);
  private static final Instant FOREVER = Instant.parse("9999-12-31T00:00:00Z");

  /** How one kind of rows fared. */
  private static final class Count {
    private int imported;
    private int here;
    private int skipped;

    private String of(String what) {
      return what + ": " + imported + " imported, " + here + " here already, " + skipped + " skipped.";
    }
  }

  private final Database database;
  private final BiPredicate<String, String> matches;
  private final boolean rehearsal;
  private final List<String> notes = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Set<String> users = new HashSet<>();
  private final Set<String> executors = new HashSet<>();
  private final Set<String> names = new HashSet<>();

  /**
   * @param matches whether a password fits a bcrypt hash
   * @param rehearsal only say what would be done
   */
  Import(Database database, BiPredicate<String, String> matches, boolean rehearsal) {
    this.database = database;
    this.matches = matches;
    this.rehearsal = rehearsal;
  }

  /** @return what an operator wants to know, line by line */
  List<String> from(Predecessor source) throws SQLException {
    Count ofUsers = new Count();
    Count ofExecutors = new Count();
    Count ofCommands = new Count();
    for (OldUser user : source.users()) {
      take(user, ofUsers);
    }
    for (OldExecutor executor : source.executors()) {
      take(executor, ofExecutors);
    }
    for (OldCommand command : source.pendingCommands()) {
      take(command, ofCommands);
    }
    List<String> report = new ArrayList<>();
    report.add(ofUsers.of("Users"));
    report.add(ofExecutors.of("Executors"));
    report.add(ofCommands.of("Pending commands"));
    report.addAll(notes);
    report.addAll(warnings);
    return report;
  }

  // --- users

  private void take(OldUser user, Count count) {
    String who = "user " + user.email();
    if (user.deletedAt() != null) {
      skip(count, who, "deleted");
      return;
    }
    if (user.email() == null || user.email().isBlank() || user.email().length() > 320 || user.id().length() > 40) {
      skip(count, "user " + user.id(), "it has no e-mail address that could be kept");
      return;
    }
    boolean usable = user.passwordHash() != null && BCRYPT.matcher(user.passwordHash()).matches();
    warnOfKnownPassword(user, usable);
    if (exists("users", user.id())) {
      users.add(user.id());
      count.here++;
      return;
    }
    String key = user.email().trim().toLowerCase(Locale.ROOT);
    Optional<String> owner = database.with(rows -> rows.first("SELECT id FROM users WHERE email_key = ?", row -> row.getString(1), key));
    if (owner.isPresent()) {
      skip(count, who, "the account " + owner.get() + " here has this e-mail address already; "
          + "import before you make accounts, then its owner finds his executors");
      return;
    }
    if (!usable) {
      notes.add("Note: " + who + " has no bcrypt password and cannot sign in with one.");
    }
    Instant now = Instant.now();
    Instant until = user.lockedUntil() != null ? user.lockedUntil() : user.locked() ? FOREVER : null;
    if (insert(count, who, "INSERT INTO users (id, email, email_key, password_hash, first_name, last_name, role, locked_until,"
            + " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        user.id(), user.email().trim(), key, usable ? user.passwordHash() : null, cut(user.firstName(), 100), cut(user.lastName(), 100),
        "admin".equals(user.role()) ? "admin" : "user", until != null && until.isAfter(now) ? until : null,
        or(user.createdAt(), now), or(user.updatedAt(), now))) {
      users.add(user.id());
    }
  }

  private void warnOfKnownPassword(OldUser user, boolean usable) {
    boolean suspect = DEMO.equalsIgnoreCase(user.email()) || "admin".equals(user.role());
    if (suspect && usable && KNOWN.stream().anyMatch(password -> matches.test(password, user.passwordHash()))) {
      warnings.add("Warning: " + user.email() + (("admin".equals(user.role())) ? ", an admin," : "")
          + " has a password that stands in the predecessor's public source: change it, or delete the account, before anybody uses it.");
    } else if (DEMO.equalsIgnoreCase(user.email())) {
      warnings.add("Warning: " + user.email() + " is the predecessor's demonstration account: delete it if nobody needs it.");
    }
  }

  // --- executors

  private void take(OldExecutor executor, Count count) {
    String which = "executor " + executor.id() + " (" + executor.name() + ")";
    Optional<String> why = unfit(executor);
    if (why.isPresent()) {
      skip(count, which, why.get());
      return;
    }
    if (exists("executors", executor.id())) {
      executors.add(executor.id());
      count.here++;
      return;
    }
    String name = free(executor, cut(executor.name().isBlank() ? executor.id() : executor.name(), 100));
    if (!name.equals(executor.name())) {
      notes.add("Note: " + which + " is called " + name + " here: names are unique for each owner.");
    }
    Instant now = Instant.now();
    boolean shared = executor.sharedSecret() != null && !executor.sharedSecret().isBlank();
    if (insert(count, which, "INSERT INTO executors (id, user_id, name, live_name, api_key, secret_hash, shared_secret, platform,"
            + " broker_server, account_number, status, last_heartbeat, created_at, updated_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'offline', ?, ?, ?)",
        executor.id(), executor.userId(), name, name, executor.apiKey(), executor.secretHash(),
        shared ? database.seal().seal(executor.sharedSecret(), executor.id()) : null, "MT4".equals(executor.platform()) ? "MT4" : "MT5",
        cut(executor.brokerServer(), 200), cut(executor.accountNumber(), 100), executor.lastHeartbeat(),
        or(executor.createdAt(), now), or(executor.updatedAt(), now))) {
      executors.add(executor.id());
    }
  }

  private Optional<String> unfit(OldExecutor executor) {
    if (executor.deletedAt() != null) {
      return Optional.of("deleted");
    }
    if (!users.contains(executor.userId())) {
      return Optional.of("its owner was not imported");
    }
    if (executor.apiKey() == null || !KEY.matcher(executor.apiKey()).matches()) {
      return Optional.of("it has no usable API key; make a new executor for its owner");
    }
    if (executor.secretHash() == null || !BCRYPT.matcher(executor.secretHash()).matches()) {
      return Optional.of("its secret is not kept as a bcrypt hash; make a new executor for its owner");
    }
    return executor.id().length() > 40 || executor.name() == null ? Optional.of("its id or name cannot be kept") : Optional.empty();
  }

  /** The predecessor allows an owner the same name twice. */
  private String free(OldExecutor executor, String wanted) {
    String name = wanted;
    for (int number = 2; taken(executor.userId(), name); number++) {
      name = cut(wanted, 90) + " (" + number + ")";
    }
    names.add(executor.userId() + "\n" + name);
    return name;
  }

  private boolean taken(String userId, String name) {
    // a rehearsal writes nothing that the question could find
    return names.contains(userId + "\n" + name) || database.with(rows -> rows.first(
        "SELECT 1 FROM executors WHERE user_id = ? AND live_name = ?", row -> row.getInt(1), userId, name)).isPresent();
  }

  // --- commands

  private void take(OldCommand command, Count count) {
    String which = "command " + command.id() + " (" + command.name() + ")";
    if (!executors.contains(command.executorId()) || !users.contains(command.userId())) {
      skip(count, which, "its executor was not imported");
      return;
    }
    if (exists("commands", command.id())) {
      count.here++;
      return;
    }
    Instant now = Instant.now();
    Instant created = or(command.createdAt(), now);
    Instant expires = CommandNames.CLOSING.contains(command.name()) ? null
        : created.plus(CommandNames.PRICED.contains(command.name()) ? PRICED : OTHERS);
    if (expires != null && !expires.isAfter(now)) {
      skip(count, which, "too old: made at " + created + ", it is never sent late");
      return;
    }
    insert(count, which, "INSERT INTO commands (id, user_id, executor_id, name, parameters, priority, status, created_at,"
            + " acknowledged_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)",
        command.id(), command.userId(), command.executorId(), command.name(),
        command.parameters() == null ? "{}" : command.parameters(), priority(command.priority()).ordinal(), created,
        command.acknowledgedAt(), expires);
  }

  private static Priority priority(String text) {
    for (Priority priority : Priority.values()) {
      if (priority.name().equalsIgnoreCase(text)) {
        return priority;
      }
    }
    return Priority.NORMAL;
  }

  // --- rows

  private boolean exists(String table, String id) {
    return database.with(rows -> rows.first("SELECT 1 FROM " + table + " WHERE id = ?", row -> row.getInt(1), id)).isPresent();
  }

  private boolean insert(Count count, String what, String sql, Object... values) {
    try {
      if (!rehearsal) {
        database.with(rows -> rows.change(sql, values));
      }
      count.imported++;
      return true;
    } catch (Database.ConstraintViolation conflict) {
      skip(count, what, conflict.of("api_key") ? "another executor here has its API key" : "it contradicts a row that is here");
    } catch (Refusal unfit) {
      if (unfit.status() != 400) {
        throw unfit;
      }
      skip(count, what, "a value of it is too long or cannot be stored");
    }
    return false;
  }

  private void skip(Count count, String what, String why) {
    count.skipped++;
    notes.add("Skipped: " + what + ": " + why + ".");
  }

  private static String cut(String text, int length) {
    return text == null || text.length() <= length ? text : text.substring(0, length);
  }

  private static Instant or(Instant given, Instant otherwise) {
    return given == null ? otherwise : given;
  }
}
