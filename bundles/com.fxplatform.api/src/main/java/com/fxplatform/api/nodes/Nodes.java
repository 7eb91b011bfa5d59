package com.fxplatform.api.nodes;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Tells the other nodes. There is such a service only where several nodes are configured ({@code REDIS_URL}). A nudge,
 * never the truth: what is told while the others cannot be reached is lost, and {@link NodeListener#reconnected} is the
 * moment to tell again what must be known. Thread-safe; returns at once; what one thread tells arrives in order.
 */
@ProviderType
public interface Nodes {
  /**
   * @param topic what {@link NodeListener#TOPIC} names on the other side
   * @param message at most 4 MB
   * @return whether it was taken; the queue behind it is bounded
   */
  boolean tell(String topic, String message);
}
