package com.fxplatform.provisioning.standard;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.provisioning.ConfigPlugin;
import com.fxplatform.api.realtime.RealtimeApp;
import com.fxplatform.api.realtime.RealtimeSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Where realtime events come from. Host, port and TLS are told for our own gateway only (wire-contract 7.1). */
@Component(property = {ConfigPlugin.ID + "=fx.pusher", ConfigPlugin.REQUIRED + ":Boolean=true", "service.ranking:Integer=40"})
public final class PusherPlugin implements ConfigPlugin {
  private final Roster<RealtimeSettings> settings = new Roster<>(Duration.ofSeconds(5));

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindSettings(RealtimeSettings service, Map<String, ?> properties) {
    settings.bind(service, properties);
  }

  void unbindSettings(RealtimeSettings service) {
    settings.unbind(service);
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    RealtimeApp app = settings.<Optional<RealtimeApp>>call(RealtimeSettings::app)
        .orElseThrow(() -> new IllegalStateException("there is no realtime app: configure the hosted one or run the gateway"));
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("pusherKey", app.key());
    values.put("pusherCluster", app.cluster());
    app.host().ifPresent(host -> {
      values.put("pusherHost", host);
      values.put("pusherPort", app.port());
      values.put("pusherTls", app.tls());
    });
    return values;
  }
}
