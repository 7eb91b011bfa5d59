package com.fxplatform.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.NewExecutor;
import com.fxplatform.api.user.User;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL. */
class PostgresStoreTest extends StoreContract {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() throws Exception {
    postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  @Override
  String url() throws Exception {
    String name = "fx" + NUMBERS.incrementAndGet();
    try (Connection admin = postgres.getPostgresDatabase().getConnection(); Statement statement = admin.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    // the predecessor's form, with an option of its own pool
    return "postgres://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/" + name + "?connection_limit=1&schema=public";
  }

  @Override
  Database secondNode() throws Exception {
    return new Database(config(folder, "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/fx" + NUMBERS.get()
        + "?user=postgres&password=postgres"));
  }

  /** Another process tells us nothing: its change is seen because a copy is believed for a moment only. */
  @Test
  void whatAnotherNodeChangesIsSeenByTheNextRequest() {
    User ada = users.create("ada@example.com", "Ada", "Lovelace", "user", "hash");
    Executor executor = executors.create(new NewExecutor(ada.id(), "VPS", "MT5", Optional.empty(), Optional.empty(), "exe_1",
        "$2a$10$first", null, 5));
    assertEquals("$2a$10$first", executors.secretHash(executor.id()).orElseThrow());
    long began = System.nanoTime();
    database.with(rows -> rows.change("UPDATE executors SET secret_hash = '$2a$10$second' WHERE id = ?", executor.id()));
    while (!executors.secretHash(executor.id()).orElseThrow().equals("$2a$10$second")) {
      assertTrue(System.nanoTime() - began < 1_000_000_000L, "the old secret goes on");
    }
  }

  /** A database of its own, stopped and started again under the store's feet. */
  @Test
  void theDatabaseGoesAwayAndComesBack(@TempDir Path data) throws Exception {
    EmbeddedPostgres first = EmbeddedPostgres.builder()
        .setDataDirectory(data).setCleanDataDirectory(false).setPGStartupWait(Duration.ofSeconds(40)).start();
    int port = first.getPort();
    Database away;
    User ada;
    try {
      away = new Database(config(folder, "postgresql://postgres@127.0.0.1:" + port + "/postgres"));
      ada = new UserTable(away).create("ada@example.com", "Ada", "Lovelace", "user", "hash");
    } finally {
      first.close();
    }
    try {
      Refusal refused = assertThrows(Refusal.class, () -> new UserTable(away).byId(ada.id()));
      assertEquals(503, refused.status());
      assertEquals(Database.STORE_UNAVAILABLE, refused.code().orElseThrow());
      assertTrue(refused.retryAfter().isPresent());
      assertTrue(away.failingSince().isPresent(), "the health check says so");
      try (EmbeddedPostgres again = EmbeddedPostgres.builder()
          .setPort(port).setDataDirectory(data).setCleanDataDirectory(false).setPGStartupWait(Duration.ofSeconds(40)).start()) {
        assertEquals("Ada Lovelace", new UserTable(away).byId(ada.id()).orElseThrow().name());
        assertTrue(away.failingSince().isEmpty(), "healed");
        away.close();
      }
    } finally {
      away.close();
    }
  }
}
