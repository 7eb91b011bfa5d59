package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.user.User;
import com.fxplatform.api.user.UserDirectory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Users. */
@Component
public final class UserTable implements UserDirectory {
  private static final String SELECT =
      "SELECT id, email, first_name, last_name, role, locked_until, created_at FROM users WHERE deleted_at IS NULL AND ";

  private final Database database;

  @Activate
  public UserTable(@Reference Database database) {
    this.database = database;
  }

  @Override
  public Standing standing(String id) {
    return database.with(rows -> rows.first("SELECT deleted_at, locked_until FROM users WHERE id = ?", row -> {
      if (Rows.instant(row, "deleted_at") != null) {
        return Standing.DELETED;
      }
      Instant locked = Rows.instant(row, "locked_until");
      return locked != null && locked.isAfter(Instant.now()) ? Standing.LOCKED : Standing.ACTIVE;
    }, id)).orElse(Standing.UNSEEN);
  }

  @Override
  public Optional<User> byId(String id) {
    return database.with(rows -> rows.first(SELECT + "id = ?", UserTable::user, id));
  }

  @Override
  public Optional<User> byEmail(String email) {
    return database.with(rows -> rows.first(SELECT + "email_key = ?", UserTable::user, key(email)));
  }

  @Override
  public Optional<String> passwordHash(String userId) {
    return database.with(rows -> rows.first(
        "SELECT password_hash FROM users WHERE deleted_at IS NULL AND id = ?", row -> row.getString(1), userId));
  }

  @Override
  public User create(String email, String firstName, String lastName, String role, String passwordHash) {
    String id = Cuid.next();
    Instant now = Instant.now();
    try {
      database.with(rows -> rows.change(
          "INSERT INTO users (id, email, email_key, password_hash, first_name, last_name, role, created_at, updated_at)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          id, email.trim(), key(email), passwordHash, firstName, lastName, role, now, now));
    } catch (Database.ConstraintViolation taken) {
      throw new Refusal(409, EMAIL_TAKEN, "Email already in use");
    }
    return byId(id).orElseThrow();
  }

  @Override
  public boolean isEmpty() {
    return database.with(rows -> rows.first("SELECT 1 FROM users LIMIT 1", row -> row.getInt(1)).isEmpty());
  }

  private static String key(String email) {
    return email.trim().toLowerCase(Locale.ROOT);
  }

  private static User user(ResultSet row) throws SQLException {
    String name = Stream.of(row.getString("first_name"), row.getString("last_name"))
        .filter(part -> part != null && !part.isBlank())
        .collect(Collectors.joining(" "));
    return new User(row.getString("id"), row.getString("email"), name, row.getString("role"),
        Rows.maybeInstant(row, "locked_until"), Rows.instant(row, "created_at"));
  }
}
