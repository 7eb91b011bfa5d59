package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.benchmarks.OwnersEvents.Ended;
import com.fxplatform.itests.distribution.Json;
import java.util.Arrays;
import java.util.Map;

/**
 * Commands that open and close, one after the other: from the request of the web API to the event that tells the owner that
 * the terminal's result is stored. In thousands from a fresh start on, because a JVM compiles what it does often: the first
 * is what a trader has after a restart, the last is what lasts.
 */
public final class CommandLatency {
  private static final int THOUSANDS = 4;
  private static final int THOUSAND = 1000;

  /** How long one took, in nanoseconds, and what the terminal said. */
  private record Taken(long accepted, long stored, JsonNode result) {}

  private CommandLatency() {}

  public static void main(String[] arguments) throws Exception {
    try (Trio trio = new Trio(); OwnersEvents events = trio.events(); KeptLine line = new KeptLine(trio.port)) {
      System.out.printf("fx setup to ready: %.2f s%n", trio.setupNanos / 1e9);
      for (int thousand = 1; thousand <= THOUSANDS; thousand++) {
        long[] accepted = new long[THOUSAND];
        long[] stored = new long[THOUSAND];
        String ticket = "";
        for (int i = 0; i < THOUSAND; i++) {
          boolean opens = i % 2 == 0;
          Taken taken = opens
              ? run(trio, line, events, "OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01))
              : run(trio, line, events, "CLOSE_POSITION", Map.of("ticket", ticket));
          ticket = opens ? taken.result.findValue("ticket").asText() : "";
          accepted[i] = taken.accepted;
          stored[i] = taken.stored;
        }
        System.out.printf("commands %,d to %,d: accepted p50 %.1f ms, p99 %.1f ms; result stored p50 %.1f ms, p99 %.1f ms%n",
            (thousand - 1) * THOUSAND + 1, thousand * THOUSAND, at(accepted, 50), at(accepted, 99), at(stored, 50), at(stored, 99));
      }
    }
  }

  /** In milliseconds. */
  private static double at(long[] taken, int percent) {
    long[] sorted = taken.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length * percent / 100] / 1e6;
  }

  private static Taken run(Trio trio, KeptLine line, OwnersEvents events, String command, Map<String, ?> parameters) throws Exception {
    // the JDK's client would take more of the two processors than the platform does
    byte[] request = KeptLine.request("POST /api/executor/" + trio.executor.id() + "/command", trio.port,
        "Cookie: " + trio.owner.cookies() + "\r\n", "application/json", Json.write(Map.of("command", command, "parameters", parameters)));
    long began = System.nanoTime();
    KeptLine.Answer answer = line.send(request);
    long accepted = System.nanoTime() - began;
    if (answer.status() >= 300) {
      throw new IllegalStateException(command + " is refused: " + answer.text());
    }
    Ended ended = events.await(Json.read(answer.text()).path("command").path("id").asText());
    if (!ended.status().equals("executed")) {
      throw new IllegalStateException(command + " ended as " + ended.status() + ": " + ended.result());
    }
    return new Taken(accepted, ended.nanos() - began, ended.result());
  }
}
