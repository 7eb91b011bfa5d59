package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Product;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * From {@code fx start} to the first answered request, turn by turn with a minimal assembly (Felix, Declarative Services, Jetty, back
 * door), which says how fast this machine is just now.
 */
public final class Start {
  private static final int ROUNDS = 7;
  private static final String MINIMAL = "include core\ninclude backdoor\nset fx.http.port=8080\nset fx.admin.port=8181\n"
      + "set fx.jvm.options=-XX:+UseSerialGC\ninclude http\n";

  private Start() {}

  public static void main(String[] arguments) throws Exception {
    try (Product product = new Product()) {
      Files.writeString(product.tree().resolve("runtimes/minimal.runtime"), MINIMAL);
      double unzipped = start(product, "server", "unzipped");
      // what the build does for the tree it makes
      product.fx("archive", Map.of(), "", "archive", "server", "minimal");
      double[] first = new double[ROUNDS];
      double[] again = new double[ROUNDS];
      double[] minimal = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        first[i] = start(product, "server", "fresh-" + i);
        again[i] = start(product, "server", "fresh-" + i);
        minimal[i] = start(product, "minimal", "minimal");
      }
      System.out.printf("fx start server to the first answer: just unzipped %.2f s; with fx archive, new instance %s; the same again %s%n",
          unzipped, spread(first), spread(again));
      System.out.printf("the same of a minimal assembly: %s%n", spread(minimal));
    }
  }

  private static String spread(double[] seconds) {
    Arrays.sort(seconds);
    return String.format("median %.2f s, best %.2f s", seconds[seconds.length / 2], seconds[0]);
  }

  private static double start(Product product, String runtime, String instance) throws Exception {
    int http = product.freePort();
    long began = System.nanoTime();
    Process start = product.begin(instance, Map.of(), "start", runtime, "--set", "fx.http.port=" + http,
        "--set", "fx.admin.port=" + product.freePort());
    firstAnswer(http, runtime.equals("server") ? "HTTP/1.1 401" : "HTTP/1.1 404");
    double seconds = (System.nanoTime() - began) / 1e9;
    start.getInputStream().transferTo(OutputStream.nullOutputStream());
    start.waitFor();
    product.fx(instance, Map.of(), "", "stop", runtime);
    return seconds;
  }

  private static void firstAnswer(int port, String wanted) throws IOException {
    byte[] request = "GET /api/executor/config HTTP/1.1\r\nHost: fx\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(5000);
        socket.getOutputStream().write(request);
        byte[] answer = socket.getInputStream().readNBytes(12);
        if (new String(answer, StandardCharsets.US_ASCII).equals(wanted)) {
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
}
