package com.fxplatform.zmq;

import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.time.Instant;
import java.util.Optional;

/** How requests and replies are written. One per protocol the terminal may speak; pure and thread-safe. */
interface Dialect {
  /** What the terminal refused a request with when it does not accept our shared secret. */
  String AUTHENTICATION_FAILED = "Authentication failed";

  /** Whether a request can be written at all; a sentence if not. Needs no secret, so it is asked when a request comes in. */
  Optional<String> objection(TerminalRequest request);

  /** One frame. The request has no objection. */
  byte[] encode(TerminalRequest request, Instant now, String secret);

  /** What a frame says in answer to a request, OK or FAILED; empty for garbage and for what cannot be its answer. */
  Optional<TerminalReply> decode(TerminalRequest request, byte[] frame);
}
