package com.fxplatform.api.command;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The point of no return of one command. Whoever is about to do something that cannot be taken back passes it first,
 * immediately before, on whatever thread does it.
 */
@ConsumerType
public interface Gate {
  /** The command's time is over: nothing was done. */
  String EXPIRED = "EXPIRED";

  /** Trading is halted: nothing was done. */
  String HALTED = "HALTED";

  /**
   * Returns once the journal on disk says that the effect may have happened. May take some milliseconds (a disk flush).
   * Passing again for the same command does nothing: a command of several effects is one command.
   *
   * @throws com.fxplatform.api.Refusal 409 {@link #EXPIRED} or {@link #HALTED}: do not go on
   */
  void pass();
}
