package com.fxplatform.api.command;

import java.time.Instant;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Whether this executor opens positions right now, whoever said that it should not: the platform, its own page, {@code fx
 * emergency-stop} or the dead man's switch. The heartbeat takes it to the platform. Thread-safe, returns at once.
 */
@ProviderType
public interface TradingState {
  /** What may be done. */
  enum Word {
    /** Orders go out. */
    ACTIVE,
    /** No new order goes out; what is open stays open. */
    PAUSED,
    /** An emergency stop is in force: no new order, and everything is closed. */
    HALTED
  }

  /**
   * The word and what belongs to it.
   *
   * @param reason why not; empty while active
   * @param since when an emergency stop was given, by the platform's clock; empty otherwise
   * @param flat whether the terminal was proven to hold no position since that emergency stop
   */
  record Report(Word word, String reason, Optional<Instant> since, boolean flat) {}

  /** How it is; empty while nobody can know, because the journal is not open. */
  Optional<Report> report();
}
