package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.itests.distribution.Browser.Answer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.MethodOrderer;

/** Two servers on one PostgreSQL and one Redis: it does not matter which of them is asked. */
@Tag("slow")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoNodesJourney {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  private Product product;
  private EmbeddedPostgres postgres;
  private RedisProcess redis;
  private Browser atA;
  private Browser atB;
  private String adminOfB;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    redis = new RedisProcess(product.freePort(), product.folder.resolve("redis"));
    postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start();
    atA = new Browser(startNode("a"));
    atB = new Browser(startNode("b"));
    atA.signIn(Product.EMAIL, Product.PASSWORD);
    atB.signIn(Product.EMAIL, Product.PASSWORD);
  }

  private String startNode(String name) throws Exception {
    int port = product.freePort();
    int admin = product.freePort();
    adminOfB = "http://127.0.0.1:" + admin;
    Map<String, String> environment = new HashMap<>(Map.of(
        "DATABASE_URL", "postgres://postgres:hunter2@127.0.0.1:" + postgres.getPort() + "/postgres",
        "REDIS_URL", redis.url(), "FX_MASTER_KEY", "0123456789abcdef0123456789abcdef",
        "FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
        "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(admin)));
    // the machine of a test may be slower than an operator's
    product.startServer(name, environment, "com.fxplatform.redis/patience=3000");
    return "http://127.0.0.1:" + port;
  }

  @AfterAll
  void stop() throws Exception {
    try {
      if (product != null) {
        product.close();
      }
    } finally {
      if (redis != null) {
        redis.close();
      }
      if (postgres != null) {
        postgres.close();
      }
    }
  }

  private static Answer config(Browser node, Credentials executor) throws Exception {
    return node.get("/api/executor/config", executor.headers());
  }

  private static String realtimeKey(Browser node, Credentials executor) throws Exception {
    String key = config(node, executor).json().path("config").path("pusherKey").asText();
    assertFalse(key.isEmpty());
    return key;
  }

  private String healthOfB() throws Exception {
    String token = Files.readString(product.instance("b").resolve("data/admin.token")).trim();
    return new Browser(adminOfB).get("/health", "Authorization", "Bearer " + token).http().body();
  }

  @Test
  @Order(1)
  void aSessionIsGoodAtBoth() throws Exception {
    String cookie = atA.get("/api/auth/session").json().path("user").path("email").asText();
    assertEquals(Product.EMAIL, cookie);
    // the same cookies, the other node: cookies do not know ports
    Browser wanderer = new Browser(atA.platform).signIn(Product.EMAIL, Product.PASSWORD);
    assertEquals(Product.EMAIL, wanderer.at(atB.platform).get("/api/auth/session").json().path("user").path("email").asText());
  }

  @Test
  @Order(1)
  void theQuotaIsOne() throws Exception {
    Credentials executor = Credentials.create(atA, "one quota");
    int good = 0;
    for (int i = 0; i < 12; i++) {
      Answer answer = config(i % 2 == 0 ? atA : atB, executor);
      good += answer.status() == 200 ? 1 : 0;
    }
    assertEquals(10, good);
    assertEquals(429, config(atA, executor).status());
    assertEquals(429, config(atB, executor).status());
  }

  @Test
  @Order(1)
  void aCommandSentAtOneIsHandedOutByTheOther() throws Exception {
    Credentials executor = Credentials.create(atA, "commands");
    Answer sent = atA.send("POST", "/api/executor/" + executor.id() + "/command", "{\"command\":\"GET_STATUS\"}");
    assertEquals(201, sent.status(), sent.http().body());
    Answer beat = atB.send("POST", "/api/executor/" + executor.id() + "/heartbeat", "{}", executor.headers());
    assertEquals(1, beat.json().path("pendingCommands").size(), beat.http().body());
    Answer again = atA.send("POST", "/api/executor/" + executor.id() + "/heartbeat", "{}", executor.headers());
    assertEquals(0, again.json().path("pendingCommands").size(), "leased by the other node: " + again.http().body());
  }

  @Test
  @Order(1)
  void aRotatedAndADeletedSecretAreWrongAtTheOtherNodeWithinASecond() throws Exception {
    Credentials executor = Credentials.create(atA, "rotation");
    assertEquals(200, config(atB, executor).status());
    assertEquals(200, config(atB, executor).status(), "known good by now");
    Answer rotated = atA.send("POST", "/api/executor/" + executor.id() + "/rotate-secret", "{}");
    assertEquals(200, rotated.status(), rotated.http().body());
    Await.until("the old secret is wrong", A_SECOND, () -> config(atB, executor).status() == 401);
    Credentials fresh = new Credentials(executor.id(), executor.userId(), executor.apiKey(),
        rotated.json().path("secretKey").asText(), executor.sharedSecret());
    assertEquals(200, config(atB, fresh).status());
    assertEquals(200, atA.bare("DELETE", "/api/executor/" + executor.id()).status());
    Await.until("nobody is there any more", A_SECOND, () -> config(atB, fresh).status() == 404);
  }

  @Test
  @Order(2)
  void anEventPublishedAtOneReachesSubscribersOfTheOther() throws Exception {
    Credentials executor = Credentials.create(atA, "events");
    String key = realtimeKey(atB, executor);
    assertEquals(key, realtimeKey(atA, executor), "both nodes serve one app");
    Subscriber client = Subscriber.connect(atB.platform, key);
    client.subscribe(atB, "private-executor-" + executor.id(), executor.headers());
    for (int i = 0; i < 3; i++) {
      assertEquals(201, atA.send("POST", "/api/executor/" + executor.id() + "/command", "{\"command\":\"GET_STATUS\"}").status());
    }
    Await.until("the events came over", SOON, () -> client.count("command-received") == 3);
    client.hangUp();
  }

  @Test
  @Order(2)
  void whoIsPresentAtBothIsOneMember() throws Exception {
    Credentials executor = Credentials.create(atA, "presence");
    String key = realtimeKey(atA, executor);
    String channel = "presence-executor-" + executor.id();
    Subscriber trader = Subscriber.connect(atA.platform, key);
    trader.subscribe(atA, channel, executor.headers());
    assertEquals(1, trader.first("pusher_internal:subscription_succeeded").path("presence").path("count").asInt());
    Subscriber owner = Subscriber.connect(atB.platform, key);
    owner.subscribe(atB, channel);
    // its owner's, on both nodes: one member, as if it were one server
    assertEquals(1, owner.first("pusher_internal:subscription_succeeded").path("presence").path("count").asInt());
    assertEquals(0, trader.count("pusher_internal:member_added"));
    owner.hangUp();
    trader.hangUp();
  }

  @Test
  @Order(3)
  void withoutRedisTheKnownGoInTheWrongStayOutAndItHeals() throws Exception {
    Credentials executor = Credentials.create(atA, "redis away");
    assertEquals(200, config(atB, executor).status());
    redis.close();
    for (int i = 0; i < 15; i++) {
      assertEquals(200, config(atB, executor).status(), "known good, time " + i);
    }
    Answer wrong = atB.get("/api/executor/config", "X-API-Key", executor.apiKey(), "X-API-Secret", "0".repeat(64));
    assertEquals(429, wrong.status(), wrong.http().body());
    assertFalse(wrong.header("Retry-After").isEmpty());
    Await.until("the health check says it", SOON, () -> healthOfB().contains("Redis has not answered since"));
    assertEquals(Product.EMAIL, new Browser(atB.platform).signIn(Product.EMAIL, Product.PASSWORD)
        .get("/api/auth/session").json().path("user").path("email").asText(), "people still sign in");
    redis.start();
    Await.until("healed", SOON, () -> healthOfB().contains("Redis answers;"));
    Await.until("wrong ones are looked at again", SOON, () -> atB.get("/api/executor/config",
        "X-API-Key", executor.apiKey(), "X-API-Secret", "1".repeat(64)).status() == 401);
    String key = realtimeKey(atA, executor);
    Subscriber client = Subscriber.connect(atA.platform, key);
    client.subscribe(atA, "private-executor-" + executor.id(), executor.headers());
    Await.until("events go over again", SOON, () -> {
      atB.send("POST", "/api/executor/" + executor.id() + "/command", "{\"command\":\"GET_STATUS\"}");
      return client.count("command-received") > 0;
    });
    client.hangUp();
    for (String node : List.of("a", "b")) {
      String log = Files.readString(product.instance(node).resolve("data/logs/server.log"));
      assertTrue(log.contains("Redis answers again"), log);
      assertFalse(log.contains("hunter3"), "the log holds the password of Redis");
      assertFalse(log.contains("ERROR"), log);
    }
  }
}
