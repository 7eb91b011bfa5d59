package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DeploymentsTest {
  @TempDir Path temp;
  private final List<String> asked = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final AtomicInteger looks = new AtomicInteger();
  private HttpServer server;
  private Deployments deployments;
  private volatile String end = "SETTLED";
  private volatile int status = 202;

  @BeforeEach
  void open() throws IOException {
    Instance instance = new Instance(temp);
    Files.createDirectories(instance.data());
    Files.writeString(instance.data().resolve("admin.token"), "t0ken");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      String answer = "{\"id\":\"7\",\"name\":\"com.acme.x\",\"version\":\"1.1.0\"}";
      int code = status;
      if (path.equals("/deployments")) {
        code = 200;
        String last = looks.incrementAndGet() < 3 ? "" : "," + line("7", end, end.equals("SETTLED") ? "" : "it is sick");
        answer = "{\"deployments\":[" + line("6", "REJECTED", "old") + "," + line("7", "RECEIVED", "") + last + "]}";
      } else {
        asked.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + path + " " + body);
        answer = status == 202 ? answer : "{\"error\":\"There is nothing.\"}";
      }
      exchange.sendResponseHeaders(code, answer.length());
      exchange.getResponseBody().write(answer.getBytes(StandardCharsets.UTF_8));
      exchange.close();
    });
    server.start();
    RunFile file = new RunFile("server", 1, 1, Instant.now(), server.getAddress().getPort(), "127.0.0.1", 0, "1", true);
    deployments = new Deployments(new BackDoor(instance, file), new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  private static String line(String id, String state, String why) {
    return "{\"id\":\"" + id + "\",\"name\":\"com.acme.x\",\"version\":\"1.1.0\",\"state\":\"" + state + "\",\"why\":\"" + why
        + "\",\"at\":\"now\"}";
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private List<String> printed() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void theStatesAreToldAsTheyPass() throws Exception {
    Path jar = Files.createFile(temp.resolve("x.jar"));
    assertEquals(0, deployments.deploy(jar));
    assertEquals(List.of("Bearer t0ken /deploy " + jar.toAbsolutePath()), asked);
    assertEquals(List.of("com.acme.x 1.1.0 is handed in", "RECEIVED", "SETTLED"), printed());
  }

  @Test
  void aJarThatBouncesIsAnErrorWithTheReason() throws Exception {
    end = "REJECTED";
    assertEquals(1, deployments.rollback("com.acme.x"));
    assertEquals(List.of("Bearer t0ken /rollback/com.acme.x "), asked);
    assertEquals("REJECTED: it is sick", printed().get(2));
  }

  @Test
  void whatTheBackDoorRefusesIsASentence() {
    status = 404;
    assertEquals("There is nothing.", assertThrows(Trouble.class, () -> deployments.rollback("x")).getMessage());
    assertTrue(assertThrows(Trouble.class, () -> deployments.deploy(temp.resolve("no.jar"))).getMessage().startsWith("There is no file"));
  }

  @Test
  void everythingIsListed() {
    assertEquals(0, deployments.list());
    assertEquals("now  #6  com.acme.x 1.1.0  REJECTED: old", printed().get(0));
  }
}
