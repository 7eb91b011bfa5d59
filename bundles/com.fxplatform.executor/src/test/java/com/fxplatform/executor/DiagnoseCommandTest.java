package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DiagnoseCommandTest {
  @TempDir Path instance;

  @Test
  void asksTheExecutorWhateverItsRuntimeIsCalled() throws Exception {
    assertEquals(Optional.empty(), DiagnoseCommand.running(instance));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext("/api/local/diagnosis", exchange -> {
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
    try {
      Path run = Files.createDirectories(instance.resolve("data/run"));
      Files.writeString(run.resolve("paper.json"), "{\"httpPort\":0}");
      Files.writeString(run.resolve("broken.json"), "{");
      Files.writeString(run.resolve("practice.json"), "{\"httpPort\":" + server.getAddress().getPort() + "}");
      assertEquals(Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())), DiagnoseCommand.running(instance));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whatItDoesNotKnowIsOneSentenceAndTwo() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
    // nothing but the arguments is looked at
    int code = new DiagnoseCommand(null, null, null).apply(Map.of("args", List.of("--bogus"), "out", err, "err", err, "instance", instance));
    assertEquals(2, code);
    assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("fx diagnose does not know --bogus"), said.toString(StandardCharsets.UTF_8));
  }
}
