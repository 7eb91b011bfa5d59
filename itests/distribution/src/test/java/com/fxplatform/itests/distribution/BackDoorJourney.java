package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.itests.distribution.Product.Said;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What an operator sees of a server: its figures, its page, its configuration, whom it trusts, and products made of it. */
@Tag("slow")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackDoorJourney {
  private Product product;
  private Browser front;
  private Browser door;
  private String token;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    int port = product.freePort();
    int back = product.freePort();
    product.start("server", Map.of(), "fx.http.port=" + port, "fx.admin.port=" + back, "com.fxplatform.deploy/probation=1");
    front = new Browser("http://127.0.0.1:" + port);
    door = new Browser("http://127.0.0.1:" + back);
    token = Files.readString(product.instance("server").resolve("data/admin.token"));
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private String status() throws Exception {
    return product.fx("server", Map.of(), "", "status").text();
  }

  private Path config(String pid) {
    return product.instance("server").resolve("config/" + pid + ".cfg");
  }

  @Test
  void figuresAreToldByRouteAndNotByPath() throws Exception {
    assertEquals(401, front.get("/api/executor/some-id").status());
    assertEquals(404, front.get("/api/nothing/here").status());
    assertEquals(401, door.get("/metrics").status());
    Browser.Answer answer = door.get("/metrics", "Authorization", "Bearer " + token);
    assertEquals(200, answer.status());
    assertTrue(answer.header("Content-Type").startsWith("text/plain; version=0.0.4"), answer.header("Content-Type"));
    String metrics = answer.http().body();
    for (String part : List.of("# TYPE fx_http_request_duration_seconds histogram",
        "fx_http_request_duration_seconds_count{route=\"GET /api/executor/{id}\",status=\"401\"} ",
        "route=\"none\",status=\"404\"", "fx_gateway_connections 0", "fx_live 1", "fx_ready 1")) {
      assertTrue(metrics.contains(part), part + " is missing in\n" + metrics);
    }
    assertFalse(metrics.contains("some-id") || metrics.contains("/api/nothing"), metrics);
  }

  @Test
  void aBrowserSeesThePageAndCanDoNothing() throws Exception {
    String basic = "Basic " + Base64.getEncoder().encodeToString(("me:" + token).getBytes(StandardCharsets.UTF_8));
    Browser.Answer stranger = door.get("/");
    assertEquals(401, stranger.status());
    assertTrue(stranger.header("WWW-Authenticate").startsWith("Basic "));
    String page = door.get("/", "Authorization", basic).http().body();
    for (String part : List.of("Health", "Deployments", "Bundles", "Who speaks", "com.fxplatform.web", "runtimes/server.runtime")) {
      assertTrue(page.contains(part), part);
    }
    assertFalse(page.contains(token));
    assertEquals(401, door.get("/metrics", "Authorization", basic).status());
    assertEquals(401, door.send("POST", "/deploy", "x", "Authorization", basic).status());
  }

  @Test
  void aBadValueIsNamedAndTheFormerOneStays() throws Exception {
    Path web = config("com.fxplatform.web");
    Files.writeString(web, "allowedOrigins = https://a.example\n");
    Await.until("the origin is allowed", Duration.ofSeconds(30), () ->
        front.get("/api/nothing", "Origin", "https://a.example").header("Access-Control-Allow-Origin").equals("https://a.example"));
    Files.writeString(web, "allowedOrigins = https://b.example\n# too small\nmaxBody = 5\nmaxBodi = 7\n");
    Await.until("the refusal is told", Duration.ofSeconds(30), () -> status().contains("is refused"));
    String told = status();
    assertTrue(told.contains("config/com.fxplatform.web.cfg:3: maxBody = 5 is refused: maxBody must be from 1024 to 1048576, not 5."), told);
    assertTrue(told.contains("config/com.fxplatform.web.cfg:4: nobody knows the key maxBodi of com.fxplatform.web; there are "), told);
    assertTrue(told.startsWith("server  live, ready"), told);
    assertEquals("https://a.example",
        front.get("/api/nothing", "Origin", "https://a.example").header("Access-Control-Allow-Origin"), "the former values stay in force");
    Files.delete(web);
    Await.until("all is well again", Duration.ofSeconds(30), () -> !status().contains("config/com.fxplatform.web.cfg"));
  }

  @Test
  void onlyTheTrustedGetIn() throws Exception {
    Path jars = Files.createDirectories(product.folder.resolve("signed"));
    Map<String, String> passphrase = Map.of("FX_KEY_PASSPHRASE", "correct horse battery");
    Said made = product.fx("server", passphrase, "", "keys", "--owner", "Acme Ltd", "--file", "acme", "--to", jars.toString());
    made.well();
    Path trust = product.instance("server").resolve("trust/acme.pem");
    Files.copy(jars.resolve("acme.pem"), trust);
    Path jar = Jars.rebuilt(Jars.of(product.tree(), "com.fxplatform.ratelimit"), "0.1.1", jars);
    Said unsigned = product.fx("server", Map.of(), "", "deploy", jar.toString());
    assertEquals(1, unsigned.code(), unsigned.text());
    assertTrue(unsigned.text().contains("REJECTED: It is not signed; sign it with `fx sign`"), unsigned.text());
    Said signed = product.fx("server", Map.of(), "correct horse battery\n", "sign", jar.toString(), "--key", jars.resolve("acme.p12").toString());
    signed.well();
    Said taken = product.fx("server", Map.of(), "", "deploy", jar.toString());
    assertEquals(0, taken.code(), taken.text());
    Files.delete(trust);
  }

  @Test
  void aProductOfItsOwnHoldsWhatItNeedsAndStarts() throws Exception {
    Path zip = product.folder.resolve("practice.zip");
    Said written = product.fx("server", Map.of(), "", "assemble", "practice", "setup", "--to", zip.toString());
    written.well();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      List<String> names = file.stream().map(ZipEntry::getName).toList();
      assertTrue(names.stream().anyMatch(name -> name.contains("/bundles/com.fxplatform.paper-")), names.toString());
      for (String alien : List.of("com.fxplatform.store", "com.fxplatform.credentials", "com.fxplatform.gateway", "server.runtime")) {
        assertFalse(names.stream().anyMatch(name -> name.contains(alien)), alien);
      }
    }
    try (Product own = new Product(zip)) {
      try (Stream<Path> runtimes = Files.list(own.tree().resolve("runtimes"))) {
        assertEquals(6, runtimes.count(), "practice, setup, and what they include");
      }
      own.start("practice", Map.of(), "fx.http.port=" + own.freePort(), "fx.admin.port=" + own.freePort(), "fx.terminal.port=" + own.freePort());
      assertTrue(own.fx("practice", Map.of(), "", "status").text().startsWith("practice  live"));
    }
    Said unknown = product.fx("server", Map.of(), "", "assemble", "nothing", "--to", zip.toString());
    assertEquals(1, unknown.code());
    assertTrue(unknown.text().startsWith("fx: There is no runtime nothing; there are "), unknown.text());
  }
}
