package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kill -9} of the server while a plugin is on its way: it starts and serves, one version speaks, the ledger is right. */
@Tag("slow")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledSwapJourney {
  private Product product;
  private int http;
  private int back;
  private Browser somebody;
  private Credentials executor;
  private Path deploy;
  private Path rebuilt;
  private Path gates;
  private LedgerFile ledger;
  private int serial;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    http = product.freePort();
    back = product.freePort();
    rebuilt = Files.createDirectories(product.folder.resolve("rebuilt"));
    gates = Files.createDirectories(product.folder.resolve("gates"));
    startServer();
    somebody = new Browser("http://127.0.0.1:" + http);
    executor = Credentials.create(new Browser(somebody.platform).signIn(Product.EMAIL, Product.PASSWORD), "Survivor");
    deploy = product.instance("server").resolve("deploy");
    ledger = new LedgerFile(product.instance("server"));
    settles(drop());
  }

  private void startServer() throws Exception {
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD), "fx.http.port=" + http,
        "fx.admin.port=" + back, "com.fxplatform.deploy/probation=2", "com.fxplatform.deploy/patience=3",
        "com.fxplatform.deploy/pollMillis=50");
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  /** The next version, with gates at which it stops as long as they are there. */
  private String drop() throws Exception {
    String version = "1.0." + ++serial;
    Path jar = Newcomer.plugin("says-" + version).behaves("gate.activate", gates.resolve("activate").toString())
        .behaves("gate.health", gates.resolve("health").toString()).behaves("gate.deactivate", gates.resolve("deactivate").toString())
        .write(version, rebuilt);
    Files.move(jar, deploy.resolve(jar.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    return version;
  }

  private void settles(String version) throws Exception {
    Await.until(version + " settles", Duration.ofSeconds(40), () -> {
      String state = ledger.state(Newcomer.PLUGIN, version);
      assertTrue(!state.equals("REJECTED"), () -> "rejected: " + why(version));
      return state.equals("SETTLED");
    });
  }

  private String why(String version) {
    try {
      return ledger.of(Newcomer.PLUGIN, version).toString();
    } catch (java.io.IOException unreadable) {
      return unreadable.toString();
    }
  }

  private String says() throws Exception {
    Answer answer = somebody.get("/api/executor/config", executor.headers());
    assertEquals(200, answer.status(), answer.http().body());
    JsonNode value = answer.json().findValue("guest.value");
    return value == null ? "" : value.asText();
  }

  /** The versions that stand in the running server. */
  private List<String> standing() throws Exception {
    String token = Files.readString(product.instance("server").resolve("data/admin.token"));
    JsonNode status = new Browser("http://127.0.0.1:" + back).get("/status", "Authorization", "Bearer " + token).json();
    List<String> versions = new ArrayList<>();
    status.path("bundles").forEach(bundle -> {
      if (bundle.path("name").asText().equals(Newcomer.PLUGIN)) {
        versions.add(bundle.path("version").asText());
      }
    });
    return versions;
  }

  @ParameterizedTest
  @ValueSource(strings = {"RECEIVED", "RESOLVED", "TRIAL", "PROMOTED", "PROBATION", "SETTLED"})
  void itStartsAndServes(String state) throws Exception {
    String before = "1.0." + serial;
    assertEquals("says-" + before, says());
    // where a deployment would be through a state at once, somebody in it waits for a file to go
    Path gate = gates.resolve(switch (state) {
      case "RECEIVED", "RESOLVED" -> "health";
      case "TRIAL" -> "activate";
      case "PROMOTED" -> "deactivate";
      default -> "none";
    });
    Files.createFile(gate);
    String version = drop();
    Await.until(version + " is " + state, Duration.ofSeconds(30), () -> ledger.state(Newcomer.PLUGIN, version).equals(state));
    product.kill("server");
    Files.delete(gate);
    assertEquals(state, ledger.state(Newcomer.PLUGIN, version), () -> "it went on before it was killed: " + why(version));
    int lines = ledger.of(Newcomer.PLUGIN, version).size();
    startServer();
    assertTrue(List.of("says-" + before, "says-" + version).contains(says()));
    settles(version);
    Await.until("one version stands", Duration.ofSeconds(20), () -> standing().equals(List.of(version)));
    assertEquals("says-" + version, says());
    List<LedgerFile.Line> told = ledger.of(Newcomer.PLUGIN, version);
    if (state.equals("SETTLED")) {
      assertEquals(lines, told.size(), () -> "what had settled is not tried again: " + why(version));
    } else {
      assertEquals("RECEIVED", told.get(lines).state(), () -> "what had not settled begins again: " + why(version));
    }
    assertEquals(1, told.stream().filter(line -> line.state().equals("SETTLED")).count(), () -> why(version));
    assertEquals(version, ledger.lines().get(ledger.lines().size() - 1).version());
  }
}
