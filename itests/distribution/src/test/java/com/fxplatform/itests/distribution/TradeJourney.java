package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Server, paper terminal and executor as three processes: from two fields to a closed position, through crashes. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TradeJourney {
  private Product product;
  private String platform;
  private int httpPort;
  private int serverDoor;
  private int page;
  private int executorDoor;
  private int terminal;
  private int zmq;
  private Browser owner;
  private Credentials executor;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    httpPort = product.freePort();
    serverDoor = product.freePort();
    page = product.freePort();
    executorDoor = product.freePort();
    terminal = product.freePort();
    zmq = product.freePort();
    platform = "http://127.0.0.1:" + httpPort;
    startServer();
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Journey");
    Path pasted = product.folder.resolve("InpSharedSecret");
    Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(pasted, executor.sharedSecret());
    product.start("paper", Map.of(), "fx.terminal.port=" + terminal, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.paper/secretFile=" + pasted);
    startExecutor();
  }

  private void startServer() throws Exception {
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + httpPort, "fx.admin.port=" + serverDoor, "com.fxplatform.provisioning.connection/heartbeatInterval=1");
  }

  private void startExecutor() throws Exception {
    product.start("executor", Map.of(), "fx.http.port=" + page, "fx.admin.port=" + executorDoor,
        "com.fxplatform.executor/override.zmqPort=" + zmq, "com.fxplatform.executor/override.zmqCommandPort=" + terminal);
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private Said setup(String secret, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("setup"));
    all.addAll(List.of(arguments));
    all.add("--api-secret-stdin");
    return product.fx("executor", Map.of("FX_PLATFORM_URL", platform), secret + "\n", all.toArray(String[]::new));
  }

  private void ready() throws Exception {
    Said said = product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "30");
    assertEquals(0, said.code(), said.text() + "\n" + product.log("executor"));
  }

  @Test
  @Order(1)
  void setupRefusesInOneSentenceAndWritesNothing() throws Exception {
    Path settings = product.instance("executor").resolve("config/com.fxplatform.executor.cfg");
    String unknown = "exe_" + "0".repeat(32);
    String[][] wrong = {
        {"0".repeat(64), "--api-key", executor.apiKey()},
        {executor.secret(), "--api-key", unknown},
        {executor.secret(), "--api-key", "sk_wrong"},
        {executor.secret(), "--api-key", executor.apiKey(), "--platform-url", "http://127.0.0.1:1"},
        {executor.secret(), "--api-key", executor.apiKey(), "--platform-url", "http://127.0.0.1:" + page},
        {executor.secret(), "--api-key", executor.apiKey(), "--platform-url", "http://fx.example.com"},
    };
    for (String[] call : wrong) {
      Said said = setup(call[0], Stream.of(call).skip(1).toArray(String[]::new));
      assertEquals(1, said.code(), said.text());
      assertEquals(1, said.text().lines().count(), "one sentence: " + said.text());
      assertFalse(said.text().contains(executor.secret()));
      assertFalse(Files.exists(settings), "nothing is written: " + said.text());
    }
  }

  @Test
  @Order(2)
  void twoFieldsAndReady() throws Exception {
    Said said = setup(executor.secret(), "--api-key", executor.apiKey());
    assertEquals(0, said.code(), said.text());
    assertTrue(said.text().matches("(?s).*\\d+ settings.*"), said.text());
    Path settings = product.instance("executor").resolve("config/com.fxplatform.executor.cfg");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)));
    assertFalse(Files.readString(settings).contains(executor.secret()));
    ready();
    Await.until("the executor acknowledges its configuration", Duration.ofSeconds(30), () ->
        "applied".equals(owner.get("/api/executor/" + executor.id()).json().path("executor").path("configState").asText()));
  }

  @Test
  @Order(3)
  void anOrderIsFilledAndClosed() throws Exception {
    JsonNode opened = run("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
    assertEquals("executed", opened.path("status").asText(), opened.toString());
    long ticket = opened.path("result").path("ticket").asLong();
    assertTrue(ticket > 0, opened.toString());
    assertEquals("executed", run("GET_STATUS", Map.of()).path("status").asText());
    assertEquals("executed", run("CLOSE_POSITION", Map.of("ticket", ticket)).path("status").asText());
    JsonNode nonsense = run("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "SIDEWAYS", "volume", 0.01));
    assertEquals("failed", nonsense.path("status").asText());
    assertFalse(nonsense.path("result").path("error").asText().isEmpty());
    assertEquals(1, trades("OPEN"), "one order, one execution");
  }

  @Test
  @Order(4)
  void theSameClickIsTheSameCommand() throws Exception {
    String path = "/api/executor/" + executor.id() + "/command";
    Map<String, Object> order = Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "type", "SELL", "volume", 0.02));
    long before = trades("OPEN");
    String first = owner.send("POST", path, order, "Idempotency-Key", "click-1").json().path("command").path("id").asText();
    String second = owner.send("POST", path, order, "Idempotency-Key", "click-1").json().path("command").path("id").asText();
    assertEquals(first, second);
    end(first);
    assertEquals(before + 1, trades("OPEN"));
  }

  @Test
  @Order(5)
  void anExecutorStartsWithoutItsServerAndFindsItAgain() throws Exception {
    product.kill("server");
    product.stop("executor");
    startExecutor();
    String log = "The last configuration that worked is in force";
    Await.until("the executor runs on its last configuration", Duration.ofSeconds(20), () ->
        Files.exists(product.instance("executor").resolve("data/provisioned")) && terminalAnswers());
    startServer();
    ready();
    assertEquals("executed", run("GET_STATUS", Map.of()).path("status").asText(), log);
  }

  private boolean terminalAnswers() throws Exception {
    return new Browser("http://127.0.0.1:" + page).get("/api/local/status").http().body().contains("READY");
  }

  @Test
  @Order(6)
  void anAcknowledgedCommandSurvivesTheServersDeath() throws Exception {
    product.stop("executor");
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", "GET_STATUS"));
    assertEquals(201, sent.status());
    product.kill("server");
    startServer();
    startExecutor();
    assertEquals("executed", end(sent.json().path("command").path("id").asText()).path("status").asText());
  }

  @Test
  @Order(7)
  void aKilledExecutorDoesNotTradeTwice() throws Exception {
    long before = trades("OPEN");
    for (int round = 0; round < 3; round++) {
      Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command",
          Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01)));
      product.kill("executor");
      startExecutor();
      JsonNode row = end(sent.json().path("command").path("id").asText());
      assertTrue(List.of("executed", "unknown", "expired", "failed").contains(row.path("status").asText()), row.toString());
    }
    assertTrue(trades("OPEN") <= before + 3, "three orders, at most three executions");
  }

  @Test
  @Order(8)
  void noSecretIsAnywhereItDoesNotBelong() throws Exception {
    List<String> secrets = List.of(executor.secret(), executor.sharedSecret(), Product.PASSWORD,
        Files.readString(product.instance("server").resolve("data/session.secret")).strip());
    for (String runtime : List.of("server", "executor", "paper")) {
      String arguments = Files.readString(Path.of("/proc/" + product.process(runtime).pid() + "/cmdline"));
      for (String secret : secrets) {
        assertFalse(arguments.contains(secret), "a secret in the arguments of " + runtime);
      }
      try (Stream<Path> logs = Files.walk(product.instance(runtime).resolve("data/logs"))) {
        for (Path log : logs.filter(Files::isRegularFile).toList()) {
          String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
          for (String secret : secrets) {
            assertFalse(text.contains(secret), "a secret in " + log.getFileName());
          }
        }
      }
    }
    String settings = product.fx("executor", Map.of(), "", "config", "executor").text();
    for (String secret : secrets) {
      assertFalse(settings.contains(secret), "fx config shows a secret");
    }
    Answer local = new Browser("http://127.0.0.1:" + page).get("/api/local/status");
    for (String secret : secrets) {
      assertFalse(local.http().body().contains(secret), "the local page shows a secret");
    }
  }

  private JsonNode run(String command, Map<String, ?> parameters) throws Exception {
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", command, "parameters", parameters));
    assertEquals(201, sent.status(), sent.http().body());
    return end(sent.json().path("command").path("id").asText());
  }

  private JsonNode end(String command) throws Exception {
    JsonNode[] row = new JsonNode[1];
    Await.until("command " + command + " ends", Duration.ofSeconds(60), () -> {
      row[0] = owner.get("/api/command/" + command).json().path("command");
      return List.of("executed", "failed", "unknown", "expired", "cancelled").contains(row[0].path("status").asText());
    });
    return row[0];
  }

  /** How often the terminal's own trade log says so: it is the referee. */
  private long trades(String action) throws Exception {
    long count = 0;
    try (Stream<Path> files = Files.walk(product.instance("paper").resolve("data/paper"))) {
      for (Path file : files.filter(path -> path.getFileName().toString().contains("trade")).filter(Files::isRegularFile).toList()) {
        count += Files.readAllLines(file).stream().filter(line -> line.contains(action)).count();
      }
    }
    return count;
  }
}
