package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL stops while requests are being answered, and comes back: refusals that say when to try again, nothing half done. */
@Tag("slow")
class DatabaseGoneJourney {
  @TempDir Path folder;

  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  private EmbeddedPostgres postgres(int port) throws IOException {
    return EmbeddedPostgres.builder().setPort(port).setDataDirectory(folder.resolve("pg")).setCleanDataDirectory(false)
        .setPGStartupWait(Duration.ofSeconds(40)).start();
  }

  @Test
  @Timeout(120)
  void nothingIsHalfDoneAndItHeals() throws Exception {
    try (Product product = new Product()) {
      int databasePort = product.freePort();
      int port = product.freePort();
      Map<String, String> database = Map.of("DATABASE_URL", "postgres://postgres:x@127.0.0.1:" + databasePort + "/postgres");
      String platform = "http://127.0.0.1:" + port;
      Credentials executor;
      Browser owner;
      ExecutorService threads = Executors.newFixedThreadPool(4);
      EmbeddedPostgres postgres = postgres(databasePort);
      try {
        product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
            "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort()),
            "DATABASE_URL", database.get("DATABASE_URL")),
            "com.fxplatform.ratelimit/limits=session=1000000/60");
        owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
        executor = Credentials.create(owner, "stays");
        String commands = "/api/executor/" + executor.id() + "/command";
        AtomicBoolean enough = new AtomicBoolean();
        List<Future<Void>> senders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          int sender = i;
          senders.add(threads.submit(() -> {
            for (int n = 0; !enough.get(); n++) {
              send(owner, commands, sender + "-" + n);
            }
            return null;
          }));
        }
        Await.until("commands are written", Duration.ofSeconds(30), () -> acknowledged.size() > 20);
        postgres.close();
        Await.until("requests are refused", Duration.ofSeconds(30), () -> refused.size() > 4);
        Answer config = new Browser(platform).get("/api/executor/config", executor.headers());
        assertEquals(503, config.status(), config.http().body());
        assertEquals("STORE_UNAVAILABLE", config.code());
        Await.until("the health check says so", Duration.ofSeconds(20),
            () -> product.fx("server", Map.of(), "", "status").text().contains("The database has not answered since"));

        postgres = postgres(databasePort);
        int before = acknowledged.size();
        Await.until("it heals by itself", Duration.ofSeconds(40), () -> acknowledged.size() > before + 20);
        enough.set(true);
        for (Future<Void> sender : senders) {
          sender.get();
        }
        assertTrue(all(owner, executor).containsAll(acknowledged.values()), "what was acknowledged is there");
        // whoever was refused asks again with the same key, and gets one command, whether the first try was written or not
        for (String key : refused) {
          send(owner, commands, key);
        }
        assertEquals(Set.copyOf(acknowledged.values()), all(owner, executor));
        assertEquals(acknowledged.size(), Set.copyOf(acknowledged.values()).size());
        product.stop("server");
        Said whole = product.fx("server", database, "", "audit", "verify");
        assertEquals(0, whole.code(), whole.text());
        assertFalse(product.log("server").contains("A request failed unexpectedly"), product.log("server"));
      } finally {
        threads.shutdownNow();
        postgres.close();
      }
    }
  }

  private void send(Browser owner, String commands, String key) throws Exception {
    Answer answer = owner.send("POST", commands, Map.of("command", "GET_STATUS"), "Idempotency-Key", key);
    if (answer.status() == 201) {
      acknowledged.put(key, answer.json().path("command").path("id").asText());
    } else {
      assertEquals(503, answer.status(), answer.http().body());
      assertEquals("STORE_UNAVAILABLE", answer.code());
      assertTrue(Integer.parseInt(answer.header("Retry-After")) > 0);
      refused.add(key);
    }
  }

  private static Set<String> all(Browser owner, Credentials executor) throws Exception {
    Set<String> ids = new HashSet<>();
    String before = "";
    while (before != null) {
      JsonNode page = owner.get("/api/executor/" + executor.id() + "/command?limit=500" + before).json();
      page.path("commands").forEach(row -> assertTrue(ids.add(row.path("id").asText()), "twice"));
      before = page.path("before").isTextual() ? "&before=" + page.path("before").asText() : null;
    }
    return ids;
  }
}
