package com.fxplatform.executor;

/** Notices that the machine slept or that somebody set its clock: the wall clock and the steady clock disagree. */
final class ClockWatch {
  private static final long TOLERANCE = 2_000;

  private long wall;
  private long steady;
  private boolean begun;

  /** Returns by how many milliseconds the wall clock jumped since the last look; 0 if it did not. */
  long jumped(long wallMillis, long steadyNanos) {
    long jump = begun ? (wallMillis - wall) - (steadyNanos - steady) / 1_000_000 : 0;
    wall = wallMillis;
    steady = steadyNanos;
    begun = true;
    return Math.abs(jump) > TOLERANCE ? jump : 0;
  }
}
