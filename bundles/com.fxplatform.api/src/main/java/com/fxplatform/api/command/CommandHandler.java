package com.fxplatform.api.command;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Does what a command says. Called at most once per command id, by one of few worker threads; may take as long as the
 * command timeout. Validate every parameter: they come from outside.
 *
 * <p>Throw {@link com.fxplatform.api.Refusal} before the gate for a command that makes no sense; its message is
 * reported as the error. What is thrown after the gate is an unknown outcome.
 */
@ConsumerType
public interface CommandHandler {
  /** Service property, mandatory, one or several: the command names it handles. */
  String NAME = "command.name";

  /** @param gate to be passed immediately before anything that cannot be taken back */
  CommandResult handle(Command command, Gate gate);
}
