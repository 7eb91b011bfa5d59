package com.fxplatform.api.realtime;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The embedded realtime server, as rooms of the same process see it: its app, and the short way to publish to it.
 * Thread-safe; never waits for a client.
 */
@ProviderType
public interface RealtimeGateway {
  /** The app it serves; empty while it is switched off. */
  Optional<RealtimeApp> app();

  /**
   * Hands an event to everybody on the channel, without the detour over HTTP. Events of one caller to one channel
   * arrive in order.
   *
   * @param channel an allowed channel name
   * @param event at most 200 characters
   * @param data what subscribers get, usually JSON; at most 10 kB
   * @return the connections it was queued for
   * @throws IllegalArgumentException if channel, event or data break those rules
   */
  int deliver(String channel, String event, String data);
}
