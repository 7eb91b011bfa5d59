package com.fxplatform.pusher;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/** How long to wait before the next try: longer each time up to a cap, and never in step with the others. */
record Backoff(Duration first, Duration cap, DoubleSupplier random) {
  /** After that many tries in a row that failed: between half of the step and the whole. */
  Duration after(int failures) {
    int doublings = Math.min(Math.max(failures - 1, 0), 20);
    long step = Math.min(cap.toMillis(), first.toMillis() << doublings);
    return Duration.ofMillis((long) (step * (0.5 + random.getAsDouble() / 2)));
  }
}
