package com.fxplatform.api.realtime;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Publishes events to a channel. A nudge, never the truth: callers survive its failure and nobody waits for it.
 * Thread-safe; returns at once; events of one caller to one channel arrive in order. The queue behind it is bounded;
 * when it is full the event is dropped and counted.
 */
@ProviderType
public interface Publisher {
  /**
   * @param channel for example {@code private-executor-<id>}
   * @param event at most 200 characters
   * @param data JSON values, at most 10 kB once written
   * @return whether the event was taken; a taken event may still fail to arrive
   */
  boolean publish(String channel, String event, Map<String, ?> data);
}
