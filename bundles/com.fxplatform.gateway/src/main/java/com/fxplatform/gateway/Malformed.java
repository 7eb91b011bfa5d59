package com.fxplatform.gateway;

/** A frame that is not what the protocol says; the message is for its sender. */
final class Malformed extends Exception {
  Malformed(String message) {
    super(message, null, false, false);
  }
}
