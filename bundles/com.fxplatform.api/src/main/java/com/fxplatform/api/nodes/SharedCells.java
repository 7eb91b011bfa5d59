package com.fxplatform.api.nodes;

import java.time.Duration;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Small values that all nodes see, changed by compare-and-set. There is such a service only where several nodes are
 * configured. Thread-safe; a call waits 200 ms at most unless the operator says otherwise.
 */
@ProviderType
public interface SharedCells {
  /**
   * @param key at most 200 characters
   * @throws NodesAway if nobody answers in time
   */
  Optional<byte[]> get(String key);

  /**
   * Replaces a value if it is still the expected one.
   *
   * @param expected what it must be, or {@code null} for none
   * @param keep after this time without a change it is forgotten
   * @return whether it was replaced
   * @throws NodesAway if nobody answers in time: it may have been replaced or not
   */
  boolean swap(String key, byte[] expected, byte[] next, Duration keep);
}
