package com.fxplatform.provisioning;

import java.util.Map;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Says which plugins fail and which keys are claimed twice. */
@Component(property = {"hc.name=provisioning", "hc.tags=ready"})
public final class ProvisioningHealth implements HealthCheck {
  private final ProvisioningService provisioning;

  @Activate
  public ProvisioningHealth(@Reference ProvisioningService provisioning) {
    this.provisioning = provisioning;
  }

  @Override
  public Result execute() {
    Map<String, String> complaints = provisioning.complaints();
    return complaints.isEmpty()
        ? new Result(Result.Status.OK, "Every plugin answers")
        : new Result(Result.Status.WARN, String.join("; ", complaints.values()));
  }
}
