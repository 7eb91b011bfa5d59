package com.fxplatform.redis;

import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;

/** Brings the room up where an address is configured. Without one, nothing of the rest is ever loaded. */
@Component(immediate = true, service = RedisSwitch.class, configurationPid = RedisSwitch.PID)
public final class RedisSwitch {
  static final String PID = "com.fxplatform.redis";
  /** By name: the classes themselves are not touched before there is an address. */
  private static final String[] BEHIND = {"com.fxplatform.redis.RedisNodes", "com.fxplatform.redis.RedisHealth"};

  /** Only the one key that decides; the rest is {@link RedisNodes.Config}. */
  @interface Config {
    String _url() default "";
  }

  private final ComponentContext context;

  @Activate
  public RedisSwitch(ComponentContext context, Config config) {
    this.context = context;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    boolean wanted = config._url() != null && !config._url().isBlank() && !config._url().startsWith("$[");
    for (String component : BEHIND) {
      if (wanted) {
        context.enableComponent(component);
      } else {
        context.disableComponent(component);
      }
    }
  }
}
