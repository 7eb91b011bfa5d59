package com.fxplatform.provisioning.standard;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Heartbeats, time limits and reconnecting. */
@Component(
    property = {ConfigPlugin.ID + "=fx.connection", ConfigPlugin.REQUIRED + ":Boolean=true", "service.ranking:Integer=20"},
    configurationPid = "com.fxplatform.provisioning.connection")
@Designate(ocd = ConnectionPlugin.Config.class)
public final class ConnectionPlugin implements ConfigPlugin {
  @ObjectClassDefinition(name = "FX Platform standard settings: connection")
  @interface Config {
    @AttributeDefinition(description = "Seconds between heartbeats, 1 to 3600")
    int heartbeatInterval() default 60;

    @AttributeDefinition(description = "Seconds without a heartbeat after which an executor counts as silent")
    int heartbeatTimeout() default 120;

    @AttributeDefinition(description = "Milliseconds a command may take, 1000 to 600000")
    int commandTimeout() default 30_000;

    @AttributeDefinition(description = "Milliseconds a connection to the platform may take, 100 to 120000")
    int connectionTimeout() default 10_000;

    boolean autoReconnect() default true;

    int retryAttempts() default 5;

    @AttributeDefinition(description = "Milliseconds before the first retry")
    int retryBackoffMs() default 2000;

    int maxReconnectAttempts() default 10;
  }

  private volatile Map<String, Object> values;

  @Activate
  public ConnectionPlugin(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    range("heartbeatInterval", config.heartbeatInterval(), 1, 3600);
    range("commandTimeout", config.commandTimeout(), 1000, 600_000);
    range("connectionTimeout", config.connectionTimeout(), 100, 120_000);
    Map<String, Object> next = new LinkedHashMap<>();
    next.put("heartbeatInterval", config.heartbeatInterval());
    next.put("heartbeatTimeout", config.heartbeatTimeout());
    next.put("commandTimeout", config.commandTimeout());
    next.put("connectionTimeout", config.connectionTimeout());
    next.put("autoReconnect", config.autoReconnect());
    next.put("retryAttempts", config.retryAttempts());
    next.put("retryBackoffMs", config.retryBackoffMs());
    next.put("maxReconnectAttempts", config.maxReconnectAttempts());
    values = next;
  }

  private static void range(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(name + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    return values;
  }
}
