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

/** Who the executor is and where its platform is. */
@Component(
    property = {ConfigPlugin.ID + "=fx.platform", ConfigPlugin.REQUIRED + ":Boolean=true", "service.ranking:Integer=50"},
    configurationPid = "com.fxplatform.provisioning.platform")
@Designate(ocd = PlatformPlugin.Config.class)
public final class PlatformPlugin implements ConfigPlugin {
  @ObjectClassDefinition(name = "FX Platform standard settings: platform")
  @interface Config {
    @AttributeDefinition(description = "Public address of this platform (NEXTAUTH_URL)")
    String platformUrl() default "";

    @AttributeDefinition(description = "What executors are told while platformUrl is empty")
    String defaultPlatformUrl() default "http://127.0.0.1:8080";
  }

  private volatile String platformUrl;

  @Activate
  public PlatformPlugin(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    boolean missing = config.platformUrl().isBlank() || config.platformUrl().startsWith("$[");
    platformUrl = missing ? config.defaultPlatformUrl() : config.platformUrl();
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("executorId", executor.id());
    values.put("executorName", executor.name());
    values.put("platformUrl", platformUrl);
    return values;
  }
}
