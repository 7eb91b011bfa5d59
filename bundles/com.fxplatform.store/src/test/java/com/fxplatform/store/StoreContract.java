package com.fxplatform.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRegister.NewCommand;
import com.fxplatform.api.command.CommandRegister.Reported;
import com.fxplatform.api.command.CommandRegister.Step;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.command.Priority;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorChange;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.executor.NewExecutor;
import com.fxplatform.api.live.Changes;
import com.fxplatform.api.user.User;
import com.fxplatform.api.user.UserDirectory;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a store does, whatever database it is on. */
@Timeout(60)
abstract class StoreContract {
  @TempDir Path folder;
  Database database;
  UserDirectory users;
  ExecutorDirectory executors;
  CommandRegister commands;

  /** The address of an empty database for this test. */
  abstract String url() throws Exception;

  private String url;

  @BeforeEach
  void open() throws Exception {
    if (url == null) {
      url = url();
    }
    database = new Database(config(folder, url));
    users = new UserTable(database);
    executors = new ExecutorTable(database);
    commands = new CommandTable(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  static Database.Config config(Path folder, String url) {
    return config(folder, url, "");
  }

  static Database.Config config(Path folder, String url, String masterKey) {
    return new Database.Config() {
      @Override
      public String folder() {
        return folder.toString();
      }

      @Override
      public String _url() {
        return url;
      }

      @Override
      public String _masterKey() {
        return masterKey;
      }

      @Override
      public int connections() {
        return 4;
      }

      @Override
      public int reserveMb() {
        return 0;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Database.Config.class;
      }
    };
  }

  private User ada() {
    return users.create("Ada@Example.com", "Ada", "Lovelace", "user", "$2a$10$hash");
  }

  private static NewExecutor named(String userId, String name, int limit) {
    return new NewExecutor(userId, name, "MT5", Optional.empty(), Optional.empty(), "exe_" + Math.abs(name.hashCode()) + userId,
        "$2a$10$secret", "0123456789abcdef0123456789abcdef", limit);
  }

  private CommandRow command(Executor executor, String name, Priority priority, Instant expiresAt) {
    return commands.create(new NewCommand(executor.userId(), executor.id(), name, Map.of("symbol", "EURUSD"), priority,
        Optional.ofNullable(expiresAt), Optional.empty()));
  }

  @Test
  void idsAreCuidsAndSortByTime() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(Cuid.next());
    }
    assertTrue(ids.stream().allMatch(id -> id.matches("c[0-9a-z]{24}")), ids.get(0));
    assertEquals(ids, ids.stream().sorted().toList());
    assertEquals(100, Set.copyOf(ids).size());
  }

  @Test
  void usersAreFoundByEmailWhateverItsCase() {
    assertTrue(users.isEmpty());
    User ada = ada();
    assertFalse(users.isEmpty());
    assertEquals("Ada Lovelace", ada.name());
    assertEquals(ada.id(), users.byEmail("ada@example.COM").orElseThrow().id());
    assertEquals("$2a$10$hash", users.passwordHash(ada.id()).orElseThrow());
    Refusal taken = assertThrows(Refusal.class, () -> users.create("ADA@example.com", "A", "B", "user", "x"));
    assertEquals(409, taken.status());
  }

  @Test
  void aUserStandsAsTheirRowSays() {
    User ada = ada();
    assertEquals(UserDirectory.Standing.ACTIVE, users.standing(ada.id()));
    assertEquals(UserDirectory.Standing.UNSEEN, users.standing("clu000000000000000000user1"));
    database.with(rows -> rows.change("UPDATE users SET locked_until = ? WHERE id = ?", Instant.now().plusSeconds(60), ada.id()));
    assertEquals(UserDirectory.Standing.LOCKED, users.standing(ada.id()));
    database.with(rows -> rows.change("UPDATE users SET deleted_at = ? WHERE id = ?", Instant.now(), ada.id()));
    assertEquals(UserDirectory.Standing.DELETED, users.standing(ada.id()));
    assertTrue(users.byId(ada.id()).isEmpty());
  }

