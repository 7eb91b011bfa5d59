package com.fxplatform.api.realtime;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What the server's plugins may tell executors about realtime. Thread-safe, cheap. */
@ProviderType
public interface RealtimeSettings {
  /** The app in force: a hosted one if it is configured, else the embedded gateway's; empty if there is neither. */
  Optional<RealtimeApp> app();
}
