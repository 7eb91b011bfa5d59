package com.fxplatform.provisioning.standard;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Where the terminal is, and the secret that executor and Expert Advisor share: delivered, so that nobody pastes it. */
@Component(
    property = {ConfigPlugin.ID + "=fx.zmq", ConfigPlugin.REQUIRED + ":Boolean=true", "service.ranking:Integer=30"},
    configurationPid = "com.fxplatform.provisioning.zmq")
@Designate(ocd = ZmqPlugin.Config.class)
public final class ZmqPlugin implements ConfigPlugin {
  @ObjectClassDefinition(name = "FX Platform standard settings: ZeroMQ")
  @interface Config {
    @AttributeDefinition(description = "Port that the executor listens on for terminals that push")
    int zmqPort() default 5555;

    @AttributeDefinition(description = "Host of the terminal, seen from the executor")
    String zmqHost() default "tcp://localhost";
  }

  private final Roster<ExecutorDirectory> directory = new Roster<>(Duration.ofSeconds(5));
  private volatile Config config;

  @Activate
  public ZmqPlugin(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config changed) {
    if (changed.zmqPort() < 1 || changed.zmqPort() > 65535) {
      throw new IllegalArgumentException("zmqPort must be from 1 to 65535, not " + changed.zmqPort());
    }
    config = changed;
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("zmqPort", config.zmqPort());
    values.put("zmqHost", config.zmqHost());
    directory.<Optional<String>>call(executors -> executors.sharedSecret(executor.id()))
        .ifPresent(secret -> values.put("sharedSecret", secret));
    return values;
  }
}
