package com.fxplatform.api.terminal;

/** Which requests go to the terminal first; declared in the order of work (zmq-bridge 6.1). */
public enum Lane {
  EMERGENCY,
  CLOSE,
  OPEN,
  READ,
  BARS
}
