package com.fxplatform.paper;

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

  /** A request was executed and is not answered yet. Empty: no answer, which leaves a REP socket wedged. */
  default Optional<String> answer(String request, String reply) {
    return Optional.of(reply);
  }
}
