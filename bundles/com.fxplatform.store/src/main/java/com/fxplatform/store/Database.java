package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.flywaydb.core.Flyway;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one database: opened once, migrated before anybody reads, refused plainly while it is away. */
@Component(service = Database.class, configurationPid = "com.fxplatform.store")
@Designate(ocd = Database.Config.class)
public final class Database {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /** Refusal 503: the database does not answer. */
  static final String STORE_UNAVAILABLE = "STORE_UNAVAILABLE";

  /** Refusal 400: a value that no database column takes. */
  static final String INVALID_VALUE = "INVALID_VALUE";

  /** Refusal 503: the disk of the database has no room; reads go on. */
  static final String STORE_FULL = "STORE_FULL";

  private static final long PATIENCE_SECONDS = 5;

  @ObjectClassDefinition(name = "FX Platform store")
  @interface Config {
    @AttributeDefinition(description = "Folder of the embedded database")
    String folder() default "data/store";

    @AttributeDefinition(description = "Address of a database elsewhere (DATABASE_URL): postgres://user:password@host/db, or JDBC's form")
    String _url() default "";

    @AttributeDefinition(description = "What shared secrets are sealed with (FX_MASTER_KEY), at least 32 characters; made and kept in the folder if empty")
    String _masterKey() default "";

    @AttributeDefinition(description = "Connections kept, 2 to 100")
    int connections() default 10;

    @AttributeDefinition(description = "Megabytes of its disk that the embedded database leaves free: below, only reads are answered; 0 never asks")
    int reserveMb() default 32;
  }

  /**
   * The database that was opened; another one is another object.
   *
   * @param believed how long a copy of a row may be believed: for one request where other processes write too, so that what
   *     one node rotates or deletes counts at the others
   */
  record Source(Duration believed) {}

  /** Work on one connection. */
  interface Work<T> {
    T on(Rows rows) throws SQLException;
  }

