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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A server alone, asked by strangers, executors and users. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerJourney {
  private static final String PUSHER_SECRET = "7ad3773142a6692b25b8";
  private static final String PUSHER_KEY = "278d425bdf160c739803";

  private static final String SESSION_SECRET = "0123456789abcdef0123456789abcdef";
  /** wire-contract 16: a session of the predecessor for a user whom this store has never seen. */
  private static final String PREDECESSORS_SESSION = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAECAwQFBgcICQoL."
      + "a9luCmE0O5ZPWdj4MoswPHjA9z2x2I29gy0P_um--hc-67TOiN9lyLwxsRIN1PCPZbD_1YzaqpxzHd24_OkzTFXixc78Hc4iaN9P_9V7RZ7cWtl0kqdQtJj-"
      + "lyMNnOqJnZyXn6xVK1TfPCV0_cJBhLsKqLRQPIvdEtjIG03_ZGHfgaVedVmfmcDm8T61g_-q7ZudsyRF-Pz5bQKHogIW0TttDjTq-F14yfEpYidAb89EbRC5"
      + "AbAuPxjSszGOUoNBn1WsJq3kv2cjRT7UOus7OYYEeg.mBG0T19cVjSFThZdMDQ4hw";

  Product product;
  private String platform;
  private Browser owner;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int port = product.freePort();
    platform = "http://127.0.0.1:" + port;
    Map<String, String> environment = new HashMap<>(database());
    environment.putAll(Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
            "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort()),
            // a hosted app, so that signatures can be compared with wire-contract 16
            "PUSHER_APP_ID", "1", "NEXT_PUBLIC_PUSHER_KEY", PUSHER_KEY, "PUSHER_SECRET", PUSHER_SECRET,
            "NEXT_PUBLIC_PUSHER_CLUSTER", "ap1", "NEXTAUTH_SECRET", SESSION_SECRET));
    // so that tests can come from many addresses
    product.start("server", environment, "com.fxplatform.web/trustedProxies=127.0.0.1");
    Browser.document = OpenApi.ofProduct();
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
  }

  @AfterAll
  void stop() throws Exception {
    OpenApi document = Browser.document;
    Browser.document = null;
    try {
      // the gateway's own journeys speak to the realtime API
      Set<String> unseen = document.unseen();
      unseen.removeAll(Set.of("triggerEvent", "triggerEvents", "channels", "channel", "channelUsers", "terminate"));
      // a test that was run alone asks for little
      assertTrue(unseen.isEmpty() || unseen.size() > 12, "documented and never asked for: " + unseen);
      product.stop("server");
      Said whole = product.fx("server", database(), "", "audit", "verify");
      assertEquals(0, whole.code(), whole.text());
      assertTrue(whole.text().contains("The audit trail is whole"), whole.text());
    } finally {
      product.close();
    }
  }

  /** Which database; the embedded one unless a subclass says otherwise. */
  Map<String, String> database() throws Exception {
    return Map.of();
  }

  private void refused(Answer answer, int status, String code, String error) {
    assertEquals(status, answer.status(), answer.http().body());
    assertEquals(error, answer.error());
    assertEquals(error, answer.json().path("message").asText());
    assertEquals(code, answer.code());
  }

  @Test
  void missingCredentials() throws Exception {
    for (String[] headers : new String[][] {{}, {"X-API-Key", "exe_1"}, {"X-API-Secret", "s"}}) {
      refused(new Browser(platform).get("/api/executor/config", headers), 401, "MISSING_CREDENTIALS",
          "API credentials required in headers (X-API-Key, X-API-Secret)");
    }
  }

  @Test
  void badKeyFormat() throws Exception {
    refused(new Browser(platform).get("/api/executor/config", "X-API-Key", "sk_123", "X-API-Secret", "s"), 400,
        "INVALID_API_KEY_FORMAT", "Invalid API key format. Executor keys should start with \"exe_\"");
  }

  @Test
  void unknownExecutor() throws Exception {
    refused(new Browser(platform).get("/api/executor/config", "X-API-Key", "exe_" + "0".repeat(32), "X-API-Secret", "s"), 404,
        "EXECUTOR_NOT_FOUND", "Executor not found or invalid API key");
  }

  @Test
  void theServerServesItsDocuments() throws Exception {
    Browser anybody = new Browser(platform);
    assertTrue(anybody.get("/docs").http().body().contains("href=\"/docs/api\""));
    Answer reference = anybody.get("/docs/api");
    assertTrue(reference.header("Content-Type").startsWith("text/html"));
    assertTrue(reference.http().body().contains("<h2 id=\"troubleshooting\">"), "rendered, with addresses");
    assertEquals(Files.readString(product.tree().resolve("docs/EXECUTOR_API_DOCUMENTATION.md")), anybody.get("/docs/api.md").http().body());
    assertEquals(Files.readString(product.tree().resolve("docs/openapi.yaml")), anybody.get("/docs/openapi.yaml").http().body());
    assertEquals(404, anybody.get("/docs/else").status());
  }

  @Test
  void wrongSecret() throws Exception {
    Credentials executor = Credentials.create(owner, "wrong secret");
    refused(new Browser(platform).get("/api/executor/config", "X-API-Key", executor.apiKey(), "X-API-Secret", "0".repeat(64)),
        401, "INVALID_CREDENTIALS", "Invalid API secret");
  }

  @Test
  void rateLimit() throws Exception {
    Credentials executor = Credentials.create(owner, "rate limit");
    for (int i = 0; i < 5; i++) {
      new Browser(platform).get("/api/executor/config", "X-API-Key", executor.apiKey(), "X-API-Secret", "wrong" + i);
    }
    for (int i = 1; i <= 10; i++) {
      assertEquals(200, owner.get("/api/executor/config", executor.headers()).status(), "request " + i + " of 10");
    }
    Answer eleventh = owner.get("/api/executor/config", executor.headers());
    refused(eleventh, 429, "RATE_LIMIT_EXCEEDED", "Too many config requests. Please wait before trying again.");
    assertTrue(Integer.parseInt(eleventh.header("Retry-After")) <= 60);
  }

  @Test
  void theFullConfiguration() throws Exception {
    Credentials executor = Credentials.create(owner, "VPS Singapore");
    Answer answer = owner.get("/api/executor/config", executor.headers());
    assertEquals(200, answer.status(), answer.http().body());
    assertTrue(answer.header("Content-Type").startsWith("application/json"));
    assertEquals("no-store, no-cache, must-revalidate, proxy-revalidate", answer.header("Cache-Control"));
    assertEquals("nosniff", answer.header("X-Content-Type-Options"));
    assertEquals("DENY", answer.header("X-Frame-Options"));
    JsonNode config = answer.json().path("config");
    assertTrue(answer.json().path("success").asBoolean());
    assertEquals(executor.id(), config.path("executorId").asText());
    assertEquals("VPS Singapore", config.path("executorName").asText());
    assertEquals(platform, config.path("platformUrl").asText());
    assertEquals(PUSHER_KEY, config.path("pusherKey").asText());
    assertEquals("ap1", config.path("pusherCluster").asText());
    assertFalse(config.has("pusherHost"), "hosted Pusher has no host of ours");
    assertEquals(5555, config.path("zmqPort").asInt());
    assertEquals("tcp://localhost", config.path("zmqHost").asText());
    Map.of("heartbeatInterval", 60, "heartbeatTimeout", 120, "commandTimeout", 30000, "connectionTimeout", 10000,
        "retryAttempts", 5, "retryBackoffMs", 2000, "maxReconnectAttempts", 10)
        .forEach((name, value) -> assertEquals(value, config.path(name).asInt(), name));
    assertTrue(config.path("autoReconnect").asBoolean());
    for (String feature : new String[] {"autoInstallEA", "autoAttachEA", "safetyChecks", "monitoring", "logging"}) {
      assertTrue(config.path("features").path(feature).asBoolean(), feature);
    }
    assertEquals(executor.sharedSecret(), config.path("sharedSecret").asText());
    assertTrue(config.path("serverTime").asText().matches("\\d{4}-.*\\.\\d{3}Z"));
    assertEquals("offline", config.path("executorStatus").asText());
    assertTrue(answer.json().path("metadata").path("requestProcessingTime").isNumber());
    assertEquals("com.fxplatform.provisioning.standard@0.1.0",
        answer.json().path("metadata").path("provenance").path("zmqPort").asText());
    assertFalse(answer.http().body().contains(PUSHER_SECRET));
    assertFalse(answer.http().body().contains(executor.secret()));

    String etag = answer.header("ETag");
    Answer unchanged = owner.get("/api/executor/config", "X-API-Key", executor.apiKey(), "X-API-Secret", executor.secret(),
        "If-None-Match", "\"x\", W/" + etag);
    assertEquals(304, unchanged.status());
  }

  @Test
  void pusherAuthWithExecutorCredentials() throws Exception {
    Credentials executor = Credentials.create(owner, "pusher auth");
    String channel = "private-executor-" + executor.id();
    Answer answer = new Browser(platform).form("/api/pusher/auth",
        Map.of("socket_id", "1234.5678", "channel_name", channel), executor.headers());
    assertEquals(200, answer.status(), answer.http().body());
    assertEquals(PUSHER_KEY + ":" + hmac("1234.5678:" + channel), answer.json().path("auth").asText());
    assertFalse(answer.json().has("channel_data"), "private channels are signed without data");
    refused(new Browser(platform).form("/api/pusher/auth", Map.of("socket_id", "1234.5678"), executor.headers()), 400,
        new Browser(platform).form("/api/pusher/auth", Map.of("socket_id", "1.2"), executor.headers()).code(),
        "Missing socket_id or channel_name");
    assertEquals(400, new Browser(platform).form("/api/pusher/auth",
        Map.of("socket_id", "1.2::user::{}", "channel_name", channel), executor.headers()).status());
    assertEquals(415, new Browser(platform).send("POST", "/api/pusher/auth", "{}", executor.headers()).status());
  }

  @Test
  void channelOwnership() throws Exception {
    Credentials mine = Credentials.create(owner, "mine");
    Credentials other = Credentials.create(owner, "other");
    Map<String, Integer> expected = Map.of(
        "private-executor-" + mine.id(), 200,
        "private-executor-" + other.id(), 403,
        "presence-executor-" + mine.id(), 200,
        "presence-room", 403,
        "private-foo", 403,
        "executors", 403);
    for (var channel : expected.entrySet()) {
      Answer answer = new Browser(platform).form("/api/pusher/auth",
          Map.of("socket_id", "1.2", "channel_name", channel.getKey()), mine.headers());
      assertEquals(channel.getValue(), answer.status(), channel.getKey() + ": " + answer.http().body());
    }
    Map<String, String> own = Map.of("socket_id", "1.2", "channel_name", "private-executor-" + mine.id());
    assertEquals(200, owner.form("/api/pusher/auth", own).status(), "the owner's session");
    assertEquals(401, owner.form("/api/pusher/auth", own, "X-API-Key", mine.apiKey(), "X-API-Secret", "wrong").status(),
        "a wrong key is not saved by a session");
    refused(new Browser(platform).form("/api/pusher/auth", own), 401, "UNAUTHORIZED", "Unauthorized: Invalid credentials");
  }

  @Test
  void executorsOfAUser() throws Exception {
    Credentials executor = Credentials.create(owner, "listed");
    refused(owner.send("POST", "/api/executor", Map.of("name", "listed", "platform", "MT5")), 409, "DUPLICATE_NAME",
        "An executor with this name already exists");
    Answer invalid = owner.send("POST", "/api/executor", Map.of("name", "x", "platform", "MT9"));
    assertEquals(400, invalid.status());
    assertEquals("String must contain at least 3 character(s)", invalid.json().path("meta").path("name").get(0).asText());
    assertEquals("Invalid enum value. Expected 'MT5' | 'MT4', received 'MT9'",
        invalid.json().path("meta").path("platform").get(0).asText());
    refused(new Browser(platform).get("/api/executor"), 401, "UNAUTHORIZED", "Unauthorized");

    Answer list = owner.get("/api/executor");
    JsonNode row = null;
    for (JsonNode candidate : list.json().path("executors")) {
      row = candidate.path("id").asText().equals(executor.id()) ? candidate : row;
    }
    assertEquals("offline", row.path("status").asText());
    assertEquals(0, row.path("_count").path("commands").asInt());
    assertFalse(row.path("isConnected").asBoolean());
    for (String secret : new String[] {executor.apiKey(), executor.secret(), executor.sharedSecret(), "apiSecretHash"}) {
      assertFalse(list.http().body().contains(secret), "the list shows a secret");
    }
  }

  @Test
  void heartbeatsCommandsAndResults() throws Exception {
    Credentials executor = Credentials.create(owner, "commands");
    String base = "/api/executor/" + executor.id();
    Answer sent = owner.send("POST", base + "/command", Map.of("command", "GET_STATUS", "priority", "HIGH"));
    assertEquals(201, sent.status(), sent.http().body());
    assertTrue(sent.json().path("success").asBoolean());
    String command = sent.json().path("command").path("id").asText();
    assertTrue(command.matches("c[0-9a-z]{24}"));
    assertEquals(400, owner.send("POST", base + "/command", Map.of("command", "FORMAT_DISK")).status());
    assertEquals(404, owner.send("POST", "/api/executor/nobody/command", Map.of("command", "GET_STATUS")).status());

    Browser machine = new Browser(platform);
    assertEquals(401, machine.send("POST", base + "/heartbeat", "{}").status());
    Answer beat = machine.send("POST", base + "/heartbeat", "not json at all", executor.headers());
    assertEquals(200, beat.status(), beat.http().body());
    assertEquals(command, beat.json().path("pendingCommands").get(0).path("id").asText());
    assertEquals("GET_STATUS", beat.json().path("pendingCommands").get(0).path("command").asText());
    Answer again = machine.send("POST", base + "/heartbeat",
        Map.of("status", "online", "metadata", Map.of("version", "1.0.0", "accountBalance", 10000.5)), executor.headers());
    assertEquals(0, again.json().path("pendingCommands").size(), "leased commands are not handed out twice");
    assertEquals(400, machine.send("POST", base + "/heartbeat", Map.of("status", "maintenance"), executor.headers()).status());
    assertEquals(413, machine.send("POST", base + "/heartbeat", "x".repeat(70_000), executor.headers()).status());

    Map<String, Object> result = Map.of("commandId", command, "status", "executed", "result", Map.of("success", true));
    assertEquals(401, machine.send("PATCH", base + "/command", result).status(), "nobody may end a command without a key");
    Answer done = machine.send("PATCH", base + "/command", result, executor.headers());
    assertEquals(200, done.status(), done.http().body());
    assertEquals("executed", done.json().path("command").path("status").asText());
    assertEquals(200, machine.send("PATCH", base + "/command", result, executor.headers()).status());
    assertEquals(409, machine.send("PATCH", base + "/command",
        Map.of("commandId", command, "status", "failed"), executor.headers()).status());
    JsonNode shown = owner.get(base).json();
    assertEquals("1.0.0", shown.path("executor").path("version").asText());
    assertTrue(shown.path("executor").path("isConnected").asBoolean());
    assertEquals("executed", shown.path("recentCommands").get(0).path("status").asText());
  }

  @Test
  void theDoorItself() throws Exception {
    Browser anybody = new Browser(platform);
    assertEquals(404, anybody.get("/api/nothing").status());
    Answer wrongMethod = anybody.send("POST", "/api/executor/config", "{}");
    assertEquals(405, wrongMethod.status());
    assertEquals("GET, HEAD, OPTIONS", wrongMethod.header("Allow"));
    refused(owner.send("POST", "/api/executor", "{\"name\":"), 400, "INVALID_JSON", "The request body is not a valid JSON object");
    Answer crossSite = owner.send("POST", "/api/executor", Map.of("name", "stolen", "platform", "MT5"), "Origin", "https://evil.example");
    assertEquals(403, crossSite.status());
    assertEquals("CROSS_SITE", crossSite.code());
  }

  @Test
  void aRotatedSecretEndsAtOnceOrAfterItsOverlap() throws Exception {
    Credentials executor = Credentials.create(owner, "rotated");
    String rotate = "/api/executor/" + executor.id() + "/rotate-secret";
    assertEquals(200, validate(executor.apiKey(), executor.secret()).status());
    assertEquals(401, new Browser(platform).send("POST", rotate, "").status());
    assertEquals(404, owner.send("POST", "/api/executor/cnobody/rotate-secret", "{\"overlapSeconds\":\"x\"}").status());
    for (Map.Entry<Object, String> wrong : Map.<Object, String>of(
        -1, "Number must be greater than or equal to 0", 3601, "Number must be less than or equal to 3600",
        1.5, "Expected integer, received float", "x", "Expected number, received string").entrySet()) {
      Answer invalid = owner.send("POST", rotate, Map.of("overlapSeconds", wrong.getKey()));
      assertEquals(400, invalid.status());
      assertEquals(wrong.getValue(), invalid.json().path("meta").path("overlapSeconds").get(0).asText());
    }

    Answer first = owner.send("POST", rotate, Map.of("overlapSeconds", 600));
    assertEquals(200, first.status(), first.http().body());
    String second = first.json().path("secretKey").asText();
    assertTrue(second.matches("[0-9a-f]{64}"));
    assertFalse(first.http().body().contains(executor.apiKey()), "the key is masked");
    assertEquals(200, validate(executor.apiKey(), second).status());
    assertEquals(200, validate(executor.apiKey(), executor.secret()).status(), "within the overlap");

    String third = owner.send("POST", rotate, "").json().path("secretKey").asText();
    assertEquals(401, validate(executor.apiKey(), second).status(), "the old one stops at once");
    assertEquals(401, validate(executor.apiKey(), executor.secret()).status(), "and the one before it");
    Answer good = validate(executor.apiKey(), third);
    assertEquals(executor.id(), good.json().path("executorId").asText());
    assertEquals(200, owner.get("/api/executor/config", "X-API-Key", executor.apiKey(), "X-API-Secret", third).status());

    assertEquals(200, new Browser(platform).send("POST", "/api/executor/" + executor.id() + "/heartbeat", "{}",
        "X-API-Key", executor.apiKey(), "X-API-Secret", third).status());
    refused(owner.send("DELETE", "/api/executor/" + executor.id(), ""), 400, "EXECUTOR_ONLINE",
        "Cannot delete an online executor. Please disconnect it first.");
    assertEquals(200, owner.send("DELETE", "/api/executor/" + executor.id() + "?force=true", "").status());
    assertEquals(401, validate(executor.apiKey(), third).status(), "revoked while online");
  }

  private Answer validate(String key, String secret) throws Exception {
    return new Browser(platform).send("POST", "/api/auth/validate", "", "X-API-Key", key, "X-API-Secret", secret);
  }

  @Test
  void validationSaysNoMoreThanYesOrNo() throws Exception {
    Credentials executor = Credentials.create(owner, "validated");
    Answer unknown = validate("exe_" + "0".repeat(32), executor.secret());
    Answer wrong = validate(executor.apiKey(), "0".repeat(64));
    refused(unknown, 401, "INVALID_CREDENTIALS", "Invalid API credentials");
    assertEquals(unknown.http().body(), wrong.http().body());
    assertFalse(wrong.json().path("success").asBoolean(true));
    assertEquals("MISSING_CREDENTIALS", new Browser(platform).send("POST", "/api/auth/validate", "").code());
  }

  @Test
  void whatWasDecidedCanBeReadByItsOwnerOnly() throws Exception {
    Credentials executor = Credentials.create(owner, "audited");
    validate(executor.apiKey(), "wrong");
    owner.get("/api/executor/config", executor.headers());
    new Browser(platform).form("/api/pusher/auth",
        Map.of("socket_id", "1.2", "channel_name", "private-executor-other"), executor.headers());
    String command = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", "GET_STATUS"))
        .json().path("command").path("id").asText();
    new Browser(platform).send("POST", "/api/executor/" + executor.id() + "/heartbeat", "{}", executor.headers());
    new Browser(platform).send("PATCH", "/api/executor/" + executor.id() + "/command",
        Map.of("commandId", command, "status", "executed"), executor.headers());
    Set<String> expected = Set.of("API_KEY_CREATED success", "CREDENTIALS_CHECKED refused", "CREDENTIALS_CHECKED success",
        "CONFIG_FETCHED success", "CHANNEL_AUTHORIZED refused", "COMMAND_SENT success", "COMMAND_DELIVERED success",
        "COMMAND_STATUS success");
    Set<String> seen = new TreeSet<>();
    StringBuilder all = new StringBuilder();
    Await.until("the trail has " + expected, Duration.ofSeconds(15), () -> {
      seen.clear();
      all.setLength(0);
      String before = "";
      do {
        JsonNode page = owner.get("/api/audit?limit=200" + before).json();
        for (JsonNode record : page.path("records")) {
          all.append(record);
          if (record.path("executorId").asText().equals(executor.id())) {
            seen.add(record.path("action").asText() + " " + record.path("result").asText());
          }
        }
        before = page.path("before").isNumber() ? "&before=" + page.path("before").asLong() : null;
      } while (before != null);
      return seen.containsAll(expected);
    });
    for (String secret : new String[] {executor.secret(), executor.apiKey(), executor.sharedSecret(), Product.PASSWORD}) {
      assertFalse(all.toString().contains(secret), "the trail holds a secret");
    }
    assertEquals(401, new Browser(platform).get("/api/audit").status());
    assertEquals(400, owner.get("/api/audit?limit=abc").status());
  }

  @Test
  void pagesOfOtherOrigins() throws Exception {
    Browser page = new Browser(platform);
    for (String[] route : new String[][] {{"/api/executor/config", "GET"}, {"/api/pusher/auth", "POST"}}) {
      Answer preflight = page.bare("OPTIONS", route[0], "Origin", "null", "Access-Control-Request-Method", route[1],
          "Access-Control-Request-Headers", "x-api-key,x-api-secret");
      assertTrue(preflight.status() == 200 || preflight.status() == 204, "status " + preflight.status());
      assertEquals("*", preflight.header("Access-Control-Allow-Origin"));
      assertTrue(preflight.header("Access-Control-Allow-Headers").contains("X-API-Secret"));
      assertTrue(preflight.header("Access-Control-Allow-Methods").contains("PATCH"));
      Answer answer = page.bare(route[1], route[0], "Origin", "https://elsewhere.example");
      assertEquals("*", answer.header("Access-Control-Allow-Origin"));
      assertEquals("", answer.header("Access-Control-Allow-Credentials"));
      assertEquals("*", page.bare(route[1], route[0]).header("Access-Control-Allow-Origin"), "also for who names no origin");
    }
    Answer foreign = page.get("/api/executor", "Origin", "https://elsewhere.example");
    assertEquals("", foreign.header("Access-Control-Allow-Origin"));
    Answer listed = page.get("/api/executor", "Origin", "http://localhost:3000");
    assertEquals("http://localhost:3000", listed.header("Access-Control-Allow-Origin"));
    assertEquals("true", listed.header("Access-Control-Allow-Credentials"));
    assertTrue(listed.header("Vary").contains("Origin"));
    for (String path : new String[] {"/api/executor", "/api/nothing", "/api/auth/csrf", "/api/executor/config"}) {
      assertTrue(page.get(path).header("Cache-Control").contains("no-store"), path);
    }
    assertEquals("100", foreign.header("X-RateLimit-Limit"));
    assertEquals("60000", foreign.header("X-RateLimit-Window"));
    assertEquals("", page.get("/api/auth/csrf").header("X-RateLimit-Limit"));
  }

  @Test
  void unchangedConfigurationsCountToo() throws Exception {
    Credentials executor = Credentials.create(owner, "not modified");
    String etag = owner.get("/api/executor/config", executor.headers()).header("ETag");
    new Browser(platform).send("POST", "/api/executor/" + executor.id() + "/heartbeat",
        Map.of("status", "online", "metadata", Map.of("brokerServer", "Demo-1")), executor.headers());
    String[] conditional = {"X-API-Key", executor.apiKey(), "X-API-Secret", executor.secret(), "If-None-Match", "W/" + etag};
    for (int i = 2; i <= 9; i++) {
      assertEquals(304, owner.get("/api/executor/config", conditional).status(), "request " + i + ": a heartbeat changes nothing");
    }
    assertEquals(200, owner.send("PATCH", "/api/executor/" + executor.id(), Map.of("name", "renamed now")).status());
    Answer renamed = owner.get("/api/executor/config", conditional);
    assertEquals(200, renamed.status(), "a rename changes it");
    assertEquals("renamed now", renamed.json().path("config").path("executorName").asText());
    assertEquals(429, owner.get("/api/executor/config", conditional).status(), "304s were counted");
  }

  @Test
  void aStrangersIdAnswersLikeNone() throws Exception {
    for (String body : new String[] {"", "{", "[]", "{\"command\":1}", "{\"name\":\"x\"}"}) {
      for (String[] route : new String[][] {{"POST", "/command"}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/rotate-secret"}}) {
        refused(owner.send(route[0], "/api/executor/clu000000000000000000exec1" + route[1], body), 404,
            "EXECUTOR_NOT_FOUND", "Executor not found");
      }
    }
  }

  @Test
  void heartbeatsOddities() throws Exception {
    Credentials executor = Credentials.create(owner, "oddities");
    String beat = "/api/executor/" + executor.id() + "/heartbeat";
    Browser machine = new Browser(platform);
    for (String body : new String[] {"", "null", "[]", "7", "{\"a\":", "{\"unknown\":1,\"metadata\":{\"unknown\":{}}}"}) {
      assertEquals(200, machine.send("POST", beat, body, executor.headers()).status(), body);
    }
    Map<String, String> texts = Map.of(
        "{\"metadata\":5}", "Expected object, received number",
        "{\"metadata\":null}", "Expected object, received null",
        "{\"metadata\":{\"accountBalance\":\"1\"}}", "Expected number, received string",
        "{\"metadata\":{\"version\":1}}", "Expected string, received number");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Answer invalid = machine.send("POST", beat, text.getKey(), executor.headers());
      refused(invalid, 400, "VALIDATION_ERROR", "Validation error");
      assertEquals(text.getValue(), invalid.json().path("meta").path("metadata").get(0).asText(), text.getKey());
    }
    machine.send("POST", beat, Map.of("metadata", Map.of("version", "2.0", "accountBalance", 10, "accountEquity", 11.5,
        "openPositions", 3, "brokerServer", "Demo-1", "accountNumber", "4711", "name", "stolen", "userId", "stolen")), executor.headers());
    machine.send("POST", beat, "{}", executor.headers());
    JsonNode shown = owner.get("/api/executor/" + executor.id()).json().path("executor");
    Map.of("version", "2.0", "accountBalance", "10", "accountEquity", "11.5", "openPositions", "3", "brokerServer", "Demo-1",
        "accountNumber", "4711", "name", "oddities", "userId", executor.userId())
        .forEach((name, value) -> assertEquals(value, shown.path(name).asText(), name));
    refused(machine.send("POST", "/api/executor/another/heartbeat", "{}", executor.headers()), 404, "EXECUTOR_NOT_FOUND", "Executor not found");
    assertEquals(413, machine.send("POST", beat, "x".repeat(70_000), executor.headers()).status());
  }

  @Test
  void fortyGoodCallersAtOncePass() throws Exception {
    Credentials executor = Credentials.create(owner, "forty");
    var callers = Executors.newFixedThreadPool(40);
    try {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        boolean beat = i % 2 == 0;
        calls.add(() -> beat
            ? new Browser(platform).send("POST", "/api/executor/" + executor.id() + "/heartbeat", "{}", executor.headers()).status()
            : new Browser(platform).form("/api/pusher/auth",
                Map.of("socket_id", "1.2", "channel_name", "private-executor-" + executor.id()), executor.headers()).status());
      }
      for (Future<Integer> call : callers.invokeAll(calls)) {
        assertEquals(200, call.get());
      }
    } finally {
      callers.shutdown();
    }
  }

  @Test
  void aGoodSecretPassesWhereWrongOnesAreThrottled() throws Exception {
    Credentials executor = Credentials.create(owner, "throttled");
    Set<Integer> statuses = new TreeSet<>();
    for (int i = 0; i < 12; i++) {
      statuses.add(validate(executor.apiKey(), "wrong" + i).status());
    }
    assertEquals(Set.of(401, 429), statuses);
    assertEquals(200, validate(executor.apiKey(), executor.secret()).status());
  }

  @Test
  void formsOfChannelAuthorization() throws Exception {
    Credentials executor = Credentials.create(owner, "forms");
    String channel = "private-executor-" + executor.id();
    String multipart = "--b\r\nContent-Disposition: form-data; name=\"socket_id\"\r\n\r\n1.2\r\n"
        + "--b\r\nContent-Disposition: form-data; name=\"channel_name\"\r\n\r\n" + channel + "\r\n--b--\r\n";
    assertEquals(200, new Browser(platform).body("POST", "/api/pusher/auth", "multipart/form-data; boundary=b", multipart, executor.headers())
        .status());
    for (String wrong : new String[] {"private-x y", "private-" + "x".repeat(200), "private-ü"}) {
      assertEquals(400, new Browser(platform).form("/api/pusher/auth", Map.of("socket_id", "1.2", "channel_name", wrong),
          executor.headers()).status(), wrong);
    }
  }

  @Test
  void commandsTellTheirFinerStep() throws Exception {
    Credentials executor = Credentials.create(owner, "steps");
    String base = "/api/executor/" + executor.id();
    Answer sent = owner.send("POST", base + "/command", Map.of("command", "OPEN_POSITION"), "Idempotency-Key", "click-1");
    JsonNode command = sent.json().path("command");
    assertEquals("pending", command.path("status").asText());
    assertEquals("queued", command.path("state").asText());
    assertTrue(command.path("acknowledgedAt").isNull());
    long life = Instant.parse(command.path("expiresAt").asText()).toEpochMilli() - Instant.parse(command.path("createdAt").asText()).toEpochMilli();
    assertTrue(Math.abs(life - 30_000) < 2000, "an order lives for commandTimeout, not " + life);
    String id = command.path("id").asText();
    assertEquals(id, owner.send("POST", base + "/command", Map.of("command", "OPEN_POSITION"), "Idempotency-Key", "click-1")
        .json().path("command").path("id").asText(), "one click, one command");
    new Browser(platform).send("POST", base + "/heartbeat", "{}", executor.headers());
    JsonNode delivered = owner.get("/api/command/" + id).json().path("command");
    assertEquals("pending", delivered.path("status").asText());
    assertEquals("delivered", delivered.path("state").asText());
    assertEquals(1, delivered.path("attempts").asInt());
    assertFalse(delivered.path("acknowledgedAt").isNull());
    assertTrue(owner.send("POST", base + "/command", Map.of("command", "CLOSE_ALL_POSITIONS")).json().path("command").path("expiresAt").isNull());

    Browser machine = new Browser(platform);
    refused(machine.send("PATCH", base + "/command", Map.of("commandId", id, "status", "nonsense"), executor.headers()), 400,
        "VALIDATION_ERROR", "Validation error");
    refused(machine.send("PATCH", base + "/command", Map.of("commandId", id), executor.headers()), 400,
        "VALIDATION_ERROR", "Command ID and status are required");
    assertEquals("COMMAND_NOT_FOUND",
        machine.send("PATCH", base + "/command", Map.of("commandId", "nobody", "status", "executed"), executor.headers()).code());
    Answer done = machine.send("POST", base + "/command/" + id + "/result", Map.of("status", "completed", "executionTime", 245), executor.headers());
    assertEquals(200, done.status(), done.http().body());
    assertEquals(id, done.json().path("commandId").asText());
    assertEquals("executed", owner.get("/api/command/" + id).json().path("command").path("status").asText());
  }

  @Test
  void nobodyRegistersUnlessTheOperatorWants() throws Exception {
    Answer register = new Browser(platform).send("POST", "/api/auth/register", Map.of("firstName", "A", "lastName", "B",
        "email", "a@example.com", "password", "12345678", "confirmPassword", "12345678", "agreeToTerms", true));
    assertEquals(403, register.status());
    assertEquals("REGISTRATION_DISABLED", register.code());
    assertEquals(404, new Browser(platform).get("/api/debug/env", "Authorization", "Bearer debug-token-123").status());
  }

  @Test
  void signInsAnswerTheSameForEveryWrongPair() throws Exception {
    Browser stranger = new Browser(platform);
    String csrf = stranger.get("/api/auth/csrf").json().path("csrfToken").asText();
    Answer unknown = stranger.form("/api/auth/callback/credentials",
        Map.of("csrfToken", csrf, "email", "nobody@example.com", "password", "wrong", "json", "true"));
    Answer wrong = stranger.form("/api/auth/callback/credentials",
        Map.of("csrfToken", csrf, "email", Product.EMAIL, "password", "wrong", "json", "true"));
    assertEquals(401, unknown.status());
    assertEquals(unknown.http().body(), wrong.http().body());
  }

  @Test
  void listsComePageByPage() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      made.add(Credentials.create(owner, "paged " + i).id());
    }
    List<String> seen = new ArrayList<>();
    String before = "";
    int total = 0;
    while (before != null) {
      JsonNode page = owner.get("/api/executor?limit=2" + before).json();
      assertTrue(page.path("executors").size() <= 2);
      page.path("executors").forEach(row -> seen.add(row.path("id").asText()));
      total = page.path("stats").path("total").asInt();
      before = page.path("before").isTextual() ? "&before=" + page.path("before").asText() : null;
    }
    assertEquals(total, seen.size(), "figures are over all, pages together are all");
    assertEquals(seen.size(), Set.copyOf(seen).size(), "nothing twice");
    assertTrue(seen.containsAll(made));
    assertEquals(0, owner.get("/api/executor?before=nobody").json().path("executors").size());
    for (String list : new String[] {"/api/executor?limit=", "/api/commands?limit=", "/api/executor/" + made.get(0) + "/command?limit="}) {
      for (String wrong : new String[] {"0", "-1", "x", "99999999999"}) {
        refused(owner.get(list + wrong), 400, "VALIDATION_ERROR", "Validation error");
      }
    }
    assertEquals(200, owner.send("DELETE", "/api/executor/" + made.get(2), "").status());
    assertFalse(owner.get("/api/executor").http().body().contains(made.get(2)));
    JsonNode gone = null;
    for (JsonNode row : owner.get("/api/executor?includeDeleted=true").json().path("executors")) {
      gone = row.path("id").asText().equals(made.get(2)) ? row : gone;
    }
    assertTrue(gone != null && gone.path("deletedAt").isTextual() && !gone.path("isConnected").asBoolean(true), String.valueOf(gone));

    String commands = "/api/executor/" + made.get(0) + "/command";
    for (int i = 0; i < 12; i++) {
      assertEquals(201, owner.send("POST", commands, Map.of("command", "GET_STATUS", "priority", i == 11 ? "URGENT" : "NORMAL")).status());
    }
    JsonNode first = owner.get(commands + "?limit=7").json();
    assertEquals(7, first.path("commands").size());
    JsonNode second = owner.get(commands + "?limit=7&before=" + first.path("before").asText()).json();
    assertEquals(5, second.path("commands").size());
    assertTrue(second.path("before").isNull());
    JsonNode mine = owner.get("/api/commands?status=pending&executorId=" + made.get(0)).json();
    assertEquals(12, mine.path("pending").asInt());
    assertEquals(12, mine.path("total").asInt());
    assertEquals(12, row(made.get(0)).path("_count").path("commands").asInt());
  }

  private JsonNode row(String executor) throws Exception {
    for (JsonNode row : owner.get("/api/executor").json().path("executors")) {
      if (row.path("id").asText().equals(executor)) {
        return row;
      }
    }
    throw new AssertionError("not listed: " + executor);
  }

  @Test
  void atMostTenAtOnceAndTheMostUrgentFirst() throws Exception {
    Credentials executor = Credentials.create(owner, "a queue");
    String base = "/api/executor/" + executor.id();
    for (String priority : new String[] {"LOW", "NORMAL", "HIGH", "URGENT"}) {
      for (int i = 0; i < 3; i++) {
        owner.send("POST", base + "/command", Map.of("command", "GET_STATUS", "priority", priority));
      }
    }
    List<String> order = new ArrayList<>();
    new Browser(platform).send("POST", base + "/heartbeat", "{}", executor.headers()).json().path("pendingCommands")
        .forEach(command -> order.add(command.path("priority").asText().substring(0, 1)));
    assertEquals("UUUHHHNNNL", String.join("", order));
    JsonNode rest = new Browser(platform).get(base + "/commands/pending", executor.headers()).json().path("data");
    assertEquals(2, rest.size());
    assertTrue(rest.get(0).path("createdAt").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"), rest.toString());
    assertTrue(new Browser(platform).get(base + "/ping", executor.headers()).json().path("success").asBoolean());
    assertEquals(0, new Browser(platform).get(base + "/active-strategies", executor.headers()).json().path("count").asInt(-1));
    assertEquals(401, new Browser(platform).get(base + "/active-strategies").status(), "the predecessor asked nobody");
  }

  @Test
  void aUserTakesACommandBackAndFactsStillWin() throws Exception {
    Credentials executor = Credentials.create(owner, "taken back");
    String base = "/api/executor/" + executor.id();
    String id = owner.send("POST", base + "/command", Map.of("command", "CLOSE_ALL_POSITIONS")).json().path("command").path("id").asText();
    refused(owner.send("DELETE", "/api/commands", ""), 400, "VALIDATION_ERROR", "Validation error");
    refused(owner.send("DELETE", "/api/commands?commandId=nobody", ""), 404, "COMMAND_NOT_FOUND", "Command not found");
    Answer cancelled = owner.send("DELETE", "/api/commands?commandId=" + id, "");
    assertEquals(200, cancelled.status(), cancelled.http().body());
    assertEquals("cancelled", cancelled.json().path("command").path("status").asText());
    assertEquals(200, owner.send("DELETE", "/api/commands?commandId=" + id, "").status(), "twice is once");
    assertEquals("cancelled", owner.get("/api/commands?commandId=" + id).json().path("command").path("status").asText());
    // at the address that users read: the predecessor had both here, and so have we
    Answer late = new Browser(platform).send("PATCH", "/api/command/" + id, Map.of("status", "executed"), executor.headers());
    assertEquals(200, late.status(), late.http().body());
    assertEquals("executed", late.json().path("command").path("status").asText());
    assertTrue(late.json().path("command").path("late").asBoolean());
    refused(owner.send("DELETE", "/api/commands?commandId=" + id, ""), 409, "COMMAND_FINAL", "This command already ended as executed");
    assertEquals(401, new Browser(platform).send("DELETE", "/api/commands?commandId=" + id, "").status());
    assertEquals(405, owner.send("POST", "/api/commands", "{}").status(), "strategies are outside");
    Answer other = owner.send("POST", base + "/command", Map.of("command", "GET_STATUS"), "Idempotency-Key", "k");
    assertEquals(201, other.status());
    assertEquals("IDEMPOTENCY_CONFLICT", owner.send("POST", base + "/command", Map.of("command", "PAUSE"), "Idempotency-Key", "k").code());
  }

  @Test
  void askedAgainIsTheSameOrderOrNone() throws Exception {
    Credentials executor = Credentials.create(owner, "asked again");
    String base = "/api/executor/" + executor.id();
    Map<String, Object> order = Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "volume", 0.1, "tags", List.of(1, "a")));
    Answer first = owner.send("POST", base + "/command", order, "Idempotency-Key", "o");
    assertEquals(201, first.status(), first.http().body());
    assertEquals("IDEMPOTENCY_CONFLICT", owner.send("POST", base + "/command",
        Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "volume", 1, "tags", List.of(1, "a"))),
        "Idempotency-Key", "o").code(), "ten times the volume is another order");
    String id = first.json().path("command").path("id").asText();
    assertEquals(id, owner.send("POST", base + "/command", order, "Idempotency-Key", "o").json().path("command").path("id").asText());
    assertEquals(200, owner.send("DELETE", "/api/commands?commandId=" + id, "").status());
    // not announced again: its executor may never have heard of it
    Answer again = owner.send("POST", base + "/command", order, "Idempotency-Key", "o");
    assertEquals("cancelled", again.json().path("command").path("status").asText());
    assertEquals("This command was sent before and is cancelled", again.json().path("message").asText());
    assertEquals(List.of("Expected string, received number"), texts(owner.send("POST", base + "/command",
        Map.of("command", "PAUSE", "expiresAt", 5)).json().path("meta").path("expiresAt")));
    for (String never : new String[] {"+1000000000-12-31T23:59:59Z", "-999999999-12-31T23:59:59Z", "9999-12-31T23:59:59-18:00", "tomorrow", ""}) {
      assertEquals(List.of("Invalid datetime"), texts(owner.send("POST", base + "/command",
          Map.of("command", "PAUSE", "expiresAt", never)).json().path("meta").path("expiresAt")), never);
    }
    assertEquals(201, owner.send("POST", base + "/command", Map.of("command", "PAUSE", "expiresAt", "9999-12-31T23:59:59Z")).status());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void anEmergencyStopTakesBackWhatWouldStartAnything() throws Exception {
    Browser user = user("stopper@example.com");
    refused(user.send("POST", "/api/executor/emergency-stop", Map.of("reason", "x")), 404, "NO_EXECUTORS", "No executors found");
    refused(user.send("POST", "/api/executor/emergency-stop", "{}"), 400, "VALIDATION_ERROR", "Validation error");
    Credentials executor = Credentials.create(user, "stopped");
    String base = "/api/executor/" + executor.id();
    String open = user.send("POST", base + "/command", Map.of("command", "OPEN_POSITION")).json().path("command").path("id").asText();
    String close = user.send("POST", base + "/command", Map.of("command", "CLOSE_POSITION")).json().path("command").path("id").asText();
    Answer stop = user.send("PUT", "/api/commands", Map.of("action", "emergency_stop", "executorId", executor.id()));
    assertEquals(200, stop.status(), stop.http().body());
    assertEquals("Emergency stop sent to 1 executor(s)", stop.json().path("message").asText());
    Answer cut = user.send("POST", "/api/executor/emergency-stop", "{\"reason\":\"half an emoji \\ud83d\"}");
    assertEquals(200, cut.status(), "a broken text must not stop the stop: " + cut.http().body());
    assertEquals("cancelled", user.get("/api/command/" + open).json().path("command").path("status").asText());
    assertEquals("pending", user.get("/api/command/" + close).json().path("command").path("status").asText());
    JsonNode first = new Browser(platform).send("POST", base + "/heartbeat", "{}", executor.headers()).json().path("pendingCommands").get(0);
    assertEquals("EMERGENCY_STOP", first.path("command").asText());
    assertEquals(404, user.send("PUT", "/api/commands", Map.of("action", "emergency_stop", "executorId", "nobody")).status());
    assertEquals(400, user.send("PUT", "/api/commands", Map.of("action", "resume")).status());
  }

  /** Somebody who is no admin: registered while the operator lets strangers in. */
  private Browser user(String email) throws Exception {
    Path open = product.instance("server").resolve("config/com.fxplatform.sessions.register.cfg");
    Files.createDirectories(open.getParent());
    Files.writeString(open, "open=true\n");
    Map<String, Object> form = Map.of("firstName", "A", "lastName", "B", "email", email, "password", Product.PASSWORD,
        "confirmPassword", Product.PASSWORD, "agreeToTerms", true);
    Await.until("registration is open", Duration.ofSeconds(30), () -> {
      int status = new Browser(platform).send("POST", "/api/auth/register", form, "X-Forwarded-For", "203.0.113.1").status();
      return status == 201 || status == 409;
    });
    Files.delete(open);
    Await.until("registration is closed", Duration.ofSeconds(30),
        () -> new Browser(platform).send("POST", "/api/auth/register", form, "X-Forwarded-For", "203.0.113.2").status() == 403);
    return new Browser(platform).signIn(email, Product.PASSWORD);
  }

  @Test
  void usersHaveFiveExecutorsAndTwoInTheBeta() throws Exception {
    Browser user = user("beta@example.com");
    assertFalse(user.get("/api/beta/config").json().path("enabled").asBoolean(true));
    Path config = product.instance("server").resolve("config/com.fxplatform.credentials.cfg");
    Files.writeString(config, "betaMode=true\n");
    Await.until("the beta begins", Duration.ofSeconds(30), () -> user.get("/api/beta/config").json().path("enabled").asBoolean());
    Answer made = user.send("POST", "/api/executor", Map.of("name", "beta 0", "platform", "MT5"));
    assertTrue(made.json().path("betaMode").asBoolean());
    assertEquals(14, made.json().path("betaLimits").path("allowedSymbols").size());
    assertEquals(201, user.send("POST", "/api/executor", Map.of("name", "beta 1", "platform", "MT5")).status());
    refused(user.send("POST", "/api/executor", Map.of("name", "beta 2", "platform", "MT5")), 403, "EXECUTOR_LIMIT",
        "Executor limit reached (maximum 2 executors during beta)");
    Files.delete(config);
    Await.until("the beta ends", Duration.ofSeconds(30), () -> !user.get("/api/beta/config").json().path("enabled").asBoolean());
    for (int i = 2; i < 5; i++) {
      assertEquals(201, user.send("POST", "/api/executor", Map.of("name", "beta " + i, "platform", "MT5")).status());
    }
    refused(user.send("POST", "/api/executor", Map.of("name", "beta 5", "platform", "MT5")), 403, "EXECUTOR_LIMIT",
        "Executor limit reached (maximum 5 executors)");
  }

  @Test
  void anotherExecutorsKeyIsUnknownHereWhateverTheSecret() throws Exception {
    Credentials mine = Credentials.create(owner, "key of mine");
    Credentials other = Credentials.create(owner, "key of other");
    for (String secret : new String[] {mine.secret(), "wrong"}) {
      refused(new Browser(platform).send("POST", "/api/executor/" + other.id() + "/heartbeat", "{}", "X-API-Key", mine.apiKey(),
          "X-API-Secret", secret), 404, "EXECUTOR_NOT_FOUND", "Executor not found");
    }
    refused(new Browser(platform).send("POST", "/api/executor/" + mine.id() + "/heartbeat", "{}", "X-API-Key", mine.apiKey(),
        "X-API-Secret", "wrong"), 401, "INVALID_CREDENTIALS", "Invalid API credentials");
  }

  @Test
  void whatIsNoProperRequestIsRefusedInJsonToo() throws Exception {
    String host = "Host: x\r\nConnection: close\r\n";
    Map<String, Integer> requests = new HashMap<>();
    requests.put("GARBAGE\r\n\r\n", 400);
    requests.put("GET /api/executor HTTP/1.1\r\nConnection: close\r\n\r\n", 400);
    requests.put("GET /api/executor HTTP/1.1\r\n" + host + "Host: y\r\n\r\n", 400);
    requests.put("GET /api/executor HTTP/1.1\r\n" + host + "X: a\0b\r\n\r\n", 400);
    for (String path : new String[] {"/api/exe%00cutor", "/api/%zz", "/api/%2e%2e/executor", "/../../etc/passwd", "/api/executor/a%2fb",
        "//api//executor"}) {
      requests.put("GET " + path + " HTTP/1.1\r\n" + host + "\r\n", 400);
    }
    requests.put("GET /api/executor;jsessionid=1 HTTP/1.1\r\n" + host + "\r\n", 404);
    requests.put("GET /api/executor HTTP/1.1\r\n" + host + "X: " + "a".repeat(20_000) + "\r\n\r\n", 431);
    requests.put("GET /api/executor?" + "a".repeat(20_000) + " HTTP/1.1\r\n" + host + "\r\n", 414);
    requests.put("TRACE /api/executor HTTP/1.1\r\n" + host + "\r\n", 405);
    requests.put("POST /api/auth/validate HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400);
    requests.put("POST /api/auth/validate HTTP/1.1\r\n" + host + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}", 417);
    requests.put("POST /api/auth/validate HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", 401);
    requests.put("GET /app/x HTTP/1.1\r\n" + host + "\r\n", 426);
    requests.put("GET /api/executor HTTP/3.0\r\n" + host + "\r\n", 505);
    for (Map.Entry<String, Integer> request : requests.entrySet()) {
      String answer = RawHttp.exchange(platform, request.getKey());
      String shown = request.getKey().substring(0, Math.min(60, request.getKey().length())).strip();
      assertTrue(answer.startsWith("HTTP/1.1 " + request.getValue() + " "), shown + " -> " + answer);
      assertTrue(answer.contains("Content-Type: application/json"), shown + " -> " + answer);
      assertTrue(answer.contains("X-Content-Type-Options: nosniff"), shown + " -> " + answer);
      assertTrue(answer.contains("X-Frame-Options: DENY") && answer.contains("Permissions-Policy: "), shown + " -> " + answer);
      assertTrue(Json.read(answer.substring(answer.indexOf("\r\n\r\n") + 4)).path("error").isTextual(), shown + " -> " + answer);
      assertFalse(answer.toLowerCase(java.util.Locale.ROOT).matches("(?s).*(jetty|<html|\\bat org\\.|exception).*"), shown + " -> " + answer);
    }
  }

  @Test
  void bodiesAreBoundedAndTheAnswerArrives() throws Exception {
    Browser anybody = new Browser(platform);
    String csrf = anybody.get("/api/auth/csrf").json().path("csrfToken").asText();
    for (int size : new int[] {65_537, 1 << 20, 5 << 20}) {
      refused(owner.send("POST", "/api/executor", "{\"name\":\"" + "x".repeat(size) + "\"}"), 413, "BODY_TOO_LARGE",
          "The request body is larger than 65536 bytes");
      assertEquals(413, anybody.form("/api/auth/callback/credentials", Map.of("csrfToken", csrf, "email", "x".repeat(size))).status());
      assertEquals(413, anybody.form("/api/pusher/auth", Map.of("socket_id", "1.2", "channel_name", "x".repeat(size))).status());
      assertEquals(401, anybody.send("POST", "/api/executor", "x".repeat(size)).status(), "who is nobody is told so first");
    }
    String chunked = "POST /api/auth/callback/credentials HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + "x".repeat(0x20000) + "\r\n0\r\n\r\n";
    assertTrue(RawHttp.exchange(platform, chunked).startsWith("HTTP/1.1 413"));
  }

  @Test
  void cookiesOfAnyKindAreNobodys() throws Exception {
    for (String cookie : new String[] {"next-auth.csrf-token=%zz", "next-auth.csrf-token=%7C", "next-auth.session-token=",
        "next-auth.session-token=a.b.c.d.e", "next-auth.session-token=" + "x".repeat(7000), "next-auth.session-token.0=x; next-auth.session-token.99=y",
        "next-auth.session-token=" + PREDECESSORS_SESSION + "x", "=; ;;", "next-auth.session-token=\"", "__Secure-next-auth.session-token=" + PREDECESSORS_SESSION}) {
      Answer session = new Browser(platform).get("/api/auth/session", "Cookie", cookie);
      assertEquals(200, session.status(), cookie);
      assertEquals("{}", session.http().body(), cookie);
      assertEquals(200, new Browser(platform).get("/api/auth/csrf", "Cookie", cookie).status(), cookie);
      assertEquals(401, new Browser(platform).get("/api/executor", "Cookie", cookie).status(), cookie);
    }
  }

  @Test
  void aSessionOfThePredecessorIsTakenAndHasNothing() throws Exception {
    String name = "next-auth.session-token";
    for (String[] header : new String[][] {{"Cookie", name + "=" + PREDECESSORS_SESSION}, {"Authorization", "Bearer " + PREDECESSORS_SESSION},
        {"Cookie", name + ".1=" + PREDECESSORS_SESSION.substring(200) + "; " + name + ".0=" + PREDECESSORS_SESSION.substring(0, 200)}}) {
      Answer session = new Browser(platform).get("/api/auth/session", header);
      assertEquals("clu000000000000000000user1", session.json().path("user").path("id").asText(), session.http().body());
      assertEquals("Ada Lovelace", session.json().path("user").path("name").asText());
      assertTrue(session.header("Set-Cookie").startsWith(name + "="), "it is prolonged here");
      Answer list = new Browser(platform).get("/api/executor", header);
      assertEquals(0, list.json().path("stats").path("total").asInt(-1), list.http().body());
    }
    refused(new Browser(platform).send("POST", "/api/executor", Map.of("name", "abc", "platform", "MT5"),
        "Authorization", "Bearer " + PREDECESSORS_SESSION), 403, "UNKNOWN_OWNER", "This account is not known to this platform");
    String token = "a".repeat(64);
    Answer csrf = new Browser(platform).get("/api/auth/csrf", "Cookie",
        "next-auth.csrf-token=" + token + "%7Cd900c839357e3c942010670e400a55103f76a8a777e9800a79228a544185bec0");
    assertEquals(token, csrf.json().path("csrfToken").asText(), "the predecessor's CSRF cookie counts");
  }

  private Answer signIn(String email, String password, String source) throws Exception {
    Browser browser = new Browser(platform);
    String csrf = browser.get("/api/auth/csrf").json().path("csrfToken").asText();
    return browser.form("/api/auth/callback/credentials",
        Map.of("csrfToken", csrf, "email", email, "password", password, "json", "true"), "X-Forwarded-For", source);
  }

  @Test
  void aStrangerLocksAnAccountForThemselvesOnly() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertTrue(signIn(Product.EMAIL, "wrong", "192.0.2.1").http().body().contains("Invalid%20email%20or%20password"));
    }
    Answer locked = signIn(Product.EMAIL, Product.PASSWORD, "192.0.2.1");
    assertEquals(401, locked.status());
    assertTrue(locked.http().body().contains("Account%20is%20temporarily%20locked"), locked.http().body());
    assertEquals(200, signIn(Product.EMAIL, Product.PASSWORD, "192.0.2.2").status(), "the owner's own address");
    for (int i = 0; i < 30; i++) {
      assertEquals(200, signIn(Product.EMAIL, Product.PASSWORD, "192.0.2.3").status(), "sign-in " + i + " of 30 in a minute");
    }
    refused(signIn(Product.EMAIL, Product.PASSWORD, "192.0.2.3"), 429, "RATE_LIMIT_EXCEEDED",
        "Too many sign-in attempts. Please wait before trying again.");
  }

  @Test
  void nobodyLearnsFromTheTimeWhetherAnEmailIsKnown() throws Exception {
    long[] unknown = new long[9];
    long[] known = new long[9];
    for (int i = 0; i < unknown.length; i++) {
      unknown[i] = refusalNanos("nobody" + i + "@example.com", "198.51.100." + i);
      known[i] = refusalNanos(Product.EMAIL, "198.51.100." + (100 + i));
    }
    java.util.Arrays.sort(unknown);
    java.util.Arrays.sort(known);
    double ratio = (double) unknown[unknown.length / 2] / known[known.length / 2];
    assertTrue(ratio > 0.6 && ratio < 1.7, "unknown takes " + ratio + " of known: one of them is not hashed");
  }

  private long refusalNanos(String email, String source) throws Exception {
    Browser browser = new Browser(platform);
    String csrf = browser.get("/api/auth/csrf").json().path("csrfToken").asText();
    long start = System.nanoTime();
    Answer answer = browser.form("/api/auth/callback/credentials",
        Map.of("csrfToken", csrf, "email", email, "password", "wrong", "json", "true"), "X-Forwarded-For", source);
    long nanos = System.nanoTime() - start;
    assertEquals(401, answer.status());
    return nanos;
  }

  @Test
  void everyAddressTellsItsMethods() throws Exception {
    for (String path : new String[] {"/api/executor", "/api/executor/x", "/api/executor/config", "/api/executor/x/heartbeat",
        "/api/executor/x/command", "/api/command/x", "/api/commands", "/api/audit", "/api/pusher/auth", "/api/auth/csrf", "/api/auth/validate"}) {
      Answer options = new Browser(platform).bare("OPTIONS", path);
      assertEquals(204, options.status(), path);
      assertTrue(options.header("Allow").contains("OPTIONS"), path);
      Answer wrong = new Browser(platform).bare("LOCK", path);
      assertEquals(405, wrong.status(), path);
      assertEquals(options.header("Allow"), wrong.header("Allow"), path);
      assertEquals("METHOD_NOT_ALLOWED", wrong.code(), path);
      assertEquals(200, new Browser(platform).bare("OPTIONS", path, "Origin", "https://x.example", "Access-Control-Request-Method", "GET").status());
    }
  }

  @Test
  void auditVerifySaysWhenItCannotReadTheDatabase() throws Exception {
    Said away = product.fx("nowhere", Map.of("DATABASE_URL", "postgres://nobody:hunter3@127.0.0.1:1/none"), "", "audit", "verify");
    assertEquals(2, away.code(), away.text());
    assertTrue(away.text().contains("The database cannot be read"), away.text());
    assertFalse(away.text().contains("hunter3"), away.text());
    assertEquals(2, product.fx("nowhere", Map.of(), "", "audit", "vrify").code());
  }

  @Test
  void whatNoOtherTestAsksFor() throws Exception {
    Browser anybody = new Browser(platform);
    assertTrue(anybody.get("/").header("Content-Type").startsWith("text/html"));
    JsonNode provider = anybody.get("/api/auth/providers").json().path("credentials");
    assertEquals("credentials", provider.path("id").asText());
    assertEquals("credentials", provider.path("type").asText());
    Browser leaving = user("leaving@example.com");
    String csrf = leaving.get("/api/auth/csrf").json().path("csrfToken").asText();
    assertTrue(leaving.form("/api/auth/signout", Map.of("csrfToken", "0".repeat(64), "json", "true")).json().path("url").asText().contains("csrf=true"));
    assertEquals("leaving@example.com", leaving.get("/api/auth/session").json().path("user").path("email").asText());
    assertEquals(200, leaving.form("/api/auth/signout", Map.of("csrfToken", csrf, "json", "true")).status());
    assertEquals("{}", leaving.get("/api/auth/session").http().body());
    Credentials executor = Credentials.create(owner, "two more ways");
    String base = "/api/executor/" + executor.id() + "/command";
    String id = owner.send("POST", base, Map.of("command", "PAUSE")).json().path("command").path("id").asText();
    for (String word : new String[] {"received", "acknowledged", "executing", "received", "completed", "executed"}) {
      Answer answer = anybody.send("PATCH", base + "/" + id, Map.of("status", word), executor.headers());
      assertEquals(200, answer.status(), word + ": " + answer.http().body());
    }
    assertEquals("executed", owner.get(base + "?status=executed").json().path("commands").get(0).path("status").asText());
  }

  private static String hmac(String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(PUSHER_SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
