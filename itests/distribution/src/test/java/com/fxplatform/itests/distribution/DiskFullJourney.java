package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.itests.distribution.Browser.Answer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The database on a small disk that fills: changes are refused, reads go on, and room heals it. */
@Tag("slow")
class DiskFullJourney {
  private final Random random = new Random(1);

  /** The embedded one is held back before its disk is full: it closes when it cannot write. */
  @Test
  @Timeout(120)
  void readsGoOnAndRoomHeals() throws Exception {
    try (Product product = new Product(); SmallDisk disk = new SmallDisk(product.instance("server").resolve("data/store"), 12)) {
      try {
        journey(product, disk, 3 << 20, Map.of(), "com.fxplatform.store/reserveMb=4");
      } finally {
        product.fx("server", Map.of(), "", "stop", "server");
      }
    }
  }

  /** PostgreSQL's rows on a disk of their own, and its log of changes on another, as it is usually run: there it answers 53100. */
  @Test
  @Timeout(180)
  void postgresqlSaysItselfThatItsDiskIsFull() throws Exception {
    try (Product product = new Product(); SmallDisk disk = new SmallDisk(product.folder.resolve("tablespace"), 24);
        EmbeddedPostgres postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start()) {
      try (Connection admin = postgres.getPostgresDatabase().getConnection(); Statement statement = admin.createStatement()) {
        statement.execute("CREATE TABLESPACE small LOCATION '" + disk.folder + "'");
        statement.execute("CREATE DATABASE fx TABLESPACE small");
      }
      try {
        journey(product, disk, 0, Map.of("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/fx"));
      } finally {
        product.fx("server", Map.of(), "", "stop", "server");
      }
    }
  }

  private void journey(Product product, SmallDisk disk, long bytesLeft, Map<String, String> database, String... sets) throws Exception {
    int port = product.freePort();
    Map<String, String> environment = new HashMap<>(database);
    environment.putAll(Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
        "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort())));
    product.start("server", environment, sets);
    Browser owner = new Browser("http://127.0.0.1:" + port).signIn(Product.EMAIL, Product.PASSWORD);
    Credentials executor = Credentials.create(owner, "on a small disk");
    String commands = "/api/executor/" + executor.id() + "/command";
    assertEquals(201, send(owner, commands).status());
    disk.fill(bytesLeft);
    Await.until("changes are refused", Duration.ofSeconds(30), () -> send(owner, commands).status() != 201);
    Answer refused = send(owner, commands);
    assertEquals(503, refused.status(), refused.http().body());
    assertEquals("STORE_FULL", refused.code());
    assertTrue(Integer.parseInt(refused.header("Retry-After")) > 0);
    for (int i = 0; i < 50; i++) {
      assertEquals(200, owner.get("/api/executor").status(), "reads go on");
      assertEquals(200, owner.get(commands).status());
    }
    assertEquals(200, new Browser(owner.platform).get("/api/executor/config", executor.headers()).status());
    String status = product.fx("server", Map.of(), "", "status").text();
    assertTrue(status.contains("The disk of the database is full"), status);
    disk.free();
    Await.until("room heals it", Duration.ofSeconds(30), () -> send(owner, commands).status() == 201);
    Await.until("the health check sees it", Duration.ofSeconds(60),
        () -> !product.fx("server", Map.of(), "", "status").text().contains("The disk of the database is full"));
    product.stop("server");
    assertEquals(0, product.fx("server", environment, "", "audit", "verify").code(), "the audit trail went on where it had stopped");
    assertFalse(product.log("server").contains("A request failed unexpectedly"), product.log("server"));
  }

  /** So large, and so random, that it fits into no page that is already there. */
  private Answer send(Browser owner, String commands) throws Exception {
    byte[] noise = new byte[6000];
    random.nextBytes(noise);
    return owner.send("POST", commands, Map.of("command", "GET_STATUS",
        "parameters", Map.of("note", new String(Base64.getEncoder().encode(noise), StandardCharsets.US_ASCII))));
  }
}
