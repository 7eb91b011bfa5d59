package com.fxplatform.api.command;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * How a command ended.
 *
 * @param success whether it did what it says
 * @param data JSON values for the user, for example {@code ticket}
 * @param error one sentence if it did not
 * @param outcomeKnown false if something left for the terminal and nobody knows what became of it; such a command is
 *     never sent again
 * @param settlement completes once an unknown outcome becomes known after all
 */
public record CommandResult(
    boolean success,
    Map<String, Object> data,
    Optional<String> error,
    boolean outcomeKnown,
    Optional<CompletionStage<CommandResult>> settlement) {
  /** It did what it says. */
  public static CommandResult done(Map<String, Object> data) {
    return new CommandResult(true, data, Optional.empty(), true, Optional.empty());
  }

  /** It had no effect, or failed for a known reason. */
  public static CommandResult failed(String why) {
    return new CommandResult(false, Map.of(), Optional.of(why), true, Optional.empty());
  }

  /** Nobody knows. */
  public static CommandResult unknown(String why, CompletionStage<CommandResult> settlement) {
    return new CommandResult(false, Map.of(), Optional.of(why), false, Optional.ofNullable(settlement));
  }
}
