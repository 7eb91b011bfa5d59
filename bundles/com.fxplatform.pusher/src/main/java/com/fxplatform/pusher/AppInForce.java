package com.fxplatform.pusher;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.RealtimeApp;
import com.fxplatform.api.realtime.RealtimeGateway;
import com.fxplatform.api.realtime.RealtimeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which realtime app the server uses: a hosted one if it is configured completely, else the embedded gateway's. */
@Component(service = {AppInForce.class, RealtimeSettings.class}, configurationPid = "com.fxplatform.pusher",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = AppInForce.Config.class)
public final class AppInForce implements RealtimeSettings {
  private static final Logger LOG = LoggerFactory.getLogger(AppInForce.class);

  /** Text throughout: a value that could not be resolved still starts with {@code $[} and counts as missing. */
  @ObjectClassDefinition(name = "Hosted Pusher app")
  @interface Config {
    @AttributeDefinition(description = "App id of a hosted Pusher app; leave all four out to use the embedded gateway")
    String appId() default "";

    @AttributeDefinition(description = "Public key")
    String key() default "";

    @AttributeDefinition(description = "Secret")
    String _secret() default "";

    @AttributeDefinition(description = "Cluster, for example eu or ap1")
    String cluster() default "";

    @AttributeDefinition(description = "false publishes and connects without TLS")
    String tls() default "true";
  }

  private final Roster<RealtimeGateway> gateway = new Roster<>(Duration.ofSeconds(5));
  private volatile Optional<RealtimeApp> hosted = Optional.empty();
  private volatile List<String> missing = List.of();

  @Activate
  public AppInForce(Config config) {
    take(config);
  }

  @Modified
  void modified(Config config) {
    take(config);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindGateway(RealtimeGateway service, Map<String, ?> properties) {
    gateway.bind(service, properties);
  }

  void unbindGateway(RealtimeGateway service) {
    gateway.unbind(service);
  }

  private void take(Config config) {
    String appId = value(config.appId());
    String key = value(config.key());
    String secret = value(config._secret());
    // it becomes part of a host name
    String cluster = value(config.cluster()).matches("[a-z0-9-]+") ? value(config.cluster()) : "";
    List<String> absent = new ArrayList<>();
    Map.of("appId", appId, "key", key, ".secret", secret, "cluster", cluster).forEach((name, given) -> {
      if (given.isEmpty()) {
        absent.add(name);
      }
    });
    absent.sort(null);
    if (absent.isEmpty()) {
      missing = List.of();
      hosted = Optional.of(new RealtimeApp(appId, key, secret, cluster, Optional.empty(), 0,
          !"false".equalsIgnoreCase(value(config.tls()))));
      LOG.info("Realtime events go through hosted Pusher app={} cluster={}", appId, cluster);
    } else {
      missing = absent.size() == 4 ? List.of() : List.copyOf(absent);
      hosted = Optional.empty();
      if (missing.isEmpty()) {
        LOG.info("Realtime events go through the embedded gateway");
      } else {
        LOG.warn("The hosted Pusher app is not complete, the embedded gateway is used missing={}", missing);
      }
    }
  }

  private static String value(String configured) {
    return configured == null || configured.startsWith("$[") ? "" : configured.trim();
  }

  @Override
  public Optional<RealtimeApp> app() {
    Optional<RealtimeApp> configured = hosted;
    return configured.isPresent() ? configured : gateway.tryCall("", RealtimeGateway::app).flatMap(own -> own);
  }

  Optional<RealtimeApp> hosted() {
    return hosted;
  }

  /** Publishes through the gateway of this process; whether there is one that serves an app. */
  boolean deliver(String channel, String event, String data) {
    return gateway.tryCall("", own -> {
      if (own.app().isEmpty()) {
        return false;
      }
      own.deliver(channel, event, data);
      return true;
    }).orElse(false);
  }

  /** What a hosted app lacks, when somebody began to configure one. */
  List<String> missing() {
    return missing;
  }
}
