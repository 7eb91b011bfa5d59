package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes in: no answer 5xx but a 503 that says when to come again, nothing of our insides, and soon. */
@Tag("slow")
class FuzzJourney {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
  private static final long SLOWEST_MILLIS = 12_000;
  private static final Pattern INSIDES = Pattern.compile("\\sat [a-z]+\\.[\\w.]+\\(|Exception|Throwable|[Jj]etty|\\$2[aby]\\$|org\\.h2|SQLSTATE|java\\.");
  private static final String[] ROUTES = {
    "GET /", "GET /api/executor", "POST /api/executor", "GET /api/executor/{id}", "PATCH /api/executor/{id}", "DELETE /api/executor/nobody",
    "GET /api/executor/config", "POST /api/executor/{id}/heartbeat", "POST /api/executor/{id}/command", "GET /api/executor/{id}/command",
    "PATCH /api/executor/{id}/command", "PATCH /api/executor/{id}/command/{c}", "POST /api/executor/{id}/command/{c}/result",
    "PATCH /api/command/{c}", "GET /api/command/{c}", "GET /api/commands", "DELETE /api/commands", "PUT /api/commands",
    "GET /api/executor/{id}/commands/pending", "GET /api/executor/{id}/ping", "GET /api/executor/{id}/active-strategies",
    "POST /api/executor/emergency-stop", "POST /api/executor/nobody/rotate-secret", "GET /api/audit", "POST /api/pusher/auth",
    "POST /api/auth/validate", "GET /api/auth/csrf", "GET /api/auth/session", "GET /api/auth/providers", "POST /api/auth/signout",
    "POST /api/auth/callback/credentials", "POST /api/auth/register", "GET /api/beta/config", "POST /apps/1/events",
    "POST /apps/1/batch_events", "GET /apps/1/channels", "GET /apps/1/channels/x/users", "GET /app/key", "GET /api/nothing"
  };
  private static final String[] METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "LOCK", "get", "M-SEARCH"};
  private static final String[] TYPES = {"application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=nonsense", "multipart/form-data", "multipart/form-data; boundary=b", "text/plain", "", "/", "a/b; q=\""};
  private static final String[] PIECES = {"", " ", "null", "true", "-1", "0", "1e999999", "9".repeat(400), "\"", "\\", "\0", "\n", "%", "%zz", "%00",
    "../", "..%2f", "//", ";a=b", "é", "\uD83D\uDE00", "\uFFFF", "'; DROP TABLE users; --", "${jndi:ldap://x}", "<script>", "{}", "[]", "[[[[", "{\"a\":",
    "a".repeat(300), "x".repeat(9000), "exe_", "private-executor-", "1.2", "*", "\u202E", "\\ud800"};
  private static final String[] MEMBERS = {"name", "platform", "status", "metadata", "command", "parameters", "priority", "commandId", "result", "reason",
    "action", "executorId", "expiresAt", "overlapSeconds", "csrfToken", "email", "password", "json", "callbackUrl", "socket_id", "channel_name",
    "brokerServer", "accountNumber", "executionTime", "channels", "data"};

  private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
  private String platform;
  private Credentials executor;
  private String command;
  private String cookie;
  private List<String> secrets;

  @Test
  @Timeout(110)
  void nothingFromOutsideBreaksTheServer() throws Exception {
    long seed = Long.getLong("fx.seed", System.nanoTime());
    System.out.println("fuzzing with -Dfx.seed=" + seed);
    try (Product product = new Product()) {
      int port = product.freePort();
      platform = "http://127.0.0.1:" + port;
      product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
              "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort()),
              "NEXTAUTH_SECRET", "0123456789abcdef0123456789abcdef", "JAVA_OPTS", "-Xmx256m"),
          "com.fxplatform.web/trustedProxies=127.0.0.1", "com.fxplatform.ratelimit/limits=session=1000000/60,anonymous=1000000/60");
      Browser owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
      executor = Credentials.create(owner, "fuzzed");
      command = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", "PAUSE")).json()
          .path("command").path("id").asText();
      cookie = owner.get("/api/auth/session").header("Set-Cookie").split(";")[0];
      secrets = List.of(Product.PASSWORD, "0123456789abcdef0123456789abcdef", executor.secret(), executor.sharedSecret(), executor.apiKey());
      ExecutorService threads = Executors.newFixedThreadPool(6);
      try {
        List<Future<?>> work = new ArrayList<>();
        long end = System.nanoTime() + LONG_ENOUGH.toNanos();
        for (int i = 0; i < 4; i++) {
          Random random = new Random(seed + i);
          work.add(threads.submit(() -> {
            while (System.nanoTime() < end) {
              once(random);
            }
            return null;
          }));
        }
        work.add(threads.submit(() -> slowly("/api/executor/" + executor.id() + "/heartbeat", "application/json")));
        work.add(threads.submit(() -> slowly("/api/pusher/auth", "multipart/form-data; boundary=b")));
        for (Future<?> one : work) {
          one.get();
        }
      } finally {
        threads.shutdownNow();
      }
      System.out.println("fuzzed: " + statuses);
      assertTrue(statuses.values().stream().mapToInt(AtomicInteger::get).sum() > 200, "too few to mean anything: " + statuses);
      for (int expected : new int[] {200, 400, 401, 404, 405, 413}) {
        assertTrue(statuses.containsKey(expected), "never " + expected + ": the fuzz does not reach far: " + statuses);
      }
      assertEquals(200, owner.get("/api/executor/" + executor.id()).status(), "it still serves");
      String log = product.log("server");
      assertFalse(log.contains("A request failed unexpectedly"), log);
      assertFalse(log.contains("OutOfMemoryError"));
      for (String secret : List.of(Product.PASSWORD, executor.secret(), executor.sharedSecret())) {
        assertFalse(log.contains(secret), "the log holds a secret");
      }
    }
  }

  private void once(Random random) throws IOException {
    byte[] request = request(random);
    long start = System.nanoTime();
    String answer;
    try (Socket socket = RawHttp.connect(platform)) {
      try {
        socket.getOutputStream().write(request);
      } catch (IOException hungUp) {
        // it may say no before everything was said
      }
      answer = RawHttp.answer(socket);
    } catch (java.net.SocketException reset) {
      return;
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    String shown = new String(request, 0, Math.min(700, request.length), StandardCharsets.ISO_8859_1).replace("\0", "<NUL>") + "\n=> " + answer;
    Matcher status = Pattern.compile("HTTP/1\\.1 (\\d{3}) ").matcher(answer);
    assertTrue(status.lookingAt(), "no answer after " + millis + " ms: " + shown);
    int code = Integer.parseInt(status.group(1));
    statuses.computeIfAbsent(code, c -> new AtomicInteger()).incrementAndGet();
    assertTrue(code < 500 || code == 503 && answer.contains("Retry-After: "), shown);
    assertFalse(INSIDES.matcher(echoless(answer)).find(), shown);
    for (String secret : secrets) {
      assertFalse(answer.contains(secret) && !shown.startsWith("GET /api/executor/config"), shown);
    }
    assertTrue(millis < SLOWEST_MILLIS, millis + " ms: " + shown);
  }

  /** Without what a user may have named their executor or sent as a parameter. */
  private static String echoless(String answer) {
    return answer.replaceAll("\\$\\{jndi[^\"]*", "");
  }

  private byte[] request(Random random) {
    String route = pick(random, ROUTES);
    String method = random.nextInt(6) == 0 ? pick(random, METHODS) : route.substring(0, route.indexOf(' '));
    String path = route.substring(route.indexOf(' ') + 1)
        .replace("{id}", random.nextInt(4) == 0 ? encoded(pick(random, PIECES)) : executor.id())
        .replace("{c}", random.nextInt(3) == 0 ? encoded(pick(random, PIECES)) : command);
    if (random.nextInt(4) == 0) {
      path += (path.contains("?") ? "&" : "?") + pick(random, "limit", "before", "status", "commandId", "force", "auth_key", "includeDeleted")
          + "=" + (random.nextBoolean() ? encoded(pick(random, PIECES)) : pick(random, PIECES).replaceAll("[\\s\\x00]", ""));
    }
    byte[] body = body(random);
    StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    head.append("X-Forwarded-For: 10.").append(random.nextInt(250)).append(".0.").append(random.nextInt(250)).append("\r\n");
    if (random.nextBoolean()) {
      head.append("X-API-Key: ").append(random.nextInt(5) == 0 ? headerText(pick(random, PIECES)) : executor.apiKey()).append("\r\n");
      head.append("X-API-Secret: ").append(random.nextInt(5) == 0 ? headerText(pick(random, PIECES)) : executor.secret()).append("\r\n");
    }
    if (random.nextBoolean()) {
      head.append("Cookie: ").append(random.nextInt(4) == 0
          ? pick(random, "next-auth.session-token", "next-auth.csrf-token", "x") + "=" + headerText(pick(random, PIECES)) : cookie).append("\r\n");
    }
    String[] names = {"X-API-Key", "Authorization", "If-None-Match", "Idempotency-Key", "Origin", "X-Forwarded-Proto", "Accept", "Content-Encoding", "Range",
      "X-Pusher-Library", "Sec-Fetch-Site", "X-HTTP-Method-Override"};
    for (int i = random.nextInt(3); i > 0; i--) {
      head.append(pick(random, names)).append(": ").append(headerText(pick(random, PIECES))).append("\r\n");
    }
    if (random.nextInt(30) == 0) {
      head.append("X-Broken\0: x\r\n");
    }
    if (body.length > 0 || random.nextBoolean()) {
      head.append("Content-Type: ").append(random.nextInt(3) > 0 ? "application/json" : pick(random, TYPES)).append("\r\n");
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = java.util.Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }

  private byte[] body(Random random) {
    switch (random.nextInt(9)) {
      case 0:
        return new byte[0];
      case 1:
        byte[] noise = new byte[random.nextInt(2000)];
        random.nextBytes(noise);
        return noise;
      case 2:
        return "[".repeat(random.nextInt(30_000)).getBytes(StandardCharsets.US_ASCII);
      case 3:
        return ("{\"" + pick(random, MEMBERS) + "\":\"" + "x".repeat(random.nextInt(4) == 0 ? 1 << 20 : 20_000) + "\"}").getBytes(StandardCharsets.US_ASCII);
      case 4:
        StringBuilder form = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
          form.append(pick(random, MEMBERS)).append('=').append(random.nextBoolean() ? encoded(pick(random, PIECES)) : pick(random, PIECES)).append('&');
        }
        return form.append("socket_id=1.2&channel_name=private-executor-").append(executor.id()).toString().getBytes(StandardCharsets.UTF_8);
      case 5:
        return ("--b\r\nContent-Disposition: form-data; name=\"" + pick(random, PIECES) + "\"\r\n\r\n" + pick(random, PIECES) + "\r\n--b"
            + pick(random, "--\r\n", "\r\n", "")).getBytes(StandardCharsets.UTF_8);
      default:
        StringBuilder json = new StringBuilder("{");
        for (int i = random.nextInt(6); i >= 0; i--) {
          json.append('"').append(pick(random, MEMBERS)).append("\":").append(value(random, 0)).append(i == 0 ? "" : ",");
        }
        return json.append('}').toString().getBytes(random.nextInt(8) == 0 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    }
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 6 : 8)) {
      case 0 -> "null";
      case 1 -> Boolean.toString(random.nextBoolean());
      case 2 -> pick(random, "0", "-1", "1e400", "1e-400", "9".repeat(60), "0.1", "2147483648", "NaN");
      case 3 -> "\"" + pick(random, "MT5", "GET_STATUS", "OPEN_POSITION", "executed", "online", "URGENT", "emergency_stop", "2026-01-01T00:00:00Z") + "\"";
      case 4, 5 -> "\"" + pick(random, PIECES).replace("\\", "\\\\").replace("\"", "\\\"").replace("\0", "\\u0000").replace("\n", "\\n") + "\"";
      case 6 -> "[" + value(random, depth + 1) + "," + value(random, depth + 1) + "]";
      default -> "{\"" + pick(random, MEMBERS) + "\":" + value(random, depth + 1) + ",\"version\":" + value(random, depth + 1) + "}";
    };
  }

  /** A byte now and then: the thread that waits for it is free again after a while. */
  private Void slowly(String path, String type) throws IOException {
    long start = System.nanoTime();
    try (Socket socket = RawHttp.connect(platform)) {
      socket.getOutputStream().write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + executor.apiKey() + "\r\nX-API-Secret: "
          + executor.secret() + "\r\nContent-Type: " + type + "\r\nContent-Length: 1000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(500);
      while (System.nanoTime() - start < 30_000_000_000L) {
        socket.getOutputStream().write('x');
        String answer = RawHttp.answer(socket);
        if (!answer.isEmpty()) {
          assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
          return null;
        }
      }
    }
    throw new AssertionError("a body that comes a byte at a time kept a thread for 30 s: " + path);
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String headerText(String text) {
    return text.replaceAll("[\\x00\\r\\n]", "?").replaceAll("[^\\x20-\\xff]", "?");
  }

  private static String pick(Random random, String... all) {
    return all[random.nextInt(all.length)];
  }
}
