package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.Gate;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The point of no return of one command: behind it, the journal on disk says that the effect may have happened. */
final class Passage implements Gate {
  private static final String GIVEN_UP = "GIVEN_UP";

  private final Entry entry;
  private final Journal journal;
  private final LongSupplier serverClock;
  private boolean passed;
  private boolean shut;
  private Refusal refusal;

  Passage(Entry entry, Journal journal, LongSupplier serverClock) {
    this.entry = entry;
    this.journal = journal;
    this.serverClock = serverClock;
  }

  @Override
  public synchronized void pass() {
    if (passed) {
      return;
    }
    if (shut) {
      throw refuse(GIVEN_UP, "The command was given up before it was sent.");
    }
    haltedOrExpired();
    if (!journal.sent(entry.id(), Instant.now().toEpochMilli())) {
      throw refuse(GIVEN_UP, "The command was cancelled before it was sent.");
    }
    // an emergency stop may have come while the disk was busy
    haltedOrExpired();
    passed = true;
  }

  private void haltedOrExpired() {
    Optional<Journal.Halt> halt = CommandNames.CLOSING.contains(entry.name()) ? Optional.empty() : journal.halted();
    if (halt.isPresent()) {
      throw refuse(HALTED, "Trading is halted (" + halt.get().reason() + "): send RESUME first.");
    }
    Optional<String> pause = entry.name().equals(CommandNames.OPEN_POSITION) ? journal.paused() : Optional.empty();
    if (pause.isPresent()) {
      throw refuse(HALTED, "Trading is paused (" + pause.get() + "): send RESUME first.");
    }
    if (expired()) {
      throw refuse(EXPIRED, "The command's time was over before it could be sent.");
    }
  }

  boolean expired() {
    return entry.expiresAt() != 0 && serverClock.getAsLong() > entry.expiresAt();
  }

  /** Nobody passes any more. Returns whether somebody did. */
  synchronized boolean shut() {
    shut = true;
    return passed;
  }

  /** The last no that was said here. */
  synchronized Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  private Refusal refuse(String code, String why) {
    refusal = new Refusal(409, code, why);
    return refusal;
  }
}
