package com.fxplatform.itests.distribution;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.IOException;
import java.util.Map;

/** A plugin that provisions one setting, and may veto or be slow. */
public final class PluginGuest extends Guest implements ConfigPlugin {
  public PluginGuest() throws IOException {}

  @Override
  public Map<String, ?> contribute(Executor executor) {
    if (!says("veto").isEmpty() && executor.name().startsWith(says("veto"))) {
      throw new Refusal(403, "NOT_FOR_YOU", "The plugin has nothing for " + executor.name() + ".");
    }
    if (!says("millis").isEmpty()) {
      pause(Long.parseLong(says("millis")), null);
    }
    return Map.of("guest.value", says("value"));
  }
}
