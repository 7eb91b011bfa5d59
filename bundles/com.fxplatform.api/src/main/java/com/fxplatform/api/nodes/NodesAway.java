package com.fxplatform.api.nodes;

/** What the nodes share cannot be reached now. Expected: the caller goes on with what it knows by itself. */
public final class NodesAway extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NodesAway(String message, Throwable cause) {
    // no stack: it is thrown for every request while the others are away
    super(message, cause, false, false);
  }
}
