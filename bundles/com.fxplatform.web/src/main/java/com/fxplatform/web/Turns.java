package com.fxplatform.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Lets other callers have a turn. Jetty's thread stays with a connection whose next request is already there: a caller who
 * is quick would be served again and again while others wait for a processor.
 */
final class Turns {
  private final ThreadLocal<String> served = ThreadLocal.withInitial(() -> "");

  /** After a request was answered on this thread; costs next to nothing while nobody waits. */
  void served(HttpServletRequest request) {
    String connection = request.getServletConnection().getConnectionId();
    if (connection.equals(served.get())) {
      Thread.yield();
    } else {
      served.set(connection);
    }
  }
}
