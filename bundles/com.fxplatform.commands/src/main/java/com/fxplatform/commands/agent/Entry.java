package com.fxplatform.commands.agent;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.Priority;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One command in the journal; instants are epoch milliseconds, 0 for none.
 *
 * @param seq the order in which commands came
 * @param createdAt by the server's clock
 * @param expiresAt by the server's clock
 * @param receivedAt by ours
 * @param via how it came
 * @param changedAt when the state last changed
 * @param status the word for the server once the state is a final one
 * @param result what is or will be reported with it
 * @param reported whether the server has taken that word
 */
record Entry(
    @JsonProperty("id") String id,
    @JsonProperty("seq") long seq,
    @JsonProperty("name") String name,
    @JsonProperty("parameters") Map<String, Object> parameters,
    @JsonProperty("priority") Priority priority,
    @JsonProperty("createdAt") long createdAt,
    @JsonProperty("expiresAt") long expiresAt,
    @JsonProperty("receivedAt") long receivedAt,
    @JsonProperty("via") String via,
    @JsonProperty("state") State state,
    @JsonProperty("changedAt") long changedAt,
    @JsonProperty("status") String status,
    @JsonProperty("result") Map<String, Object> result,
    @JsonProperty("reported") boolean reported) {
  /** How far it is. */
  enum State {
    /** Known, and nothing was done yet. */
    ACCEPTED,
    /** It may have had its effect: never to be begun again. */
    SENT,
    /** It ended and we know how. */
    DONE,
    /** Its time was over before it began. */
    EXPIRED,
    /** It was refused or cancelled before it began. */
    REJECTED,
    /** It may have had its effect and nobody knows. */
    UNKNOWN;

    boolean isFinal() {
      return this != ACCEPTED && this != SENT;
    }
  }

  Command command() {
    Optional<Instant> until = expiresAt == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(expiresAt));
    return new Command(id, name, parameters, priority, Instant.ofEpochMilli(createdAt), until);
  }

  Entry sent(long now) {
    return new Entry(
        id, seq, name, parameters, priority, createdAt, expiresAt, receivedAt, via, State.SENT, now, status, result, reported);
  }

  Entry ended(State last, String word, Map<String, Object> outcome, long now) {
    return new Entry(
        id, seq, name, parameters, priority, createdAt, expiresAt, receivedAt, via, last, now, word, outcome, via.equals("local"));
  }

  Entry reported(boolean taken) {
    return new Entry(
        id, seq, name, parameters, priority, createdAt, expiresAt, receivedAt, via, state, changedAt, status, result, taken);
  }
}
