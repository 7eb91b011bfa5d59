package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.itests.distribution.Product.Said;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An operator moves in with the predecessor's database: users keep their passwords, executors their secrets. */
@Tag("slow")
@Timeout(240)
class ImportJourney {
  private static final String SECRET = "f".repeat(64);

  @Test
  void usersAndExecutorsOfThePredecessorGoOn() throws Exception {
    try (Product product = new Product();
        EmbeddedPostgres postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start()) {
      try (var admin = postgres.getPostgresDatabase().getConnection(); var statement = admin.createStatement()) {
        statement.execute(Files.readString(Path.of(System.getProperty("fx.repository"),
            "bundles/com.fxplatform.store/src/test/resources/com/fxplatform/store/predecessor.sql")));
      }
      String old = "postgres://postgres:hunter2@127.0.0.1:" + postgres.getPort() + "/postgres?schema=public";
      Said help = product.fx("server", Map.of(), "", "import", "--help");
      assertEquals(0, help.code(), help.text());
      assertTrue(help.text().contains("FX_IMPORT_FROM"), help.text());

      Said said = product.fx("server", Map.of("FX_IMPORT_FROM", old), "", "import");
      assertEquals(0, said.code(), said.text());
      assertTrue(said.text().contains("Users: 4 imported, 0 here already, 2 skipped."), said.text());
      assertTrue(said.text().contains("Warning: demo@nexustrade.com has a password that stands in"), said.text());
      assertTrue(said.text().contains("Warning: admin@old.example, an admin, has a password"), said.text());
      assertFalse(said.text().contains("hunter2"), said.text());
      Said again = product.fx("server", Map.of(), "", "import", "--from", old);
      assertEquals(0, again.code(), again.text());
      assertTrue(again.text().contains("Users: 0 imported, 4 here already, 2 skipped."), again.text());
      goesOn(product, "server", Map.of());

      // or without an import into a database of one's own: both sets of tables side by side in the predecessor's
      Map<String, String> beside = Map.of("DATABASE_URL", old);
      Said own = product.fx("beside", Map.of("DATABASE_URL", old, "FX_IMPORT_FROM", old), "", "import");
      assertEquals(0, own.code(), own.text());
      goesOn(product, "beside", beside);
    }
  }

  private static void goesOn(Product product, String instance, Map<String, String> database) throws Exception {
    int port = product.freePort();
    Map<String, String> environment = new HashMap<>(database);
    environment.put("FX_HTTP_PORT", Integer.toString(port));
    environment.put("FX_ADMIN_PORT", Integer.toString(product.freePort()));
    product.startServer(instance, environment);
    String platform = "http://127.0.0.1:" + port;
    Browser trader = new Browser(platform).signIn("trader@old.example", Product.PASSWORD);
    assertEquals(2, trader.get("/api/executor").json().path("executors").size());
    for (int number = 1; number <= 3; number++) {
      // their hashes begin with $2a$, $2b$ and $2y$
      Browser.Answer config = new Browser(platform).get("/api/executor/config",
          "X-API-Key", "exe_" + "0".repeat(31) + number, "X-API-Secret", SECRET);
      assertEquals(200, config.status(), config.http().body());
    }
    Browser.Answer beat = new Browser(platform).send("POST", "/api/executor/cle0000000000000000000001/heartbeat", "{}",
        "X-API-Key", "exe_" + "0".repeat(31) + 1, "X-API-Secret", SECRET);
    assertEquals("clc0000000000000000000001", beat.json().path("pendingCommands").path(0).path("id").asText(), beat.http().body());
  }
}
