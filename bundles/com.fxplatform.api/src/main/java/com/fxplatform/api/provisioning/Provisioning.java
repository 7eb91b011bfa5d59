package com.fxplatform.api.provisioning;

import com.fxplatform.api.executor.Executor;
import org.osgi.annotation.versioning.ProviderType;

/** Asks every {@link ConfigPlugin} and merges their answers. Thread-safe. */
@ProviderType
public interface Provisioning {
  /** Refusal 500: a required plugin failed or is missing. */
  String CONFIG_ERROR = "CONFIG_ERROR";

  /** @throws com.fxplatform.api.Refusal 500 {@link #CONFIG_ERROR}, or what a plugin refuses */
  Provisioned configFor(Executor executor);

  /** Something that plugins read has changed: revisions are computed anew and executors told to look again. */
  void changed();
}
