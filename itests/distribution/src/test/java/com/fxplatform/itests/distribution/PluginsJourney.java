package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** What an integrator's plugin may do, and what it may not. */
@Tag("slow")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PluginsJourney {
  private Product product;
  private Browser owner;
  private Credentials executor;
  private Path jars;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    jars = Files.createDirectories(product.folder.resolve("jars"));
    int port = product.freePort();
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD), "fx.http.port=" + port,
        "fx.admin.port=" + product.freePort(), "com.fxplatform.deploy/probation=1", "com.fxplatform.ratelimit/limits=config=1000000/60");
    owner = new Browser("http://127.0.0.1:" + port).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Welcome");
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private Said deploy(Newcomer plugin, String version) throws Exception {
    return product.fx("server", Map.of(), "", "deploy", plugin.write(version, jars).toString());
  }

  private String value(Credentials who) throws Exception {
    Answer answer = owner.get("/api/executor/config", who.headers());
    assertEquals(200, answer.status(), answer.http().body());
    JsonNode value = answer.json().findValue("guest.value");
    return value == null ? "" : value.asText();
  }

  @Test
  @Order(1)
  void itsOwnSettingIsLiveOnSave() throws Exception {
    Said said = deploy(Newcomer.plugin("built in"), "1.0.0");
    assertTrue(said.text().endsWith("SETTLED"), said.text());
    assertEquals("built in", value(executor));
    Path file = product.instance("server").resolve("config/" + Newcomer.PLUGIN + ".cfg");
    Files.writeString(file, "value = as configured\n");
    Await.until("the file is followed", Duration.ofSeconds(20), () -> value(executor).equals("as configured"));
    Files.writeString(file, "value = as changed\n");
    Await.until("the file is followed again", Duration.ofSeconds(20), () -> value(executor).equals("as changed"));
    Files.delete(file);
  }

  @Test
  @Order(2)
  void itMayRefuseAnExecutorByName() throws Exception {
    Credentials unwanted = Credentials.create(owner, "Unwanted VPS");
    Said said = deploy(Newcomer.plugin("two").behaves("veto", "Unwanted"), "1.1.0");
    assertTrue(said.text().endsWith("SETTLED"), said.text());
    assertEquals("two", value(executor));
    Answer refused = owner.get("/api/executor/config", unwanted.headers());
    assertEquals(403, refused.status(), refused.http().body());
    assertEquals("NOT_FOR_YOU", refused.code());
    assertEquals("The plugin has nothing for Unwanted VPS.", refused.error());
    assertEquals("two", value(executor));
  }

  @Test
  @Order(3)
  void itMayNotBeSlow() throws Exception {
    Said said = deploy(Newcomer.plugin("three").behaves("millis", "400"), "1.2.0");
    assertEquals(1, said.code(), said.text());
    assertTrue(said.text().matches("(?s).*REJECTED: The rehearsal of its ConfigPlugin failed: it takes 4\\d\\d ms for one executor; 200 ms are allowed.*"),
        said.text());
    assertEquals("two", value(executor));
  }
}
