package com.fxplatform.api.terminal;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What became of a request.
 *
 * @param outcome see there
 * @param data the reply's {@code data}, empty if it has none
 * @param error one sentence unless the outcome is OK
 * @param settlement for {@link Outcome#UNKNOWN}: completes once the outcome becomes known, within ten minutes or never
 */
public record TerminalReply(
    Outcome outcome,
    Map<String, Object> data,
    Optional<String> error,
    Optional<CompletionStage<TerminalReply>> settlement) {
  /** What is known. */
  public enum Outcome {
    /** The terminal did it. */
    OK,
    /** The terminal got it and did not do it. */
    FAILED,
    /** It never left: certainly not done. */
    NOT_SENT,
    /** It left and no answer came: never send it again. */
    UNKNOWN
  }
}
