package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Evidence.Trade;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

/**
 * Protocol 2 on the built product, encrypted by CURVE, signed with the secret that the platform gave: orders from the web
 * API to a terminal that dies again and again, each done once.
 */
@Tag("slow")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RobustJourney {
  private final Map<String, String> sent = new LinkedHashMap<>();
  private Product product;
  private int bridge;
  private int paperDoor;
  private Path pasted;
  private String publicKey;
  private Browser owner;
  private Credentials executor;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int http = product.freePort();
    bridge = product.threeFreePorts();
    paperDoor = product.freePort();
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + http, "fx.admin.port=" + product.freePort(), "com.fxplatform.provisioning.connection/heartbeatInterval=1",
        "com.fxplatform.provisioning.safety/maxSpread=60", "com.fxplatform.provisioning.safety/maxPriceAge=60");
    owner = new Browser("http://127.0.0.1:" + http).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Robust");
    pasted = product.folder.resolve("InpSharedSecret");
    Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(pasted, executor.sharedSecret());
    publicKey = curveKey("executor");
    String terminalKey = curveKey("paper");
    settings("executor", "com.fxplatform.zmq", "zmqProtocol=robust\nzmqRobustPort=" + bridge + "\ncurvePublicKey=" + publicKey
        + "\n.curveSecretKey=$[secret:zmq-curve]\ncurveTerminals=" + terminalKey + "\n");
    settings("paper", "com.fxplatform.paper", "curveServerKey=" + publicKey + "\ncurvePublicKey=" + terminalKey
        + "\n.curveSecretKey=$[secret:zmq-curve]\n");
    product.start("executor", Map.of(), "fx.http.port=" + product.freePort(), "fx.admin.port=" + product.freePort(),
        "com.fxplatform.executor/override.zmqPort=0");
    product.fx("executor", Map.of("FX_PLATFORM_URL", owner.platform), executor.secret() + "\n",
        "setup", "--api-key", executor.apiKey(), "--api-secret-stdin").well();
    startTerminal();
    product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "30").well();
  }

  private String curveKey(String instance) throws Exception {
    Product.Said said = product.fx(instance, Map.of(), "", "curve-keys");
    said.well();
    return said.text().lines().filter(line -> line.startsWith("The public key is ")).map(line -> line.substring("The public key is ".length()))
        .findFirst().orElseThrow(() -> new AssertionError(said.text()));
  }

  private void settings(String instance, String pid, String lines) throws Exception {
    Path folder = Files.createDirectories(product.instance(instance).resolve("config"));
    Files.writeString(folder.resolve(pid + ".cfg"), lines);
  }

  /** It speaks protocol 2 and nothing else. */
  private void startTerminal(String... more) throws Exception {
    List<String> sets = new ArrayList<>(List.of("fx.admin.port=" + paperDoor, "com.fxplatform.paper/secretFile=" + pasted,
        "com.fxplatform.paper/compat=false", "com.fxplatform.paper/executor=tcp://127.0.0.1:" + bridge));
    sets.addAll(List.of(more));
    product.start("paper", Map.of(), sets.toArray(String[]::new));
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  @Test
  @Order(1)
  void theTerminalIsThereEncryptedAndSigned() throws Exception {
    JsonNode status = run("GET_STATUS", Map.of());
    assertEquals("executed", status.path("status").asText(), status.toString());
    assertEquals("READY", status.path("result").path("data").path("terminal").asText(), status.toString());
    String log = product.log("executor");
    assertTrue(log.contains("port=" + bridge + " emergencyPort=" + (bridge + 1) + " curve=true"), log);
    assertFalse(log.contains(executor.sharedSecret()), "the secret is in the log");
  }

  @Test
  @Order(2)
  void anOrderIsFilledAndClosed() throws Exception {
    String ticket = open("EURUSD");
    JsonNode closed = run("CLOSE_POSITION", Map.of("ticket", ticket));
    assertEquals("executed", closed.path("status").asText(), closed.toString());
    assertEquals(List.of("OPEN", "CLOSE"), trades().stream().filter(trade -> trade.ticket().equals(ticket)).map(Trade::kind).toList());
  }

  @Test
  @Order(3)
  void aCloseFindsTheTerminalAfterItsDeath() throws Exception {
    String ticket = open("GBPUSD");
    product.kill("paper");
    String close = send("CLOSE_POSITION", Map.of("ticket", ticket));
    startTerminal();
    ends(close, "executed");
    assertEquals(1, trades().stream().filter(trade -> trade.kind().equals("CLOSE") && trade.ticket().equals(ticket)).count());
    assertEquals("executed", run("GET_STATUS", Map.of()).path("status").asText());
  }

  @Test
  @Order(4)
  void anOrderWhoseTerminalDiedBeforeItAnsweredIsAskedForAndSettled() throws Exception {
    restartTerminal("com.fxplatform.paper/faults=crash#1", "com.fxplatform.paper/faultCommands=OPEN_POSITION");
    ProcessHandle doomed = product.process("paper");
    String order = send("OPEN_POSITION", Map.of("symbol", "USDJPY", "type", "SELL", "volume", 0.02));
    Await.until("the terminal dies between the trade and the answer", Duration.ofSeconds(30), () -> !doomed.isAlive());
    assertEquals(1, opened(order), "it had executed");
    startTerminal();
    JsonNode row = ends(order, "executed");
    assertEquals(1, opened(order), "and did not do it again");
    assertEquals("executed", run("CLOSE_POSITION", Map.of("ticket", row.path("result").path("ticket").asText())).path("status").asText());
  }

  @Test
  @Order(5)
  void anOrderWhoseTerminalDiedBeforeItActedIsDoneOnceOrNever() throws Exception {
    restartTerminal("com.fxplatform.paper/faults=crash-before#1", "com.fxplatform.paper/faultCommands=OPEN_POSITION");
    ProcessHandle doomed = product.process("paper");
    String order = send("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.03));
    Await.until("the terminal dies before the trade", Duration.ofSeconds(30), () -> !doomed.isAlive());
    startTerminal();
    Await.until("the order is settled", Duration.ofSeconds(60), () -> List.of("executed", "failed", "expired").contains(row(order).path("status").asText()));
    assertEquals("executed".equals(row(order).path("status").asText()) ? 1 : 0, opened(order), row(order).toString());
  }

  @Test
  @Order(6)
  void whatTheTerminalStreamsHoldsOrdersBack() throws Exception {
    assertTrue(product.log("paper").contains("A price is streamed. symbol=EURUSD"), product.log("paper"));
    restartTerminal("com.fxplatform.paper/spread=80");
    Await.until("the terminal is back", Duration.ofSeconds(30),
        () -> "READY".equals(run("GET_STATUS", Map.of()).path("result").path("data").path("terminal").asText()));
    JsonNode wide = run("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
    assertEquals("failed", wide.path("status").asText(), wide.toString());
    assertEquals("max-spread: the spread is 80 points; 60 is the limit.", wide.path("result").path("error").asText());
  }

  @Test
  @Order(7)
  void serverJournalAndTradeLogAgreeLineByLine() throws Exception {
    product.stop("executor");
    Map<String, List<String>> wrong = Evidence.compare(sent, Evidence.rows(owner, executor.id()),
        Evidence.journal(product.instance("executor").resolve("data/journal/commands.mv")), trades());
    assertTrue(wrong.values().stream().allMatch(List::isEmpty), wrong.toString());
  }

  private void restartTerminal(String... more) throws Exception {
    product.kill("paper");
    startTerminal(more);
  }

  private String open(String symbol) throws Exception {
    JsonNode row = run("OPEN_POSITION", Map.of("symbol", symbol, "type", "BUY", "volume", 0.01));
    assertEquals("executed", row.path("status").asText(), row.toString());
    assertEquals(1, opened(row.path("id").asText()));
    return row.path("result").path("ticket").asText();
  }

  private List<Trade> trades() throws Exception {
    return Evidence.trades(product.instance("paper").resolve("data/paper/trades.log"));
  }

  /** How often the terminal opened a position for a command. */
  private long opened(String command) throws Exception {
    return trades().stream().filter(trade -> trade.kind().equals("OPEN") && trade.comment().equals(Evidence.tag(command))).count();
  }

  private String send(String command, Map<String, Object> parameters) throws Exception {
    Answer answer = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", command, "parameters", parameters));
    assertEquals(201, answer.status(), answer.http().body());
    String id = answer.json().path("command").path("id").asText();
    sent.put("click-" + sent.size(), id);
    return id;
  }

  private JsonNode row(String command) throws Exception {
    return owner.get("/api/command/" + command).json().path("command");
  }

  private JsonNode ends(String command, String status) throws Exception {
    Await.until("command " + command + " is " + status, Duration.ofSeconds(60), () -> status.equals(row(command).path("status").asText()));
    return row(command);
  }

  private JsonNode run(String command, Map<String, Object> parameters) throws Exception {
    String id = send(command, parameters);
    Await.until(command + " ends", Duration.ofSeconds(60),
        () -> List.of("executed", "failed", "expired", "cancelled").contains(row(id).path("status").asText()));
    return row(id);
  }
}
