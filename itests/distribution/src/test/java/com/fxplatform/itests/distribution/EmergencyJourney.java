package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** From the former executor's files to an emergency stop that survives the death of executor and terminal. */
@Tag("slow")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EmergencyJourney {
  private Product product;
  private String platform;
  private int page;
  private int executorDoor;
  private int terminal;
  private int zmq;
  private Path pasted;
  private Browser owner;
  private Credentials executor;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int http = product.freePort();
    page = product.freePort();
    executorDoor = product.freePort();
    terminal = product.freePort();
    zmq = product.freePort();
    platform = "http://127.0.0.1:" + http;
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + http, "fx.admin.port=" + product.freePort(), "com.fxplatform.provisioning.connection/heartbeatInterval=1",
        "com.fxplatform.provisioning.safety/maxLot=0.5");
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Emergency");
    pasted = product.folder.resolve("InpSharedSecret");
    Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(pasted, executor.sharedSecret());
    startTerminal();
  }

  private void startTerminal() throws Exception {
    product.start("paper", Map.of(), "fx.terminal.port=" + terminal, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.paper/secretFile=" + pasted);
  }

  private void startExecutor() throws Exception {
    product.start("executor", Map.of(), "fx.http.port=" + page, "fx.admin.port=" + executorDoor);
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private Said fx(String... arguments) throws Exception {
    return product.fx("executor", Map.of(), "", arguments);
  }

  @Test
  @Order(1)
  void theFormerExecutorsFilesAreTakenOver() throws Exception {
    Path former = Files.createDirectories(product.folder.resolve("AppData/fx-platform-executor"));
    Files.writeString(former.resolve("fx-executor-config.json"),
        "{\"isFirstRun\":false,\"config\":{\"executorId\":\"" + executor.id() + "\",\"apiKey\":\"" + executor.apiKey() + "\",\"apiSecret\":\""
            + executor.secret() + "\",\"sharedSecret\":\"" + executor.sharedSecret() + "\",\"platformUrl\":\"" + platform + "\",\"zmqPort\":5555}}");
    Said said = product.fx("executor", Map.of("APPDATA", product.folder.resolve("AppData").toString()), "", "import-config");
    assertEquals(0, said.code(), said.text());
    assertFalse(said.text().contains(executor.secret()), said.text());
    Path settings = product.instance("executor").resolve("config/com.fxplatform.executor.cfg");
    Files.writeString(settings, Files.readString(settings) + "override.zmqPort=" + zmq + "\noverride.zmqCommandPort=" + terminal + "\n");
    try (var files = Files.walk(product.instance("executor"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).contains(executor.secret()), "in clear in " + file);
      }
    }
  }

  @Test
  @Order(2)
  void everyLinkIsMeasuredStoppedAndRunning() throws Exception {
    Said stopped = fx("diagnose");
    assertEquals(0, stopped.code(), stopped.text());
    startExecutor();
    ready();
    Said running = fx("diagnose");
    assertEquals(0, running.code(), running.text());
    for (Said said : List.of(stopped, running)) {
      for (String link : List.of("DNS", "Connection", "Credentials", "Clock", "Realtime", "Terminal", "Token")) {
        assertTrue(said.text().matches("(?s).*\\bok +" + link + " .*"), link + " in " + said.text());
      }
    }
    assertTrue(running.text().contains("measures itself"), running.text());
  }

  @Test
  @Order(3)
  void aLimitOfThePlatformVetoesByName() throws Exception {
    JsonNode row = end(open("0.6"));
    assertEquals("failed", row.path("status").asText());
    assertTrue(row.path("result").path("error").asText().startsWith("max-lot: "), row.toString());
  }

  @Test
  @Order(4)
  void anEmergencyStopSurvivesTheDeathOfTerminalAndExecutor() throws Exception {
    String ticket = end(open("0.1")).path("result").path("ticket").asText();
    product.kill("paper");
    Answer stopped = owner.send("POST", "/api/executor/emergency-stop", Map.of("reason", "journey"));
    assertEquals(200, stopped.status(), stopped.http().body());
    String command = stopped.json().path("commands").get(0).path("id").asText();
    Await.until("trading is halted", Duration.ofSeconds(20), () -> local().path("halted").asBoolean());
    product.kill("executor");
    startExecutor();
    assertFalse(local().path("emergencyStop").path("flat").asBoolean(), "nobody proved it yet");
    startTerminal();
    Await.until("the terminal is proven flat", Duration.ofSeconds(60), () -> local().path("emergencyStop").path("flat").asBoolean());
    Await.until("the command is settled by the proof", Duration.ofSeconds(60), () -> "executed".equals(row(command).path("status").asText()));
    assertEquals("closed", row(command).path("result").path("data").path("positions").path(ticket).asText(), row(command).toString());
    assertTrue(end(open("0.1")).path("result").path("error").asText().contains("halted"));
  }

  @Test
  @Order(5)
  void fxPressesTheRedButtonAndResumes() throws Exception {
    assertEquals(0, fx("resume").code());
    String ticket = end(open("0.1")).path("result").path("ticket").asText();
    assertFalse(ticket.isEmpty());
    Said stop = fx("emergency-stop", "--reason", "drill");
    assertEquals(0, stop.code(), stop.text());
    assertTrue(stop.text().contains(ticket + ": closed"), stop.text());
    Await.until("the owner sees that it was stopped at its machine", Duration.ofSeconds(20), () -> owned().path("flat").asBoolean());
    assertEquals("halted", owned().path("tradingState").asText());
    assertEquals("drill", owned().path("tradingReason").asText());
    // the trail is written a moment after what it tells of
    Await.until("what the owner reads of it", Duration.ofSeconds(20),
        () -> audited("EXECUTOR_TRADING_HALTED").path("details").path("reason").asText().equals("drill"));
    Answer foreign = new Browser("http://127.0.0.1:" + page).send("POST", "/api/local/resume", Map.of());
    assertEquals(403, foreign.status(), "only the executor's own page has the token");
    assertEquals(0, fx("resume").code());
    assertFalse(local().path("halted").asBoolean());
    Await.until("the owner sees that it trades again", Duration.ofSeconds(20), () -> "active".equals(owned().path("tradingState").asText()));
    assertTrue(owned().path("tradingReason").isNull() && owned().path("flat").isNull(), owned().toString());
  }

  private JsonNode owned() throws Exception {
    return owner.get("/api/executor/" + executor.id()).json().path("executor");
  }

  /** The latest record of an action. */
  private JsonNode audited(String action) throws Exception {
    JsonNode records = owner.get("/api/audit?limit=50").json().path("records");
    for (JsonNode record : records) {
      if (record.path("action").asText().equals(action)) {
        return record;
      }
    }
    throw new AssertionError("no " + action + " in " + records);
  }

  private JsonNode local() throws Exception {
    return new Browser("http://127.0.0.1:" + page).get("/api/local/commands").json();
  }

  private void ready() throws Exception {
    Said said = fx("status", "executor", "--wait-ready", "30");
    assertEquals(0, said.code(), said.text() + "\n" + product.log("executor"));
  }

  private String open(String volume) throws Exception {
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command",
        Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "type", "BUY", "volume", new java.math.BigDecimal(volume))));
    assertEquals(201, sent.status(), sent.http().body());
    return sent.json().path("command").path("id").asText();
  }

  private JsonNode row(String command) throws Exception {
    return owner.get("/api/command/" + command).json().path("command");
  }

  private JsonNode end(String command) throws Exception {
    Await.until("command " + command + " ends", Duration.ofSeconds(60),
        () -> List.of("executed", "failed", "unknown", "expired", "cancelled").contains(row(command).path("status").asText()));
    return row(command);
  }
}
