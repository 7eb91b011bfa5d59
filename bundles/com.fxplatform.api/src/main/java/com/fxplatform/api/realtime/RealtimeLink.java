package com.fxplatform.api.realtime;

import java.time.Instant;
import org.osgi.annotation.versioning.ProviderType;

/** The executor's realtime connection. Thread-safe, never blocks. */
@ProviderType
public interface RealtimeLink {
  /** How the connection is. */
  enum State {
    /** Nothing to connect to yet. */
    IDLE,
    /** Trying. */
    CONNECTING,
    /** Connected, and the executor's channel is subscribed. */
    SUBSCRIBED,
    /** The server refuses this executor's channel: credentials were revoked, or are wrong. */
    REFUSED
  }

  State state();

  /** Since when it has been in that state. */
  Instant since();

  /** One sentence for a person. */
  String detail();
}
