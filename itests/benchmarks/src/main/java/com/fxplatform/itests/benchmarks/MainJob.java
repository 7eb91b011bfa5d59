package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Await;
import com.fxplatform.itests.distribution.Browser;
import com.fxplatform.itests.distribution.Credentials;
import com.fxplatform.itests.distribution.Product;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The figures of the main job on this machine: start of a server to its first answer, setup to ready, and command round
 * trips as a web client sees them (request sent to result stored), with the paper terminal.
 */
public final class MainJob {
  private static final int STARTS = 5;
  private static final int ROUND_TRIPS = 200;

  private MainJob() {}

  public static void main(String[] arguments) throws Exception {
    try (Product product = new Product()) {
      int http = product.freePort();
      int door = product.freePort();
      int page = product.freePort();
      int terminal = product.freePort();
      Map<String, String> account = Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD);
      // asking for results all the time is the benchmark's way, not a user's: the limit of 1000 a minute is for users
      String[] server = {"start", "server", "--set", "fx.http.port=" + http, "--set", "fx.admin.port=" + door,
          "--set", "com.fxplatform.ratelimit/limits=session=1000000/60"};

      long[] starts = new long[STARTS];
      for (int i = 0; i < STARTS; i++) {
        long began = System.nanoTime();
        Process start = product.begin("server", account, server);
        firstAnswer(http);
        starts[i] = System.nanoTime() - began;
        start.getInputStream().transferTo(OutputStream.nullOutputStream());
        start.waitFor();
        if (i < STARTS - 1) {
          product.stop("server");
        }
      }
      System.out.printf("fx start server to first answer: first %.2f s, restarts median %.2f s%n",
          starts[0] / 1e9, median(Arrays.copyOfRange(starts, 1, STARTS)) / 1e9);
      product.adopt("server");

      Browser owner = new Browser("http://127.0.0.1:" + http).signIn(Product.EMAIL, Product.PASSWORD);
      Credentials executor = Credentials.create(owner, "Benchmark");
      Path pasted = product.folder.resolve("InpSharedSecret");
      Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(pasted, executor.sharedSecret());
      product.start("paper", Map.of(), "fx.terminal.port=" + terminal, "fx.admin.port=" + product.freePort(),
          "com.fxplatform.paper/secretFile=" + pasted);
      product.start("executor", Map.of(), "fx.http.port=" + page, "fx.admin.port=" + product.freePort(),
          "com.fxplatform.executor/override.zmqPort=" + product.freePort(),
          "com.fxplatform.executor/override.zmqCommandPort=" + terminal);

      long began = System.nanoTime();
      product.fx("executor", Map.of("FX_PLATFORM_URL", owner.platform), executor.secret() + "\n",
          "setup", "--api-key", executor.apiKey(), "--api-secret-stdin");
      product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "60");
      System.out.printf("fx setup to ready: %.2f s%n", (System.nanoTime() - began) / 1e9);

      for (int i = 0; i < 50; i++) {
        run(owner, executor, "GET_STATUS", Map.of());
      }
      report("GET_STATUS", owner, executor, "GET_STATUS", Map.of());
      report("OPEN_POSITION", owner, executor, "OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
    }
  }

  private static void report(String name, Browser owner, Credentials executor, String command, Map<String, ?> parameters)
      throws Exception {
    long[] times = new long[ROUND_TRIPS];
    for (int i = 0; i < ROUND_TRIPS; i++) {
      long began = System.nanoTime();
      run(owner, executor, command, parameters);
      times[i] = System.nanoTime() - began;
    }
    Arrays.sort(times);
    System.out.printf("%d %s round trips: p50 %.1f ms, p99 %.1f ms%n", ROUND_TRIPS, name,
        times[ROUND_TRIPS / 2] / 1e6, times[ROUND_TRIPS * 99 / 100] / 1e6);
  }

  private static void run(Browser owner, Credentials executor, String command, Map<String, ?> parameters) throws Exception {
    JsonNode sent = owner.send("POST", "/api/executor/" + executor.id() + "/command",
        Map.of("command", command, "parameters", parameters)).json();
    String id = sent.path("command").path("id").asText();
    Await.until(command + " ends", Duration.ofSeconds(30), () -> {
      String status = owner.get("/api/command/" + id).json().path("command").path("status").asText();
      if (status.equals("failed") || status.equals("unknown")) {
        throw new IllegalStateException(command + " ended as " + status);
      }
      return status.equals("executed");
    });
  }

  private static void firstAnswer(int port) throws IOException {
    byte[] request = "GET /api/executor/config HTTP/1.1\r\nHost: fx\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(5000);
        socket.getOutputStream().write(request);
        byte[] answer = socket.getInputStream().readNBytes(12);
        if (new String(answer, StandardCharsets.US_ASCII).equals("HTTP/1.1 401")) {
          return;
        }
      } catch (SocketTimeoutException slow) {
        // asked again
      } catch (IOException notYet) {
        LockSupport.parkNanos(5_000_000L);
      }
    }
    throw new IOException("The server did not answer within a minute");
  }

  private static long median(long[] times) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
