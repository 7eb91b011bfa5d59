package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kill -9} as soon as a deployment has reached a state: the next start serves, and exactly one version speaks. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledDeploymentJourney {
  private static final Path TEMPLATE =
      Path.of(System.getProperty("fx.repository"), "bundles/plugin-template/target/com.acme.maxspread-1.0.0.jar");

  private Product product;
  private String platform;
  private int port;
  private Credentials executor;
  private Path jars;
  private int version;

  @BeforeAll
  void build() throws Exception {
    product = new Product();
    port = product.freePort();
    platform = "http://127.0.0.1:" + port;
    jars = Files.createDirectories(product.folder.resolve("jars"));
    start();
    executor = Credentials.create(new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD), "Survivor");
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private void start() throws Exception {
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + port, "fx.admin.port=" + product.freePort(), "com.fxplatform.deploy/probation=2");
  }

  private List<JsonNode> ledger() throws IOException {
    Path file = product.instance("server").resolve("data/deploy/ledger.jsonl");
    return Files.exists(file) ? Files.readAllLines(file).stream().filter(line -> line.endsWith("}")).map(Json::read).toList() : List.of();
  }

  private boolean reached(String state, String version) throws IOException {
    return ledger().stream().anyMatch(line -> line.path("state").asText().equals(state) && line.path("version").asText().equals(version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RECEIVED", "RESOLVED", "TRIAL", "PROMOTED", "PROBATION", "SETTLED"})
  void theNextStartServes(String state) throws Exception {
    if (version == 0) {
      // somebody to take over from
      drop();
      Await.until("the first settles", Duration.ofSeconds(40), () -> reached("SETTLED", "1.0.1"));
    }
    String next = drop();
    Await.until(state, Duration.ofSeconds(40), () -> reached(state, next));
    product.kill("server");
    start();
    Await.until("it settles after all", Duration.ofSeconds(60), () -> reached("SETTLED", next));
    JsonNode config = new Browser(platform).get("/api/executor/config", executor.headers()).json();
    assertTrue(config.toString().contains("\"acme.maxspread@" + next + "\"") || config.toString().contains("com.acme.maxspread@" + next),
        config.toString());
    Await.until("one version is left", Duration.ofSeconds(30), () -> {
      String status = product.fx("server", Map.of(), "", "deployments").text();
      return status.contains("com.acme.maxspread " + next + "  SETTLED");
    });
    List<JsonNode> settled = ledger().stream().filter(line -> line.path("version").asText().equals(next)
        && line.path("state").asText().equals("REJECTED")).toList();
    assertEquals(List.of(), settled, "a kill is no fault of the jar");
  }

  private String drop() throws Exception {
    String next = "1.0." + ++version;
    Path jar = Jars.rebuilt(TEMPLATE, next, jars);
    Path half = product.instance("server").resolve("deploy").resolve(jar.getFileName() + ".part");
    Files.copy(jar, half);
    Files.move(half, half.resolveSibling(jar.getFileName()));
    return next;
  }
}
