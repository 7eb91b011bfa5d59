package com.fxplatform.paper;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a terminal can be made to misbehave. Every method is called on the terminal's own thread; what it throws ends the
 * terminal there and then, as a crash would.
 */
public interface Faults {
  /** A terminal without faults. */
  Faults NONE = new Faults() {};

  /** Whether the terminal looks for a request in this tick; false is a frozen one. */
  default boolean polls() {
    return true;
  }

  /** A request was received and is not executed yet. */
  default void received(String request) {}

  /** How long the terminal thinks before it executes a request. */
  default Duration before(String request) {
    return Duration.ZERO;
  }

  /** How long it thinks between executing and answering. */
  default Duration after(String request) {
    return Duration.ZERO;
  }

  /** A request was executed and is not answered yet. Empty: no answer, which leaves a REP socket wedged. */
  default Optional<String> answer(String request, String reply) {
    return Optional.of(reply);
  }

  /** Whether the connection breaks instead of carrying the answer; the terminal goes on. */
  default boolean hangsUp(String request) {
    return false;
  }

  /** Whether the answer is sent twice; a REP socket cannot, protocol 2 can. */
  default boolean repeats(String request) {
    return false;
  }

  /** What the broker says to a trade before it looks at it: {@link Broker#DONE} or the retcode of a refusal. */
  default int retcode() {
    return Broker.DONE;
  }
}
