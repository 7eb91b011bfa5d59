package com.fxplatform.itests.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.benchmarks.OwnersEvents.Ended;
import com.fxplatform.itests.distribution.Browser;
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
    try (Trio trio = new Trio(); OwnersEvents events = trio.events()) {
      System.out.printf("fx setup to ready: %.2f s%n", trio.setupNanos / 1e9);
      for (int i = 0; i < WARM_UP; i++) {
        run(trio, events, "GET_STATUS", Map.of());
      }
      Taken[] all = new Taken[2 * PAIRS];
      for (int i = 0; i < PAIRS; i++) {
        all[2 * i] = run(trio, events, "OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
        all[2 * i + 1] = run(trio, events, "CLOSE_POSITION", Map.of("ticket", all[2 * i].result.findValue("ticket").asText()));
      }
      long[] accepted = Arrays.stream(all).mapToLong(Taken::accepted).sorted().toArray();
      long[] stored = Arrays.stream(all).mapToLong(Taken::stored).sorted().toArray();
      System.out.printf("%d commands, opening and closing: accepted p50 %.1f ms, p99 %.1f ms; result stored p50 %.1f ms, p99 %.1f ms%n",
          all.length, accepted[PAIRS] / 1e6, accepted[PAIRS * 2 * 99 / 100] / 1e6, stored[PAIRS] / 1e6, stored[PAIRS * 2 * 99 / 100] / 1e6);
    }
  }

  private static Taken run(Trio trio, OwnersEvents events, String command, Map<String, ?> parameters) throws Exception {
    long began = System.nanoTime();
    Browser.Answer answer = trio.owner.send("POST", "/api/executor/" + trio.executor.id() + "/command",
        Map.of("command", command, "parameters", parameters));
    long accepted = System.nanoTime() - began;
    if (answer.status() >= 300) {
      throw new IllegalStateException(command + " is refused: " + answer.http().body());
    }
    Ended ended = events.await(answer.json().path("command").path("id").asText());
    if (!ended.status().equals("executed")) {
      throw new IllegalStateException(command + " ended as " + ended.status() + ": " + ended.result());
    }
    return new Taken(accepted, ended.nanos() - began, ended.result());
  }
}
