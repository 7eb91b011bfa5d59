package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.executor.Platform.Says;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlatformLineTest {
  private final Platform platform = new Platform();
  private final PlatformLine line = platform.line(platform.url() + "/sub/");

  @AfterEach
  void stop() {
    line.close();
    platform.close();
  }

  @Test
  void saysWhoItIs() throws Exception {
    platform.config = a -> new Says(200, Map.of("ETag", "\"e\""), "{}");
    line.provisioned("cexec1", Duration.ofSeconds(5));
    var answer = line.send("PATCH", "/api/x", Map.of("If-None-Match", "\"q\""), Map.of("a", 1));
    assertEquals(200, answer.status());
    assertEquals("\"e\"", answer.etag());
    var asked = platform.asked.get(0);
    assertEquals("/sub/api/x", asked.path(), "a sub-path stays");
    assertEquals("PATCH", asked.method());
    assertEquals("{\"a\":1}", asked.body());
    assertEquals(Platform.KEY, asked.headers().get("x-api-key"));
    assertEquals(Platform.SECRET, asked.headers().get("x-api-secret"));
    assertEquals("cexec1", asked.headers().get("x-executor-id"));
    assertEquals("\"q\"", asked.headers().get("if-none-match"));
    assertTrue(asked.headers().get("user-agent").startsWith("FX-Executor/"));
    line.sendForm("/api/pusher/auth", Map.of("socket_id", "1.2&x"));
    assertEquals("socket_id=1.2%26x", platform.asked.get(1).body());
    assertEquals("application/x-www-form-urlencoded", platform.asked.get(1).headers().get("content-type"));
  }

  @Test
  void doesNotFollowRedirects() throws Exception {
    platform.config = a -> new Says(302, Map.of("Location", platform.url() + "/elsewhere"), "");
    assertEquals(302, line.send("GET", "/api/x", Map.of(), null).status());
    assertEquals(1, platform.asked.size());
  }

  @Test
  void givesUpOnEndlessAnswers() throws Exception {
    platform.config = a -> Says.json(200, "x".repeat(256 * 1024 + 1));
    assertTrue(assertThrows(IOException.class, () -> line.send("GET", "/api/x", Map.of(), null)).getMessage().contains("256 kB"));
    platform.config = a -> Says.json(200, "x".repeat(256 * 1024));
    assertEquals(256 * 1024, line.send("GET", "/api/x", Map.of(), null).text().length());
  }

  @Test
  void givesUpOnSlowAnswers() {
    CountDownLatch never = new CountDownLatch(1);
    platform.config =
        a -> {
          try {
            never.await();
          } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
          }
          return Says.json(200, "{}");
        };
    line.provisioned("x", Duration.ofMillis(200));
    assertThrows(IOException.class, () -> line.send("GET", "/api/x", Map.of(), null));
    never.countDown();
  }

  @Test
  void triesOnceMoreWhenAConnectionDies() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (ServerSocket flaky = new ServerSocket(0, 5, java.net.InetAddress.getLoopbackAddress())) {
      platform.threads.execute(
          () -> {
            try {
              flaky.accept().close();
              count.incrementAndGet();
              try (var second = flaky.accept()) {
                count.incrementAndGet();
                // the whole request: closing over unread bytes would reset the connection under the answer
                StringBuilder request = new StringBuilder();
                while (!request.toString().endsWith("{}")) {
                  request.append((char) second.getInputStream().read());
                }
                second.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes());
              }
            } catch (IOException over) {
              throw new java.io.UncheckedIOException(over);
            }
          });
      PlatformLine fresh = platform.line("http://127.0.0.1:" + flaky.getLocalPort());
      assertEquals(200, fresh.send("PATCH", "/api/x", Map.of(), Map.of()).status());
      fresh.close();
    }
    assertEquals(2, count.get());
  }

  @Test
  void withoutSetupThereIsASentenceAndNoException() {
    for (String[] missing : new String[][] {{"", ""}, {"", Platform.KEY}, {platform.url(), ""}, {"$[prop:x]", Platform.KEY}}) {
      PlatformLine none = new PlatformLine(Platform.access(missing[0], missing[1], ""));
      assertEquals("This executor is not set up: run fx setup.", assertThrows(IOException.class, () -> none.send("GET", "/api/x", Map.of(), null)).getMessage());
      none.close();
    }
    PlatformLine plain = new PlatformLine(Platform.access("http://fx.example.com", Platform.KEY, ""));
    assertTrue(plain.access().problem().contains("https://"));
    plain.close();
    platform.secret = null;
    assertTrue(assertThrows(IOException.class, () -> line.send("GET", "/api/x", Map.of(), null)).getMessage().contains("fx setup"));
    assertTrue(platform.asked.isEmpty());
  }

  @Test
  void watchersHearOfEachNewSetup() {
    AtomicInteger heard = new AtomicInteger();
    line.watch(heard::incrementAndGet);
    line.provisioned("old", Duration.ofSeconds(1));
    line.modified(Platform.access(platform.url() + "/sub/", Platform.KEY, "1"));
    assertEquals(0, heard.get(), "nothing new");
    line.modified(Platform.access(platform.url() + "/sub/", Platform.KEY, "2"));
    assertEquals(1, heard.get(), "perhaps a new secret");
    assertEquals("old", line.executorId());
    line.modified(Platform.access(platform.url(), Platform.KEY.replace('0', '1'), "3"));
    assertEquals(2, heard.get());
    assertFalse(line.executorId().equals("old"), "somebody else now");
  }
}
