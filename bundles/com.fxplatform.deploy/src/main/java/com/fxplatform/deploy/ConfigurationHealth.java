package com.fxplatform.deploy;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Names each configuration value that is not in force although somebody wrote it: file, key and reason. */
@Component(service = {HealthCheck.class, ConfigurationHealth.class},
    property = {HealthCheck.NAME + "=configuration", HealthCheck.TAGS + "=ready"})
public final class ConfigurationHealth implements HealthCheck {
  private final Supplier<?> report;

  /** @param report the launcher's; {@code null} where there is none, as in tests */
  @Activate
  public ConfigurationHealth(@Reference(target = "(fx.configuration=*)", cardinality = ReferenceCardinality.OPTIONAL,
      policyOption = ReferencePolicyOption.GREEDY) Supplier<?> report) {
    this.report = report;
  }

  /** Settings, configuration and complaints; empty where nobody knows. */
  Map<?, ?> report() {
    return report != null && report.get() instanceof Map<?, ?> said ? said : Map.of();
  }

  @Override
  public Result execute() {
    List<?> complaints = report().get("complaints") instanceof List<?> list ? list : List.of();
    return complaints.isEmpty()
        ? new Result(Result.Status.OK, "Every value is in force.")
        : new Result(Result.Status.WARN, String.join(" ", complaints.stream().map(String::valueOf).toList()));
  }
}
