package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.benchmarks.OwnersEvents.Ended;
import com.fxplatform.itests.distribution.Json;
import java.util.Arrays;
import java.util.Map;

/**
 * 1,000 commands, one after the other: from the request of the web API to the event that tells the owner that the terminal's
 * result is stored.
 */
public final class CommandLatency {
  private static final int WARM_UP = 500;
  private static final int PAIRS = 500;

  /** How long one took, in nanoseconds, and what the terminal said. */
  private record Taken(long accepted, long stored, JsonNode result) {}

  private CommandLatency() {}

  public static void main(String[] arguments) throws Exception {
    try (Trio trio = new Trio(); OwnersEvents events = trio.events(); KeptLine line = new KeptLine(trio.port)) {
      System.out.printf("fx setup to ready: %.2f s%n", trio.setupNanos / 1e9);
      for (int i = 0; i < WARM_UP; i++) {
        run(trio, line, events, "GET_STATUS", Map.of());
      }
      Taken[] all = new Taken[2 * PAIRS];
      for (int i = 0; i < PAIRS; i++) {
        all[2 * i] = run(trio, line, events, "OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
        all[2 * i + 1] = run(trio, line, events, "CLOSE_POSITION", Map.of("ticket", all[2 * i].result.findValue("ticket").asText()));
      }
      long[] accepted = Arrays.stream(all).mapToLong(Taken::accepted).sorted().toArray();
      long[] stored = Arrays.stream(all).mapToLong(Taken::stored).sorted().toArray();
      System.out.printf("%d commands, opening and closing: accepted p50 %.1f ms, p99 %.1f ms; result stored p50 %.1f ms, p99 %.1f ms%n",
          all.length, accepted[PAIRS] / 1e6, accepted[PAIRS * 2 * 99 / 100] / 1e6, stored[PAIRS] / 1e6, stored[PAIRS * 2 * 99 / 100] / 1e6);
    }
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
