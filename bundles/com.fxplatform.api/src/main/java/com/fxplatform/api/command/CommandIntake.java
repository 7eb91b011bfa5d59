package com.fxplatform.api.command;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where commands enter the executor, whatever way they came. Thread-safe, returns after one look at the journal and,
 * for a new command, one write to it.
 */
@ProviderType
public interface CommandIntake {
  /**
   * Takes a command in; one that is known already is dropped.
   *
   * @param raw as it came, both event shapes and all tolerances of wire-contract 7.3; not trusted
   * @param via how it came, for the timeline: {@code event}, {@code heartbeat} or {@code local}
   * @return whether it is new
   */
  boolean accept(Map<String, ?> raw, String via);
}
