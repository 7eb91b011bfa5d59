package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
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

  private Product product;
  private String platform;
  private Browser owner;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int port = product.freePort();
    platform = "http://127.0.0.1:" + port;
    product.start("server",
        Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
            "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort()),
            // a hosted app, so that signatures can be compared with wire-contract 16
            "PUSHER_APP_ID", "1", "NEXT_PUBLIC_PUSHER_KEY", PUSHER_KEY, "PUSHER_SECRET", PUSHER_SECRET,
            "NEXT_PUBLIC_PUSHER_CLUSTER", "ap1"));
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
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

  private static String hmac(String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(PUSHER_SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
