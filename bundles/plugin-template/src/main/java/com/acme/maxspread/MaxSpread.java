package com.acme.maxspread;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;

/** Tells every executor the largest spread, in points, at which it may trade. */
@Component(property = ConfigPlugin.ID + "=acme.maxspread", configurationPid = "com.acme.maxspread")
public final class MaxSpread implements ConfigPlugin {
  /** {@code config/com.acme.maxspread.cfg}, live on save. */
  @interface Config {
    int points() default 30;
  }

  private volatile int points;

  @Activate
  public MaxSpread(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    if (config.points() <= 0) {
      throw new IllegalArgumentException("points must be positive, but is " + config.points());
    }
    points = config.points();
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    return Map.of("acme.maxSpread", points);
  }
}
