package com.fxplatform.api.command;

import java.util.Set;

/** The command names of the wire (wire-contract 6.1). */
public final class CommandNames {
  public static final String OPEN_POSITION = "OPEN_POSITION";
  public static final String CLOSE_POSITION = "CLOSE_POSITION";
  public static final String MODIFY_POSITION = "MODIFY_POSITION";
  public static final String CLOSE_ALL_POSITIONS = "CLOSE_ALL_POSITIONS";
  public static final String GET_STATUS = "GET_STATUS";
  public static final String EMERGENCY_STOP = "EMERGENCY_STOP";

  /** What {@code POST /api/executor/{id}/command} accepts. */
  public static final Set<String> SENDABLE =
      Set.of(
          "START_STRATEGY",
          "STOP_STRATEGY",
          "PAUSE_STRATEGY",
          "RESUME_STRATEGY",
          "UPDATE_STRATEGY",
          OPEN_POSITION,
          CLOSE_POSITION,
          MODIFY_POSITION,
          CLOSE_ALL_POSITIONS,
          GET_STATUS,
          "STOP_ALL",
          "PAUSE",
          "RESUME",
          "RESTART",
          "CLOSE_PROFITABLE",
          "CLOSE_LOSING",
          "CLOSE_BY_STRATEGY",
          "CLOSE_BY_SYMBOL");

  /** What closes or stops something: it never expires, and no limit may block it. */
  public static final Set<String> CLOSING =
      Set.of(
          CLOSE_POSITION,
          CLOSE_ALL_POSITIONS,
          "CLOSE_PROFITABLE",
          "CLOSE_LOSING",
          "CLOSE_BY_STRATEGY",
          "CLOSE_BY_SYMBOL",
          "STOP_STRATEGY",
          "STOP_ALL",
          "PAUSE",
          "PAUSE_STRATEGY",
          EMERGENCY_STOP);

  /** What depends on the price of the moment: stale after the command timeout. */
  public static final Set<String> PRICED = Set.of(OPEN_POSITION, MODIFY_POSITION);

  private CommandNames() {}
}
