package com.fxplatform.executor;

import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Says whether this process can work on its configuration: the health checks tagged {@code live} or {@code config}.
 * Those tagged only {@code ready} depend on the outside, which no configuration is to blame for. Nobody refers to this
 * component, so health checks may depend on whatever they like.
 */
@Component(immediate = true)
public final class Acceptance {
  private final Roster<HealthCheck> checks = new Roster<>(HealthCheck.NAME, Duration.ofSeconds(5));
  private final Provisioner provisioner;

  @Activate
  public Acceptance(@Reference Provisioner provisioner) {
    this.provisioner = provisioner;
    provisioner.judgedBy(this::complaints);
  }

  @Deactivate
  void close() {
    provisioner.judgedBy(Map::of);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY,
      target = "(&(hc.name=*)(|(hc.tags=live)(hc.tags=config)))")
  void bindCheck(HealthCheck service, Map<String, ?> properties) {
    checks.bind(service, properties);
  }

  void unbindCheck(HealthCheck service) {
    checks.unbind(service);
  }

  Map<String, String> complaints() {
    Map<String, String> sick = new HashMap<>();
    checks
        .each(Acceptance::complaint)
        .forEach(
            (name, complaint) -> {
              if (!complaint.isEmpty()) {
                sick.put(name, complaint);
              }
            });
    return sick;
  }

  private static String complaint(HealthCheck check) {
    try {
      Result result = check.execute();
      boolean sick = result.getStatus() == Result.Status.CRITICAL || result.getStatus() == Result.Status.HEALTH_CHECK_ERROR;
      if (!sick) {
        return "";
      }
      for (var entry : result) {
        if (entry.getStatus() == result.getStatus()) {
          return entry.getMessage();
        }
      }
      return "A health check is " + result.getStatus() + ".";
    } catch (RuntimeException bug) {
      return "A health check failed itself.";
    }
  }
}
