package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Every room of the house is renewed while people live in it. */
@Tag("slow")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RoomSwapJourney {
  private Product product;
  private String platform;
  private Browser owner;
  private Credentials executor;
  private Path rebuilt;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    rebuilt = Files.createDirectories(product.folder.resolve("rebuilt"));
    int port = product.freePort();
    platform = "http://127.0.0.1:" + port;
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + port, "fx.admin.port=" + product.freePort(), "com.fxplatform.deploy/probation=1",
        "com.fxplatform.ratelimit/limits=config=1000000/60,auth=1000000/60,heartbeat=1000000/60,validate=1000000/60,session=1000000/60");
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Swapped");
    int terminal = product.freePort();
    product.start("practice", Map.of("FX_PLATFORM_URL", platform), "fx.http.port=" + product.freePort(),
        "fx.admin.port=" + product.freePort(), "fx.terminal.port=" + terminal,
        "com.fxplatform.executor/override.zmqPort=" + product.freePort(), "com.fxplatform.deploy/probation=1");
    Said set = product.fx("practice", Map.of("FX_PLATFORM_URL", platform), executor.secret() + "\n", "setup", "--api-key",
        executor.apiKey(), "--api-secret-stdin");
    set.well();
    Said ready = product.fx("practice", Map.of(), "", "status", "practice", "--wait-ready", "40");
    assertEquals(0, ready.code(), ready.text() + "\n" + product.log("practice"));
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private void renew(String instance, String room) throws Exception {
    Path jar = Jars.rebuilt(Jars.of(product.tree(), room), "0.1.1", rebuilt);
    Said said = product.fx(instance, Map.of(), "", "deploy", jar.toString());
    assertEquals(0, said.code(), room + ": " + said.text() + "\n" + product.log(instance));
    assertTrue(said.text().endsWith("SETTLED"), said.text());
  }

  /** What an executor and its owner do all day; empty if it went well. */
  private String day(Browser somebody) throws Exception {
    Answer config = somebody.get("/api/executor/config", executor.headers());
    Answer auth = somebody.form("/api/pusher/auth",
        Map.of("socket_id", "1.2", "channel_name", "private-executor-" + executor.id()), executor.headers());
    Answer list = owner.get("/api/executor");
    for (Answer answer : List.of(config, auth, list)) {
      if (answer.status() != 200) {
        return answer.http().request().uri().getPath() + " " + answer.status() + " " + answer.http().body();
      }
    }
    return "";
  }

  @Test
  @Order(1)
  void everyRoomOfTheServerIsRenewedUnderLoad() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong calls = new AtomicLong();
    List<String> wrong = new CopyOnWriteArrayList<>();
    ExecutorService callers = Executors.newFixedThreadPool(3);
    for (int i = 0; i < 3; i++) {
      Browser somebody = new Browser(platform);
      callers.execute(() -> {
        while (!stop.get()) {
          String said = quiet(() -> day(somebody));
          if (!said.isEmpty()) {
            wrong.add(said);
          }
          calls.addAndGet(3);
        }
      });
    }
    try {
      for (String room : List.of("ratelimit", "credentials", "provisioning", "provisioning.standard", "sessions", "commands", "store",
          "pusher", "gateway")) {
        long before = calls.get();
        renew("server", "com.fxplatform." + room);
        assertTrue(calls.get() > before, "nobody called while " + room + " was renewed");
        assertEquals(List.of(), wrong, "while " + room + " was renewed, of " + calls + " calls");
      }
    } finally {
      stop.set(true);
      callers.shutdown();
      assertTrue(callers.awaitTermination(30, TimeUnit.SECONDS));
    }
    assertEquals(List.of(), wrong, "of " + calls + " calls");
  }

  private static String quiet(Callable<String> call) {
    try {
      return call.call();
    } catch (Exception failed) {
      return failed.toString();
    }
  }

  @Test
  @Order(2)
  void everyRoomOfTheExecutorIsRenewedAndItStillTrades() throws Exception {
    for (String room : List.of("vault", "commands", "pusher", "executor", "paper", "zmq")) {
      renew("practice", "com.fxplatform." + room);
      JsonNode opened = run("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
      assertEquals("executed", opened.path("status").asText(), "after " + room + ": " + opened + "\n" + product.log("practice"));
    }
  }

  private JsonNode run(String command, Map<String, Object> parameters) throws Exception {
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", command, "parameters", parameters));
    assertEquals(201, sent.status(), sent.http().body());
    String path = "/api/command/" + sent.json().path("command").path("id").asText();
    JsonNode[] row = new JsonNode[1];
    Await.until(command + " ends", Duration.ofSeconds(60), () -> {
      row[0] = owner.get(path).json().path("command");
      return List.of("executed", "failed", "expired", "unknown", "cancelled").contains(row[0].path("status").asText());
    });
    return row[0];
  }

  @Test
  @Order(3)
  void whatAllStandOnIsSentToARestart() throws Exception {
    for (String fixed : List.of("com.fxplatform.api", "com.fxplatform.web", "com.fxplatform.deploy", "org.apache.felix.scr")) {
      Path jar = Jars.rebuilt(Jars.of(product.tree(), fixed), "9.9.9", rebuilt);
      Said said = product.fx("server", Map.of(), "", "deploy", jar.toString());
      assertEquals(1, said.code(), said.text());
      assertTrue(said.text().contains("REJECTED: " + fixed + " is what all others stand on") && said.text().contains("restart"), said.text());
    }
  }
}
