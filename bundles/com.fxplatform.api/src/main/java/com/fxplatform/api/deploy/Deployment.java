package com.fxplatform.api.deploy;

import java.time.Instant;

/**
 * One line of the ledger: a jar entered a state.
 *
 * @param id the same for all lines of one deployment
 * @param name symbolic name; the file's name if the jar does not even tell
 * @param version of the bundle, may be empty
 * @param digest SHA-256 of the jar, lower-case hex
 * @param state where it stands
 * @param why one sentence; empty where there is nothing to explain
 * @param at when it got there
 */
public record Deployment(String id, String name, String version, String digest, State state, String why, Instant at) {
  /** The stations, in this order; the last three are final. */
  public enum State {
    /** Read and found worth installing. */
    RECEIVED,
    /** Installed beside the incumbent, everything it needs is there. */
    RESOLVED,
    /** Started; the incumbent still speaks. */
    TRIAL,
    /** The incumbent is stopped, the newcomer speaks. */
    PROMOTED,
    /** Watched; one reason is enough to bring the incumbent back. */
    PROBATION,
    /** The incumbent is gone. */
    SETTLED,
    /** Not taken; the incumbent speaks. */
    REJECTED,
    /** Its jar was taken out of the folder. */
    REMOVED;

    /** Whether nothing follows. */
    public boolean isFinal() {
      return compareTo(SETTLED) >= 0;
    }
  }
}
