package com.fxplatform.commands.safety;

/** How many positions are open, or may be because an order is on its way; the agent knows. */
public interface OpenCount {
  /** @param exceptCommand the order that asks, which does not count itself */
  int openOrOnTheWay(String exceptCommand);

  /** Something to remember over restarts; an empty string if there is nothing. */
  String note(String name);

  void note(String name, String value);
}
