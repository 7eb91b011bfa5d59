package com.fxplatform.provisioning.standard;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The feature flags of the wire (wire-contract 5.1). */
@Component(
    property = {ConfigPlugin.ID + "=fx.features", "service.ranking:Integer=10"},
    configurationPid = "com.fxplatform.provisioning.features")
@Designate(ocd = FeaturesPlugin.Config.class)
public final class FeaturesPlugin implements ConfigPlugin {
  @ObjectClassDefinition(name = "FX Platform standard settings: features")
  @interface Config {
    boolean autoInstallEA() default true;

    boolean autoAttachEA() default true;

    boolean safetyChecks() default true;

    boolean monitoring() default true;

    boolean logging() default true;
  }

  private volatile Map<String, Object> values;

  @Activate
  public FeaturesPlugin(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    Map<String, Object> features = new LinkedHashMap<>();
    features.put("autoInstallEA", config.autoInstallEA());
    features.put("autoAttachEA", config.autoAttachEA());
    features.put("safetyChecks", config.safetyChecks());
    features.put("monitoring", config.monitoring());
    features.put("logging", config.logging());
    values = Map.of("features", features);
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    return values;
  }
}