  @Test
  void anExecutorsNameIsUniqueAmongItsOwnersLivingOnes() {
    User ada = ada();
    Executor first = executors.create(named(ada.id(), "VPS", 5));
    Refusal duplicate = assertThrows(Refusal.class, () -> executors.create(
        new NewExecutor(ada.id(), "VPS", "MT5", Optional.empty(), Optional.empty(), "exe_other", "h", "s", 5)));
    assertEquals(ExecutorDirectory.DUPLICATE_NAME, duplicate.code().orElseThrow());
    executors.delete(first.id());
    assertTrue(executors.byKey(first.apiKey()).isEmpty(), "a deleted executor's key stops working");
    executors.create(new NewExecutor(ada.id(), "VPS", "MT5", Optional.empty(), Optional.empty(), "exe_third", "h", "s", 5));
  }

  @Test
  void parallelCreationsDoNotPassTheLimit() throws Exception {
    User ada = ada();
    var pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Boolean>> clicks = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        String name = "click " + i;
        clicks.add(() -> {
          try {
            executors.create(named(ada.id(), name, 5));
            return true;
          } catch (Refusal limit) {
            assertEquals(ExecutorDirectory.EXECUTOR_LIMIT, limit.code().orElseThrow());
            return false;
          }
        });
      }
      int created = 0;
      for (Future<Boolean> click : pool.invokeAll(clicks)) {
        created += click.get() ? 1 : 0;
      }
      assertEquals(5, created);
      assertEquals(5, executors.ofUser(ada.id()).size());
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void aHeartbeatKeepsWhatEarlierOnesCarried() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    executors.heard(executor.id(), at, Optional.of("online"), Map.of("version", "1.0.0", "brokerServer", "Demo-1"));
    executors.heard(executor.id(), at, Optional.empty(), Map.of("accountBalance", 12.5));
    Executor heard = executors.byId(executor.id()).orElseThrow();
    assertEquals("online", heard.status());
    assertEquals("1.0.0", heard.vitals().get("version"));
    assertEquals("12.5", heard.vitals().get("accountBalance").toString());
    assertEquals("Demo-1", heard.brokerServer().orElseThrow());
    assertEquals(at, heard.lastHeartbeat().orElseThrow());
    assertEquals(1, executors.heardSince(at.minusSeconds(1), 10).size());
    assertEquals("renamed", executors.change(executor.id(), new ExecutorChange(Optional.of("renamed"), Optional.empty(),
        Optional.empty(), Optional.empty(), Optional.empty())).name());
  }

  @Test
  void commandsAreHandedOutMostUrgentFirstAndOncePerLease() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow low = command(executor, "GET_STATUS", Priority.LOW, null);
    CommandRow high = command(executor, "OPEN_POSITION", Priority.HIGH, Instant.now().plusSeconds(30));
    CommandRow urgent = command(executor, "EMERGENCY_STOP", Priority.URGENT, null);
    command(executor, "OPEN_POSITION", Priority.URGENT, Instant.now().minusSeconds(1));

    List<CommandRow> first = commands.lease(executor.id(), 2, Duration.ofMinutes(1));
    assertEquals(List.of(urgent.id(), high.id()), first.stream().map(CommandRow::id).toList());
    assertEquals(1, first.get(0).attempts());
    assertEquals(first.stream().map(row -> commands.byId(row.id()).orElseThrow()).toList(), first, "what is handed out is what is kept");
    assertEquals(List.of(low.id()), commands.lease(executor.id(), 10, Duration.ofMinutes(1)).stream().map(CommandRow::id).toList());
    assertTrue(commands.lease(executor.id(), 10, Duration.ofMinutes(1)).isEmpty(), "leased ones are not handed out again");
    assertEquals("pending", commands.byId(urgent.id()).orElseThrow().status());
  }

  @Test
  void noCommandBlocksTheQueueForTheOthers() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    for (int i = 0; i < 10; i++) {
      command(executor, "PAUSE", Priority.URGENT, null);
    }
    CommandRow high = command(executor, "GET_STATUS", Priority.HIGH, null);
    for (int beat = 1; beat <= 3; beat++) {
      assertFalse(commands.lease(executor.id(), 10, Duration.ZERO).stream().anyMatch(row -> row.id().equals(high.id())), "beat " + beat);
    }
    List<CommandRow> fourth = commands.lease(executor.id(), 10, Duration.ZERO);
    assertEquals(high.id(), fourth.get(9).id(), "most urgent first within one answer, and the other one passed");
  }

  @Test
  void aWordAcknowledgesToo() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow row = command(executor, "GET_STATUS", Priority.NORMAL, null);
    assertEquals("queued", row.state());
    assertTrue(report(executor, row, "received", null).row().acknowledgedAt().isPresent());
    assertEquals("received", commands.byId(row.id()).orElseThrow().state());
    CommandRow second = command(executor, "GET_STATUS", Priority.NORMAL, null);
    assertEquals("delivered", commands.lease(executor.id(), 10, Duration.ofMinutes(1)).get(0).state());
    assertEquals(Step.SAME, report(executor, second, "pending", null).step());
  }

  @Test
  void twoNodesNeverLeaseTheSameCommand() throws Exception {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    Database second = secondNode();
    CommandRegister other = new CommandTable(second);
    var pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 10; round++) {
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < 8; i++) {
          wanted.add(command(executor, "GET_STATUS", Priority.NORMAL, null).id());
        }
        List<Callable<List<CommandRow>>> beats = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          CommandRegister node = i % 2 == 0 ? commands : other;
          beats.add(() -> node.lease(executor.id(), 10, Duration.ofMinutes(1)));
        }
        List<String> handed = new ArrayList<>();
        for (Future<List<CommandRow>> beat : pool.invokeAll(beats)) {
          beat.get().forEach(row -> handed.add(row.id()));
        }
        assertEquals(wanted.size(), handed.size(), "round " + round + ": " + handed);
        assertEquals(wanted, Set.copyOf(handed));
      }
    } finally {
      pool.shutdown();
      if (second != database) {
        second.close();
      }
    }
  }

  /** Another process on the same database; the embedded one has no second. */
  Database secondNode() throws Exception {
    return database;
  }

  @Test
  void anOwnerWhomNobodyKnowsIsRefused() {
    Refusal unknown = assertThrows(Refusal.class, () -> executors.create(named("clu000000000000000000user1", "VPS", 5)));
    assertEquals("UNKNOWN_OWNER", unknown.code().orElseThrow());
  }

  @Test
  void whatNoColumnTakesIsTheCallersFault() {
    Refusal nul = assertThrows(Refusal.class, () -> executors.byId("a\0b"));
    assertEquals(400, nul.status());
    Refusal tooLong = assertThrows(Refusal.class, () -> users.create("a@b", "x".repeat(101), "y", "user", "h"));
    assertEquals(400, tooLong.status());
    assertTrue(users.isEmpty(), "nothing half written");
  }

  @Test
  void sharedSecretsAreSealedAtRest() throws Exception {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    String plain = "0123456789abcdef0123456789abcdef";
    assertEquals(plain, executors.sharedSecret(executor.id()).orElseThrow());
    assertTrue(kept(executor).startsWith("sealed:"), "in plain text: " + kept(executor));
    assertEquals(Optional.empty(), com.fxplatform.api.vault.PrivateFile.exposed(folder.resolve("master.key")));

    plant(executor, plain);
    assertEquals(plain, executors.sharedSecret(executor.id()).orElseThrow(), "a plain row is still read");
    assertTrue(kept(executor).startsWith("sealed:"), "and sealed by that");

    plant(executor, plain);
    database.close();
    open();
    assertTrue(kept(executor).startsWith("sealed:"), "plain rows are sealed when the store opens");
    assertEquals(plain, executors.sharedSecret(executor.id()).orElseThrow());

    Executor other = executors.create(named(executor.userId(), "VPS 2", 5));
    plant(other, kept(executor));
    assertEquals(503, assertThrows(Refusal.class, () -> executors.sharedSecret(other.id())).status(), "another row's seal");

    database.close();
    database = new Database(config(folder, url, "another master key of 32 characters"));
    executors = new ExecutorTable(database);
    assertEquals(503, assertThrows(Refusal.class, () -> executors.sharedSecret(executor.id())).status());
    assertTrue(database.unreadable(), "the health check says so");
  }

  private String kept(Executor executor) {
    return database.with(rows -> rows.first("SELECT shared_secret FROM executors WHERE id = ?", row -> row.getString(1), executor.id()))
        .orElseThrow();
  }

  private void plant(Executor executor, String text) {
    database.with(rows -> rows.change("UPDATE executors SET shared_secret = ? WHERE id = ?", text, executor.id()));
    Changes.of("executors").tell(executor.id());
  }

  @Test
  void whatTheOtherVersionOfTheRoomChangesIsSeenAtOnce() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    Database beside = new Database(config(folder, url));
    ExecutorTable newcomer = new ExecutorTable(beside);
    try {
      for (String hash : List.of("$2a$10$second", "$2a$10$third")) {
        assertEquals(executors.secretHash(executor.id()), newcomer.secretHash(executor.id()));
        newcomer.rotateSecret(executor.id(), hash, Optional.empty());
        assertEquals(hash, executors.secretHash(executor.id()).orElseThrow());
      }
      executors.delete(executor.id());
      assertTrue(newcomer.byKey(executor.apiKey()).isEmpty(), "deleted by the other one");
    } finally {
      newcomer.close();
      beside.close();
    }
  }

  @Test
  void nobodyKeepsWhatWasReadWhileItWasChanged() throws Exception {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    ExecutorService readers = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < 200; i++) {
        String hash = "$2a$10$hash" + i;
        List<Future<Optional<String>>> reads = new ArrayList<>();
        for (int r = 0; r < 4; r++) {
          reads.add(readers.submit(() -> executors.secretHash(executor.id())));
        }
        executors.rotateSecret(executor.id(), hash, Optional.empty());
        for (Future<Optional<String>> read : reads) {
          read.get();
        }
        assertEquals(hash, executors.secretHash(executor.id()).orElseThrow());
      }
    } finally {
      readers.shutdown();
    }
  }

  @Test
  void aRotatedSecretEndsAtOnceOrAfterItsOverlap() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    executors.rotateSecret(executor.id(), "$2a$10$second", Optional.of(Instant.now().plusSeconds(60)));
    assertEquals("$2a$10$second", executors.secretHash(executor.id()).orElseThrow());
    assertEquals("$2a$10$secret", executors.retiredSecretHash(executor.id()).orElseThrow());
    executors.rotateSecret(executor.id(), "$2a$10$third", Optional.of(Instant.now().minusMillis(5)));
    assertTrue(executors.retiredSecretHash(executor.id()).isEmpty(), "the overlap is over");
    executors.rotateSecret(executor.id(), "$2a$10$fourth", Optional.of(Instant.now().plusSeconds(60)));
    executors.rotateSecret(executor.id(), "$2a$10$fifth", Optional.empty());
    assertTrue(executors.retiredSecretHash(executor.id()).isEmpty(), "no overlap was wanted");
    executors.delete(executor.id());
    assertEquals(404, assertThrows(Refusal.class, () -> executors.rotateSecret(executor.id(), "h", Optional.empty())).status());
  }

  @Test
  void statusesMoveForwardOnly() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow row = command(executor, "OPEN_POSITION", Priority.NORMAL, null);
    assertEquals(Step.CHANGED, report(executor, row, "executing", null).step());
    assertEquals(Step.SAME, report(executor, row, "received", null).step());
    Map<String, Object> result = Map.of("ticket", 7, "price", 1.5);
    Reported done = report(executor, row, "executed", result);
    assertEquals(Step.CHANGED, done.step());
    assertTrue(done.row().executedAt().isPresent());
    assertEquals(Step.SAME, report(executor, row, "executed", result).step());
    assertEquals(Step.FINAL, report(executor, row, "executed", Map.of("ticket", 8)).step());
    assertEquals(Step.FINAL, report(executor, row, "failed", null).step());
    assertEquals(Step.SAME, report(executor, row, "executing", null).step());
    assertTrue(commands.report("another", row.id(), "executed", Optional.empty()).isEmpty());
  }

  @Test
  void ofTwoFactsAtOnceOneStands() throws Exception {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    var pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 25; round++) {
        CommandRow row = command(executor, "OPEN_POSITION", Priority.NORMAL, Instant.now().minusSeconds(1));
        List<Callable<Reported>> words = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          int ticket = i;
          words.add(() -> report(executor, row, ticket % 2 == 0 ? "executed" : "failed", Map.of("ticket", ticket)));
        }
        Future<List<CommandRow>> expiry = pool.submit(() -> commands.expire(Instant.now(), 10));
        List<Reported> changed = new ArrayList<>();
        for (Future<Reported> word : pool.invokeAll(words)) {
          if (word.get().step() == Step.CHANGED) {
            changed.add(word.get());
          }
        }
        expiry.get();
        assertEquals(1, changed.size(), () -> "changed by " + changed);
        assertEquals(changed.get(0).row(), commands.byId(row.id()).orElseThrow(), "what was answered is what is kept");
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void whatIsAnsweredIsWhatIsKept() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    Map<String, Object> parameters = Map.of("symbol", "EURUSD", "volume", 0.10, "ticket", 5_000_000_000L, "deep", Map.of("list", List.of(1, 2.50)));
    CommandRow made = commands.create(new NewCommand(
        executor.userId(), executor.id(), "OPEN_POSITION", parameters, Priority.HIGH, Optional.of(Instant.now().plusNanos(123_456_789)), Optional.empty()));
    assertEquals(commands.byId(made.id()).orElseThrow(), made);
    for (String word : List.of("received", "executing", "unknown", "executed")) {
      CommandRow told = report(executor, made, word, word.equals("executing") ? null : Map.of("word", word, "price", 1.0840)).row();
      assertEquals(commands.byId(made.id()).orElseThrow(), told, word);
    }
  }

  @Test
  void factsWinOverWishes() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow cancelled = command(executor, "OPEN_POSITION", Priority.NORMAL, null);
    commands.cancelPending(executor.id(), Set.of("OPEN_POSITION"));
    Reported late = report(executor, cancelled, "executed", Map.of("ticket", 1));
    assertEquals(Step.CHANGED, late.step());
    assertTrue(late.row().late());
    assertEquals("executed", late.row().status());

    CommandRow stale = command(executor, "OPEN_POSITION", Priority.NORMAL, Instant.now().minusSeconds(5));
    assertEquals(List.of(stale.id()), commands.expire(Instant.now(), 100).stream().map(CommandRow::id).toList());
    assertEquals("expired", commands.byId(stale.id()).orElseThrow().status());
    assertEquals("failed", report(executor, stale, "failed", null).row().status());

    CommandRow unknown = command(executor, "OPEN_POSITION", Priority.NORMAL, null);
    report(executor, unknown, "unknown", null);
    assertEquals(Step.CHANGED, report(executor, unknown, "executed", Map.of("ticket", 2)).step());
  }

  @Test
  void creationIsIdempotentByKey() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    NewCommand wanted = new NewCommand(executor.userId(), executor.id(), "GET_STATUS", Map.of(), Priority.NORMAL,
        Optional.empty(), Optional.of("click-1"));
    assertEquals(commands.create(wanted).id(), commands.create(wanted).id());
    assertEquals(Map.of(executor.id(), 1L), commands.counts(List.of(executor.id(), "nobody")));
  }

  @Test
  void aUsersCommandsComePageByPage() {
    Executor one = executors.create(named(ada().id(), "one", 5));
    Executor two = executors.create(named(one.userId(), "two", 5));
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(0, command(i % 2 == 0 ? one : two, "GET_STATUS", Priority.NORMAL, null).id());
    }
    List<String> seen = new ArrayList<>();
    Optional<String> before = Optional.empty();
    do {
      List<CommandRow> page = commands.find(new CommandRegister.Query(one.userId(), Optional.empty(), Optional.empty(), before, 2));
      page.forEach(row -> seen.add(row.id()));
      before = page.isEmpty() ? Optional.empty() : Optional.of(page.get(page.size() - 1).id());
    } while (before.isPresent());
    assertEquals(made.stream().sorted().toList(), seen.stream().sorted().toList());
    assertEquals(5, seen.size(), "nothing twice");
    assertEquals(3, commands.find(new CommandRegister.Query(one.userId(), Optional.of(one.id()), Optional.empty(), Optional.empty(), 9)).size());
    assertEquals(0, commands.find(new CommandRegister.Query("stranger", Optional.empty(), Optional.empty(), Optional.of(made.get(0)), 9)).size());
  }

  @Test
  void aCommandIsCancelledOnceAndNeverAfterItEnded() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow row = command(executor, "OPEN_POSITION", Priority.NORMAL, null);
    assertEquals(Step.CHANGED, commands.cancel(row.id()).orElseThrow().step());
    assertEquals(Step.SAME, commands.cancel(row.id()).orElseThrow().step());
    assertTrue(report(executor, row, "executed", null).row().late(), "facts win over wishes");
    assertEquals(Step.FINAL, commands.cancel(row.id()).orElseThrow().step());
    assertTrue(commands.cancel("nobody").isEmpty());
  }

  @Test
  void deletedExecutorsAreListedForWhoeverAsksForThem() {
    Executor gone = executors.create(named(ada().id(), "gone", 5));
    Executor there = executors.create(named(gone.userId(), "there", 5));
    executors.delete(gone.id());
    var ever = executors.everOfUser(gone.userId());
    assertEquals(2, ever.size());
    ever.forEach(e -> assertEquals(e.executor().id().equals(gone.id()), e.deletedAt().isPresent()));
    assertEquals(List.of(there.id()), executors.ofUser(gone.userId()).stream().map(Executor::id).toList());
  }

  @Test
  void whatWasAcknowledgedSurvivesKill() throws Exception {
    database.close();
    for (int round = 0; round < 3; round++) {
      writeAndDie(url, round, 1);
    }
    open();
  }

  /** A process writes so many rows and dies; each row that it spoke of must be there. */
  final void writeAndDie(String address, int round, int rows) throws Exception {
    Process child = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
            Crash.class.getName(), folder.toString(), address, "user" + round + "@example.com", String.valueOf(rows))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    List<String> said = new String(child.getInputStream().readAllBytes()).lines().toList();
    child.waitFor();
    List<String> acknowledged = said.subList(Math.max(0, said.size() - rows), said.size());
    assertTrue(acknowledged.size() == rows && acknowledged.get(0).startsWith("c"), "the child said: " + said);
    Database again = new Database(config(folder, address));
    try {
      UserTable users = new UserTable(again);
      assertEquals(List.of(), acknowledged.stream().filter(id -> users.byId(id).isEmpty()).toList(), "lost in round " + round);
    } finally {
      again.close();
    }
  }

  private static AuditTrail.Entry entry(String user, Object detail) {
    return new AuditTrail.Entry(AuditTrail.LOGIN, AuditTrail.SUCCESS, Optional.of(user), Optional.empty(), Optional.of("10.0.0.1"),
        Map.of("n", detail));
  }

  private void notes(int count) {
    AuditTable audit = new AuditTable(database);
    for (int i = 0; i < count; i++) {
      audit.note(entry(i % 2 == 0 ? "ada" : "bob", i));
    }
    audit.close();
  }

  private String verify() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);
    int code = new AuditCommand(database).apply(Map.of("args", List.of("verify"), "out", print, "err", print));
    return code + ": " + said.toString(StandardCharsets.UTF_8).trim();
  }

  private void spoil(String sql) {
    assertTrue(database.<Integer>with(rows -> rows.change(sql)) > 0, "nothing was spoiled by " + sql);
  }

  @Test
  void anUntouchedTrailIsWholeAndItsOwnerReadsIt() {
    assertEquals("0: The audit trail is whole: 0 records, the last is number 0.", verify());
    notes(1201);
    notes(1);
    assertEquals("0: The audit trail is whole: 1202 records, the last is number 1202.", verify());
    AuditTable audit = new AuditTable(database);
    List<AuditTrail.Kept> page = audit.ofUser("bob", Optional.empty(), 2);
    assertEquals(List.of(1200L, 1198L), page.stream().map(AuditTrail.Kept::number).toList());
    assertEquals(List.of(1196L), audit.ofUser("bob", Optional.of(1198L), 1).stream().map(AuditTrail.Kept::number).toList());
    assertEquals(entry("bob", 1199), page.get(0).entry());
    audit.close();
  }

  @Test
  void anEditedRecordIsFound() {
    for (String change : new String[] {"details = '{\"n\":8}'", "user_id = 'eve'", "result = 'refused'", "source = NULL",
        "at = at + INTERVAL '1' SECOND"}) {
      notes(9);
      long number = database.with(rows -> rows.first("SELECT MAX(number) FROM audit", row -> row.getLong(1))).orElseThrow() - 3;
      spoil("UPDATE audit SET " + change + " WHERE number = " + number);
      assertEquals("1: The audit trail was tampered with: record " + number + " was changed, or is not in its place.", verify());
      spoil("DELETE FROM audit");
      spoil("UPDATE audit_ends SET last_number = 0, last_hash = ''");
    }
  }

  @Test
  void aRemovedRecordIsFoundWhereverItWas() {
    notes(9);
    spoil("DELETE FROM audit WHERE number = 9");
    assertEquals("1: The audit trail was tampered with: records 9 to 9 are missing at the end.", verify());
    spoil("DELETE FROM audit WHERE number = 5");
    assertEquals("1: The audit trail was tampered with: record 5 is missing: after 4 comes 6.", verify());
    spoil("DELETE FROM audit WHERE number = 1");
    assertEquals("1: The audit trail was tampered with: record 1 is missing: after 0 comes 2.", verify());
    spoil("DELETE FROM audit_ends");
    assertTrue(verify().startsWith("1: The audit trail cannot be verified"), verify());
  }

  @Test
  void anEndThatWasTakenAwayWithAllTracesIsFound() throws Exception {
    notes(9);
    spoil("DELETE FROM audit WHERE number > 6");
    spoil("UPDATE audit_ends SET last_number = 6, last_hash = (SELECT hash FROM audit WHERE number = 6)");
    assertTrue(verify().startsWith("1: The audit trail was tampered with: the last record that this machine wrote is missing (if "), verify());
    // what comes after does not cover it up
    notes(3);
    assertTrue(verify().startsWith("1: The audit trail was tampered with: record 9 is not the one that this machine wrote (if "), verify());
    notes(3);
    assertTrue(verify().startsWith("1: The audit trail was tampered with: record 9 is not the one that this machine wrote (if "), verify());
    Files.delete(database.anchor().file());
    assertTrue(verify().startsWith("0:"), verify());
    notes(1);
    assertTrue(Files.exists(database.anchor().file()));
    assertTrue(verify().startsWith("0:"), verify());
  }

  @Test
  void movedRecordsAreFound() {
    notes(9);
    spoil("UPDATE audit SET number = 100 WHERE number = 4");
    spoil("UPDATE audit SET number = 4 WHERE number = 5");
    spoil("UPDATE audit SET number = 5 WHERE number = 100");
    assertEquals("1: The audit trail was tampered with: record 4 was changed, or is not in its place.", verify());
  }

  @Test
  void twoNodesWriteOneChain() throws Exception {
    Database second = secondNode();
    AuditTable here = new AuditTable(database);
    AuditTable there = new AuditTable(second);
    for (int i = 0; i < 300; i++) {
      here.note(entry("ada", i));
      there.note(entry("bob", i));
    }
    here.close();
    there.close();
    if (second != database) {
      second.close();
    }
    assertEquals("0: The audit trail is whole: 600 records, the last is number 600.", verify());
  }

  @Test
  void whatHappensAllTheTimeIsCounted() {
    AuditTable audit = new AuditTable(database);
    for (int i = 0; i < 5; i++) {
      audit.tally(entry("ada", "same"));
    }
    audit.tally(entry("ada", "other"));
    audit.close();
    List<AuditTrail.Kept> kept = audit.ofUser("ada", Optional.empty(), 10);
    assertEquals(List.of(Map.of("n", "same", "times", 4), Map.of("n", "other"), Map.of("n", "same")),
        kept.stream().map(record -> record.entry().details()).toList());
  }

  @Test
  void retentionTakesTheOldEndAndLeavesTheChainWhole() {
    notes(5);
    AuditChain chain = new AuditChain(database);
    assertEquals(0, chain.forget(Instant.now().minusSeconds(60), 100));
    assertEquals(3, chain.forget(Instant.now().plusSeconds(60), 3));
    assertEquals("0: The audit trail is whole: 2 records, the last is number 5.", verify());
    spoil("DELETE FROM audit WHERE number = 4");
    assertTrue(verify().startsWith("1:"), verify());
  }

  @Test
  void endedCommandsAreForgottenInTimeAndLivingOnesNever() {
    Executor executor = executors.create(named(ada().id(), "VPS", 5));
    CommandRow living = command(executor, "GET_STATUS", Priority.LOW, null);
    CommandRow old = command(executor, "GET_STATUS", Priority.LOW, null);
    CommandRow fresh = command(executor, "GET_STATUS", Priority.LOW, null);
    report(executor, old, "executed", null);
    report(executor, fresh, "executed", null);
    for (CommandRow row : List.of(living, old)) {
      database.with(rows -> rows.change("UPDATE commands SET created_at = ? WHERE id = ?", Instant.now().minus(Duration.ofDays(91)), row.id()));
    }
    Retention retention = new Retention(database, new Retention.Config() {
      @Override
      public int commandDays() {
        return 90;
      }

      @Override
      public int auditDays() {
        return 365;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Retention.Config.class;
      }
    });
    retention.round();
    retention.close();
    assertEquals(List.of(true, false, true), List.of(living, old, fresh).stream().map(row -> commands.byId(row.id()).isPresent()).toList());
  }

  @Test
  void aFullQueueIsCountedAndNobodyWaits() {
    Database away = new Database(config(folder.resolve("away"), "jdbc:postgresql://127.0.0.1:1/nothing"));
    AuditTable audit = new AuditTable(away, 2);
    long start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      audit.note(entry("ada", i));
    }
    assertTrue(System.nanoTime() - start < 2_000_000_000L, "noting waited for the database");
    assertTrue(audit.lost() >= 990, "lost: " + audit.lost());
    audit.close();
    away.close();
  }

  private Reported report(Executor executor, CommandRow row, String status, Map<String, Object> result) {
    return commands.report(executor.id(), row.id(), status, Optional.ofNullable(result)).orElseThrow();
  }
}
