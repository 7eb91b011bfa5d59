package com.fxplatform.api.command;

import com.fxplatform.api.terminal.Account;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * May veto a command that would open or modify something. Commands that close are never asked about. Called
 * concurrently; returns within 10 ms, or as soon as the terminal has told a price; what it throws counts as a veto.
 */
@ConsumerType
public interface SafetyCheck {
  /** Service property, mandatory: one id, for example {@code max-lot}. */
  String ID = "safety.id";

  /**
   * @param account what the terminal last said; empty if it said nothing yet
   * @return the reason in one sentence, or empty
   */
  Optional<String> veto(Command command, Optional<Account> account);
}
