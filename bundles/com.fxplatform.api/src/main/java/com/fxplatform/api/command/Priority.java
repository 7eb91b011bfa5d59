package com.fxplatform.api.command;

/** How urgent a command is; declared most urgent first, so the natural order is the order of work (wire-contract 6.2). */
public enum Priority {
  URGENT,
  HIGH,
  NORMAL,
  LOW
}