  private final ScheduledExecutorService opener = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-store-open");
    worker.setDaemon(true);
    return worker;
  });
  /** Completes with the open database: requests that come earlier wait a little for it. */
  private volatile CompletableFuture<HikariDataSource> pool = new CompletableFuture<>();
  private volatile Source source = new Source(Duration.ZERO);
  private volatile Seal seal;
  private volatile AuditAnchor anchor;
  private volatile Instant failingSince;
  private volatile DiskRoom room = new DiskRoom(Path.of("."), 0);
  /** When PostgreSQL last said that its disk is full; {@code null} if it never did. */
  private volatile Fullness fullness;
  private volatile boolean closed;

  /** Opens in the background: the rest of the house starts meanwhile. */
  @Activate
  public Database(Config config) {
    opener.execute(() -> open(config, pool));
  }

  /** Opens another database and then leaves the old one. */
  @Modified
  void configure(Config config) {
    CompletableFuture<HikariDataSource> old = pool;
    CompletableFuture<HikariDataSource> next = new CompletableFuture<>();
    next.thenRun(() -> {
      pool = next;
      old.thenAccept(HikariDataSource::close);
    });
    opener.execute(() -> open(config, next));
  }

  private void open(Config config, CompletableFuture<HikariDataSource> into) {
    HikariDataSource opened = null;
    try {
      opened = connect(config);
      if (!current(opened)) {
        migrate(opened);
      }
      Target target = Target.of(config._url(), Path.of(config.folder()));
      boolean embedded = !target.postgresql();
      room = new DiskRoom(Path.of(config.folder()), embedded ? Math.max(0, config.reserveMb()) * 1024L * 1024L : 0);
      seal = Seal.of(config._masterKey(), Path.of(config.folder()));
      sealPlain(opened, seal);
      // another database has another chain
      anchor = new AuditAnchor(Path.of(config.folder()).resolve("audit-anchor." + Integer.toHexString(target.name().hashCode())));
      failingSince = null;
      into.complete(opened);
      // only now: who reads from the old one must not take it for a copy of the new one
      source = new Source(embedded ? Duration.ofMinutes(1) : Duration.ofMillis(20));
    } catch (SQLException | RuntimeException failed) {
      if (opened != null) {
        opened.close();
      }
      if (failingSince == null) {
        failingSince = Instant.now();
        LOG.error("The database cannot be opened; this is tried again every two seconds", failed);
      }
      if (!closed) {
        opener.schedule(() -> open(config, into), 2, TimeUnit.SECONDS);
      }
    }
  }

  @Deactivate
  void close() {
    closed = true;
    opener.shutdown();
    try {
      // what is being opened is opened first, so that nothing stays behind
      opener.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    pool.thenAccept(HikariDataSource::close);
  }

  /** Whether it was opened once; before, the process is not ready for anything. */
  boolean opened() {
    return pool.isDone();
  }

  /** Since when the database does not answer; empty while it does. */
  Optional<Instant> failingSince() {
    return Optional.ofNullable(failingSince);
  }

  /** Whether changes are refused because the database's disk is full, or nearly so. */
  boolean full() {
    Fullness last = fullness;
    return room.spent() || last != null && last.lasts();
  }

  /** A small change may find its place on a full disk: one that was taken proves room only after a while without another refusal. */
  private record Fullness(long at, boolean takenSince) {
    private static final long A_WHILE = Duration.ofSeconds(30).toNanos();

    boolean lasts() {
      return !takenSince || System.nanoTime() - at < A_WHILE;
    }
  }

  private void requireRoom() {
    if (room.spent()) {
      throw noRoom();
    }
  }

  private static Refusal noRoom() {
    return new Refusal(503, STORE_FULL, "The platform's database has no room on its disk; nothing is written until there is, reads go on")
        .withRetryAfter(Duration.ofSeconds(10));
  }

  /** The database in force. */
  Source source() {
    return source;
  }

  /** What opens and closes sealed columns; there once the database is open. */
  Seal seal() {
    opened(PATIENCE_SECONDS);
    return seal;
  }

  /** Where the end of the audit trail is remembered outside this database; there once it is open. */
  AuditAnchor anchor() {
    opened(PATIENCE_SECONDS);
    return anchor;
  }

  /** Whether something sealed cannot be read. */
  boolean unreadable() {
    Seal now = seal;
    return now != null && now.broken();
  }

  /** Reads, or makes one change that needs no other. */
  <T> T with(Work<T> work) {
    return run(work, false);
  }

  /** All of it or nothing. */
  <T> T inTransaction(Work<T> work) {
    return run(work, true);
  }

  private <T> T run(Work<T> work, boolean transaction) {
    Change changed = new Change();
    try (Connection connection = opened(PATIENCE_SECONDS).getConnection()) {
      connection.setAutoCommit(!transaction);
      T result;
      try {
        result = work.on(new Rows(connection, changed));
        if (transaction) {
          connection.commit();
        }
      } catch (SQLException | RuntimeException failed) {
        if (transaction) {
          connection.rollback();
        }
        throw failed;
      }
      failingSince = null;
      Fullness last = fullness;
      if (changed.any && last != null && !last.takenSince) {
        fullness = new Fullness(last.at, true);
      }
      return result;
    } catch (SQLIntegrityConstraintViolationException conflict) {
      throw new ConstraintViolation(conflict);
    } catch (SQLException failed) {
      String state = failed.getSQLState() == null ? "" : failed.getSQLState();
      if (state.startsWith("23")) {
        throw new ConstraintViolation(failed);
      }
      if (state.startsWith("22")) {
        // too long, or not storable: what came from outside was not checked well enough, which is no fault of the database
        LOG.warn("A value was refused by the database: state={}", state);
        throw new Refusal(400, INVALID_VALUE, "A value in the request is too long or cannot be stored");
      }
      if (state.equals("53100")) {
        if (!full()) {
          LOG.warn("The database's disk is full; changes are refused until it takes them again: cause={}", failed.getMessage());
        }
        fullness = new Fullness(System.nanoTime(), false);
        throw noRoom();
      }
      if (away(failed)) {
        // the others that are kept are dead as well; nobody else need find that out
        pool.thenAccept(open -> open.getHikariPoolMXBean().softEvictConnections());
        if (failingSince == null) {
          failingSince = Instant.now();
          LOG.warn("The database does not answer; requests are refused until it does: cause={}", failed.getMessage());
        }
        throw unavailable();
      }
      throw new IllegalStateException("A statement failed with SQL state " + failed.getSQLState(), failed);
    }
  }

  /** Notes that some work changed something, and asks before whether there is room for it. */
  private final class Change implements Runnable {
    private boolean any;

    @Override
    public void run() {
      requireRoom();
      any = true;
    }
  }

  private HikariDataSource opened(long patienceSeconds) {
    try {
      return pool.get(patienceSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException notYet) {
      throw unavailable();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw unavailable();
    }
  }

  private static Refusal unavailable() {
    return new Refusal(503, STORE_UNAVAILABLE, "The platform's database does not answer; try again shortly")
        .withRetryAfter(Duration.ofSeconds(2));
  }

  private static boolean away(SQLException failed) {
    if (failed instanceof SQLTransientException
        || failed instanceof SQLRecoverableException
        || failed instanceof SQLNonTransientConnectionException) {
      return true;
    }
    String state = failed.getSQLState() == null ? "" : failed.getSQLState();
    for (Throwable cause = failed.getCause(); cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
      if (cause instanceof IOException) {
        // the embedded database could not read or write its file
        return true;
      }
    }
    // connection, insufficient resources, operator intervention; H2: closed, I/O error
    return state.startsWith("08") || state.startsWith("53") || state.startsWith("57")
        || state.equals("90098") || state.equals("90028") || state.equals("90031") || state.equals("90121");
  }

  private static HikariDataSource connect(Config config) {
    Target target = Target.of(config._url(), Path.of(config.folder()));
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName("fx-store");
    hikari.setDataSource(target.open());
    hikari.setMaximumPoolSize(Math.max(2, Math.min(100, config.connections())));
    hikari.setConnectionTimeout(3000);
    hikari.setValidationTimeout(2000);
    LOG.info("The database is being opened: address={}", target);
    return new HikariDataSource(hikari);
  }

  /** What the predecessor, or we before we had a key, kept in plain text. */
  private static void sealPlain(HikariDataSource pool, Seal seal) throws SQLException {
    record Plain(String id, String secret) {}

    try (Connection connection = pool.getConnection()) {
      Rows rows = new Rows(connection);
      int count = 0;
      java.util.List<Plain> some;
      do {
        some = rows.list("SELECT id, shared_secret FROM executors WHERE shared_secret NOT LIKE 'sealed:%' LIMIT 500",
            row -> new Plain(row.getString(1), row.getString(2)));
        for (Plain plain : some) {
          count += rows.change("UPDATE executors SET shared_secret = ? WHERE id = ? AND shared_secret = ?",
              seal.seal(plain.secret, plain.id), plain.id, plain.secret);
        }
      } while (!some.isEmpty());
      if (count > 0) {
        LOG.info("Shared secrets that were kept in plain text are sealed now: count={}", count);
      }
    }
  }

  /** Asked before Flyway is loaded: nearly every start finds the schema as it should be. */
  private static boolean current(HikariDataSource pool) {
    try (Connection connection = pool.getConnection()) {
      Rows rows = new Rows(connection);
      return rows.list("SELECT \"success\" FROM \"fx_schema_history\" WHERE \"version\" IS NOT NULL AND \"type\" <> 'BASELINE'", row -> row.getBoolean(1))
          .equals(Collections.nCopies(Migrations.STEPS.size(), true));
    } catch (SQLException noHistory) {
      return false;
    }
  }

  private static void migrate(HikariDataSource pool) {
    // Flyway finds its parts through the thread's class loader
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    ClassLoader ours = Database.class.getClassLoader();
    thread.setContextClassLoader(ours);
    try {
      long start = System.nanoTime();
      var result = Flyway.configure(ours)
          .dataSource(pool)
          .locations(new String[0])
          .resourceProvider(new Migrations())
          .javaMigrationClassProvider(java.util.List::of)
          .skipDefaultCallbacks(true)
          // DATABASE_URL may name the predecessor's own database: its tables and ours stand side by side
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .table("fx_schema_history")
          .loggers("slf4j")
          .load()
          .migrate();
      LOG.info("The database is ready: schema={} migrations={} ms={}",
          result.targetSchemaVersion == null ? result.initialSchemaVersion : result.targetSchemaVersion,
          result.migrationsExecuted, (System.nanoTime() - start) / 1_000_000);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** A unique constraint said no. */
  static final class ConstraintViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConstraintViolation(SQLException cause) {
      super(cause.getMessage(), cause);
    }

    boolean of(String constraint) {
      String message = getMessage() == null ? "" : getMessage().toLowerCase(java.util.Locale.ROOT);
      // H2 repeats the statement after what it says
      int statement = message.indexOf("; sql statement");
      return message.substring(0, statement < 0 ? message.length() : statement).contains(constraint);
    }
  }
}
