package com.fxplatform.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.auth.PasswordCheck;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.command.Priority;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.user.UserDirectory.Standing;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database of the predecessor, on a real PostgreSQL, read into ours. */
@Timeout(120)
class ImportTest {
  private static EmbeddedPostgres postgres;

  @TempDir Path folder;

  private record Said(int code, String text) {}

  @BeforeAll
  static void predecessor() throws Exception {
    postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start();
    try (InputStream sql = ImportTest.class.getResourceAsStream("predecessor.sql");
        Connection admin = postgres.getPostgresDatabase().getConnection(); Statement statement = admin.createStatement()) {
      statement.execute(new String(sql.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  private static String source() {
    return "postgres://postgres:hunter2@127.0.0.1:" + postgres.getPort() + "/postgres?schema=public";
  }

  private static Said run(Database database, String configured, String... arguments) {
    ImportCommand command = new ImportCommand(database, new ImportCommand.Config() {
      @Override
      public String _from() {
        return configured;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return ImportCommand.Config.class;
      }
    });
    PasswordCheck check = (password, hash) -> hash.startsWith("$2a$10$Y9.M") && password.equals("Demo123!")
        || hash.startsWith("$2a$10$UOhM") && password.equals("admin123");
    command.bindPasswords(check, Map.of("service.id", 1L));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    int code = command.apply(Map.of("args", List.of(arguments), "out", stream, "err", stream));
    return new Said(code, said.toString(StandardCharsets.UTF_8));
  }

  private void takesEverythingThatIsUsable(Database database) {
    Said rehearsal = run(database, source(), "--dry-run");
    assertEquals(0, rehearsal.code, rehearsal.text);
    assertTrue(new UserTable(database).isEmpty(), "a rehearsal writes nothing");

    Said first = run(database, "$[env:FX_IMPORT_FROM]", "--from", source());
    assertEquals(0, first.code, first.text);
    assertTrue(first.text.contains("Users: 4 imported, 0 here already, 2 skipped."), first.text);
    assertTrue(first.text.contains("Executors: 3 imported, 0 here already, 5 skipped."), first.text);
    assertTrue(first.text.contains("Pending commands: 2 imported, 0 here already, 2 skipped."), first.text);
    for (String why : List.of("user Trader@old.example: the account clu0000000000000000000001 here", "user gone@old.example: deleted",
        "(Encrypted away): it has no usable API key", "(Dead generator): it has no usable API key", "(Plain secret): its secret is not kept",
        "(Of a namesake): its owner was not imported", "(Deleted): deleted", "(OPEN_POSITION): too old",
        "Warning: demo@nexustrade.com has a password", "Warning: admin@old.example, an admin, has a password", "is called London (2) here")) {
      assertTrue(first.text.contains(why), why + " in " + first.text);
    }
    assertFalse(first.text.contains("hunter2") || first.text.contains("$2a$"), first.text);

    UserTable users = new UserTable(database);
    assertEquals("Ada Lovelace", users.byEmail("trader@old.example").orElseThrow().name());
    assertEquals(Instant.parse("2025-03-01T08:00:00.123Z"), users.byId("clu0000000000000000000001").orElseThrow().createdAt());
    assertEquals("admin", users.byId("clu0000000000000000000003").orElseThrow().role());
    assertEquals(Standing.LOCKED, users.standing("clu0000000000000000000006"));
    ExecutorTable executors = new ExecutorTable(database);
    Executor london = executors.byKey("exe_00000000000000000000000000000001").orElseThrow();
    assertEquals("cle0000000000000000000001", london.id());
    assertEquals(Optional.of("Broker-Live"), london.brokerServer());
    assertEquals(Optional.of("c2hhcmVk"), executors.sharedSecret(london.id()), "sealed, and open to the platform");
    assertTrue(executors.secretHash("cle0000000000000000000003").orElseThrow().startsWith("$2y$"));
    List<CommandRow> pending = new CommandTable(database).lease(london.id(), 10, Duration.ofSeconds(30));
    assertEquals(List.of("CLOSE_POSITION", "START_STRATEGY"), pending.stream().map(CommandRow::command).toList());
    assertEquals(Priority.URGENT, pending.get(0).priority());
    assertEquals(Map.of("ticket", 4711), pending.get(0).parameters());

    // the owner went on here meanwhile: a second run takes nothing back
    executors.rotateSecret(london.id(), "$2a$10$" + "r".repeat(53), Optional.empty());
    Said second = run(database, source());
    assertEquals(0, second.code, second.text);
    assertTrue(second.text.contains("Users: 0 imported, 4 here already, 2 skipped."), second.text);
    assertTrue(second.text.contains("Executors: 0 imported, 3 here already, 5 skipped."), second.text);
    assertTrue(second.text.contains("Pending commands: 0 imported, 2 here already, 2 skipped."), second.text);
    assertEquals("$2a$10$" + "r".repeat(53), executors.secretHash(london.id()).orElseThrow());
  }

  @Test
  void intoTheEmbeddedDatabase() {
    Database database = new Database(StoreContract.config(folder, ""));
    try {
      takesEverythingThatIsUsable(database);
    } finally {
      database.close();
    }
  }

  @Test
  void intoThePredecessorsOwnDatabase() {
    Database database = new Database(StoreContract.config(folder, source()));
    try {
      takesEverythingThatIsUsable(database);
    } finally {
      database.close();
    }
  }

  @Test
  void whatCannotBeReadIsOneSentence() throws Exception {
    Database database = new Database(StoreContract.config(folder, ""));
    try {
      Said nowhere = run(database, "postgres://u:hunter2@127.0.0.1:1/none");
      assertEquals(2, nowhere.code, nowhere.text);
      assertFalse(nowhere.text.contains("hunter2"), nowhere.text);
      assertEquals(1, nowhere.text.strip().lines().count(), nowhere.text);
      assertEquals(2, run(database, "").code);
      assertEquals(2, run(database, "mysql://u:hunter2@h/d").code);
      assertEquals(2, run(database, "", "hunter2").code);
      assertEquals(0, run(database, "", "--help").code);
      try (Connection admin = postgres.getPostgresDatabase().getConnection(); Statement statement = admin.createStatement()) {
        statement.execute("CREATE DATABASE strange");
      }
      Said strange = run(database, source().replace("/postgres?", "/strange?"));
      assertEquals(1, strange.code, strange.text);
      assertTrue(strange.text.contains("does not look like the predecessor's"), strange.text);
    } finally {
      database.close();
    }
  }
}
