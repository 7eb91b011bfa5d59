package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same on a real PostgreSQL. */
@Tag("slow")
class PostgresServerJourney extends ServerJourney {
  private EmbeddedPostgres postgres;

  @Override
  Map<String, String> database() throws Exception {
    if (postgres == null) {
      postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start();
    }
    return Map.of("DATABASE_URL", "postgres://postgres:hunter2@127.0.0.1:" + postgres.getPort() + "/postgres");
  }

  @AfterAll
  @Override
  void stop() throws Exception {
    try {
      super.stop();
    } finally {
      postgres.close();
    }
  }

  @Test
  void itIsReallyThere() throws Exception {
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var users = connection.createStatement().executeQuery("SELECT COUNT(*) FROM users")) {
      users.next();
      assertTrue(users.getInt(1) >= 1, "others may have registered meanwhile");
    }
    assertFalse(Files.exists(product.instance("server").resolve("data/store/fxplatform.mv.db")), "the embedded database was opened");
    assertFalse(product.log("server").contains("hunter2"), "the log holds the database's password");
  }
}
