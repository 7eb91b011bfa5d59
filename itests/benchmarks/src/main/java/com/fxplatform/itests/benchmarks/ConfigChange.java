package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** From a file saved on the server's disk to the executor that has applied what it says and acknowledged it. */
public final class ConfigChange {
  private static final int CHANGES = 10;
  // an executor asks ten times a minute at most
  private static final long APART = 7_500_000_000L;
  private static final long PATIENCE = 30_000_000_000L;

  private ConfigChange() {}

  public static void main(String[] arguments) throws Exception {
    try (Trio trio = new Trio()) {
      Path file = trio.product.instance("server").resolve("config/com.fxplatform.provisioning.connection.cfg");
      long[] times = new long[CHANGES];
      for (int i = 0; i < CHANGES; i++) {
        for (long next = System.nanoTime() + APART; System.nanoTime() < next; ) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
        String interval = Integer.toString(70 + i);
        long began = System.nanoTime();
        Files.writeString(file, "heartbeatInterval = " + interval + "\n");
        String revision = await(trio, began, interval);
        while (!acknowledged(trio).equals(revision)) {
          pause(began);
        }
        times[i] = System.nanoTime() - began;
      }
      Arrays.sort(times);
      System.out.printf("%d changes, from the file saved to applied and acknowledged: p50 %.0f ms, longest %.0f ms%n", CHANGES,
          times[CHANGES / 2] / 1e6, times[CHANGES - 1] / 1e6);
    }
  }

  /** The revision that the server gives out with the new value. */
  private static String await(Trio trio, long began, String interval) throws Exception {
    while (true) {
      JsonNode given = trio.owner.get("/api/executor/config", trio.executor.headers()).json();
      if (given.path("config").path("heartbeatInterval").asText().equals(interval)) {
        return given.path("metadata").path("revision").asText();
      }
      pause(began);
    }
  }

  private static String acknowledged(Trio trio) throws Exception {
    JsonNode executor = trio.owner.get("/api/executor/" + trio.executor.id()).json().path("executor");
    return "applied".equals(executor.path("configState").asText()) ? executor.path("configRevision").asText() : "";
  }

  private static void pause(long began) {
    if (System.nanoTime() - began > PATIENCE) {
      throw new IllegalStateException("The executor never acknowledged");
    }
    LockSupport.parkNanos(5_000_000);
  }
}
