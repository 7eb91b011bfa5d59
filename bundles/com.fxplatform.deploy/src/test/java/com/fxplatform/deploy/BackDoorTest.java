package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackDoorTest {
  @TempDir Path folder;
  private BackDoor door;
  private String token;

  @BeforeEach
  void open() throws IOException {
    door = new BackDoor(config(0));
    token = Files.readString(folder.resolve("admin.token"));
    door.bindPage(ask -> Page.Answer.json(200, "{\"secret\":1}"), Map.of(Page.PATH, "/closed"));
    door.bindPage(new Page() {
      @Override
      public boolean open() {
        return true;
      }

      @Override
      public Answer answer(Ask ask) {
        return Answer.json(200, "{\"trusted\":" + ask.trusted() + "}");
      }
    }, Map.of(Page.PATH, "/open"));
    door.bindPage(ask -> {
      throw new IllegalStateException("inside");
    }, Map.of(Page.PATH, "/broken"));
  }

  @AfterEach
  void close() {
    door.close();
  }

  private BackDoor.Config config(int port) {
    return new BackDoor.Config() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public String folder() {
        return folder.toString();
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return BackDoor.Config.class;
      }
    };
  }

  private String ask(String path, String host, String bearer) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", door.port())) {
      socket.setSoTimeout(10_000);
      String head = "GET " + path + " HTTP/1.1\r\n" + (host == null ? "" : "Host: " + host + "\r\n")
          + (bearer == null ? "" : "Authorization: Bearer " + bearer + "\r\n") + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String status(String answer) {
    return answer.split(" ")[1];
  }

  @Test
  void onlyTheTokenOpensWhatIsClosed() throws IOException {
    assertEquals("200", status(ask("/closed", "localhost", token)));
    for (String wrong : new String[] {null, "", "x", token + "0", token.substring(1)}) {
      assertEquals("401", status(ask("/closed", "localhost", wrong)));
    }
    assertTrue(ask("/open", "127.0.0.1:1", null).endsWith("{\"trusted\":false}"));
    assertTrue(ask("/open", "[::1]:1", token).endsWith("{\"trusted\":true}"));
  }

  @Test
  void strangersDoNotLearnWhatThereIs() throws IOException {
    assertEquals("401", status(ask("/nothing", "localhost", null)));
    assertEquals("404", status(ask("/nothing", "localhost", token)));
  }

  @Test
  void aHostThatIsNotThisMachineIsRefused() throws IOException {
    for (String host : new String[] {"evil.example", "evil.example:8181", "127.0.0.1.evil.example", "localhost.evil", "localhost:x", null}) {
      assertEquals("421", status(ask("/open", host, token)), String.valueOf(host));
    }
  }

  @Test
  void aBugIsAnswered500WithoutItsInsides() throws IOException {
    String answer = ask("/broken", "localhost", token);
    assertEquals("500", status(answer));
    assertTrue(!answer.contains("inside"), answer);
  }

  @Test
  void theTokenIsTheOwnersOnlyAndStays() throws IOException {
    Path file = folder.resolve("admin.token");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertTrue(AdminToken.in(folder).opens("Bearer " + token));
    assertEquals(1, Files.list(folder).count(), "nothing half-made is left");
  }

  @Test
  void aNewConfigurationMovesTheDoor() throws IOException {
    int before = door.port();
    int free;
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    door.modified(config(free));
    assertNotEquals(before, door.port());
    assertEquals("200", status(ask("/open", "localhost", null)));
  }
}
