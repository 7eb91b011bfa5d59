package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fxplatform.itests.distribution.Browser.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The executor's line to the platform, when nobody says that something is wrong: no command waits for the next regular heartbeat. */
@Tag("slow")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LineJourney {
  private static final Duration START = Duration.ofSeconds(60);

  private Product product;
  private Cable cable;
  private Browser platform;
  private Browser owner;
  private Browser page;
  private Credentials executor;
  private String[] settings;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int http = product.freePort();
    int wire = product.freePort();
    int local = product.freePort();
    cable = new Cable(wire, http);
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + http, "fx.admin.port=" + product.freePort());
    platform = new Browser("http://127.0.0.1:" + http);
    owner = new Browser(platform.platform).signIn(Product.EMAIL, Product.PASSWORD);
    page = new Browser("http://127.0.0.1:" + local);
    executor = Credentials.create(owner, "Line");
    settings = new String[] {"fx.http.port=" + local, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.executor/override.zmqPort=0", "com.fxplatform.executor/override.pusherPort=" + wire};
    product.start("executor", Map.of(), settings);
    product.fx("executor", Map.of("FX_PLATFORM_URL", "http://127.0.0.1:" + wire), executor.secret() + "\n",
        "setup", "--api-key", executor.apiKey(), "--api-secret-stdin").well();
    subscribed();
  }

  @AfterAll
  void stop() throws Exception {
    try {
      product.close();
    } finally {
      cable.close();
    }
  }

  @Test
  @Order(1)
  void whatAKilledProcessWasHandedIsDoneSoonAfterTheNextOneIsUp() throws Exception {
    product.kill("executor");
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", "GET_STATUS"));
    assertEquals(201, sent.status(), sent.http().body());
    String id = sent.json().path("command").path("id").asText();
    // the lease begins anew until the next process has asked for the first time, and in vain
    long before = heard();
    ScheduledExecutorService dead = Executors.newSingleThreadScheduledExecutor();
    try {
      dead.scheduleWithFixedDelay(() -> {
        if (heard() == before) {
          handedOut();
        }
      }, 0, 50, TimeUnit.MILLISECONDS);
      product.start("executor", Map.of(), settings);
      Await.until("the executor is heard", START, () -> heard() > before);
    } finally {
      dead.shutdown();
      dead.awaitTermination(5, TimeUnit.SECONDS);
    }
    Await.until("the command is done", Duration.ofSeconds(10), () -> "executed".equals(
        owner.get("/api/command/" + id).json().path("command").path("status").asText()));
  }

  private long heard() {
    try {
      return product.log("executor").lines().filter(line -> line.contains("The platform hears this executor")).count();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private void handedOut() {
    try {
      assertEquals(200, platform.send("POST", "/api/executor/" + executor.id() + "/heartbeat", Map.of("status", "online"),
          "X-API-Key", executor.apiKey(), "X-API-Secret", executor.secret()).status());
    } catch (IOException | InterruptedException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  @Order(2)
  void aLineThatFallsSilentIsNoticed() throws Exception {
    cable.cut(true);
    Await.until("the page says that there is no realtime", Duration.ofSeconds(20), () -> !realtime().equals("SUBSCRIBED"));
    cable.mend();
    subscribed();
  }

  private void subscribed() throws Exception {
    Await.until("the executor listens", START, () -> realtime().equals("SUBSCRIBED"));
  }

  private String realtime() {
    try {
      return page.get("/api/local/status").json().path("realtime").path("state").asText();
    } catch (IOException | InterruptedException starting) {
      return "";
    }
  }
}
