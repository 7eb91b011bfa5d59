package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fxplatform.itests.distribution.Browser.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The embedded database on a small disk that fills: changes are refused in time, reads go on, and room heals it. */
@Tag("slow")
class DiskFullJourney {
  @Test
  @Timeout(120)
  void readsGoOnAndRoomHeals() throws Exception {
    try (Product product = new Product()) {
      Path disk = product.instance("server").resolve("data/store");
      Files.createDirectories(disk);
      assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()), "This machine does not let tests mount a small disk");
      try {
        fill(product, disk);
      } finally {
        product.stop("server");
        assertTrue(run("umount", disk.toString()));
      }
    }
  }

  private static void fill(Product product, Path disk) throws Exception {
    int port = product.freePort();
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
        "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort())), "com.fxplatform.store/reserveMb=4");
    Browser owner = new Browser("http://127.0.0.1:" + port).signIn(Product.EMAIL, Product.PASSWORD);
    Credentials executor = Credentials.create(owner, "on a small disk");
    String commands = "/api/executor/" + executor.id() + "/command";
    assertEquals(201, owner.send("POST", commands, Map.of("command", "GET_STATUS")).status());
    Path filler = disk.resolve("filler");
    Files.write(filler, new byte[(int) Files.getFileStore(disk).getUsableSpace() - (3 << 20)]);
    Await.until("changes are refused", Duration.ofSeconds(10), () -> owner.send("POST", commands, Map.of("command", "GET_STATUS")).status() != 201);
    Answer refused = owner.send("POST", commands, Map.of("command", "GET_STATUS"));
    assertEquals(503, refused.status(), refused.http().body());
    assertEquals("STORE_FULL", refused.code());
    assertTrue(Integer.parseInt(refused.header("Retry-After")) > 0);
    for (int i = 0; i < 50; i++) {
      assertEquals(200, owner.get("/api/executor").status(), "reads go on");
      assertEquals(200, owner.get(commands).status());
    }
    assertEquals(200, new Browser(owner.platform).get("/api/executor/config", executor.headers()).status());
    String status = product.fx("server", Map.of(), "", "status").text();
    assertTrue(status.contains("The disk of the database is full"), status);
    Files.delete(filler);
    Await.until("room heals it", Duration.ofSeconds(10), () -> owner.send("POST", commands, Map.of("command", "GET_STATUS")).status() == 201);
    assertFalse(product.log("server").contains("A request failed unexpectedly"), product.log("server"));
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
