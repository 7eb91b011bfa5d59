package com.fxplatform.executor;

import com.fxplatform.executor.PlatformLine.Access;
import com.fxplatform.executor.Standing.Platform;
import com.fxplatform.executor.Standing.Talk;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether somebody has set this executor up, with credentials that the platform takes. */
@Component(property = {HealthCheck.NAME + "=setup", HealthCheck.TAGS + "=ready"})
public final class SetupHealth implements HealthCheck {
  private final PlatformLine line;

  @Activate
  public SetupHealth(@Reference PlatformLine line) {
    this.line = line;
  }

  @Override
  public Result execute() {
    Access access = line.access();
    if (!access.ready()) {
      return new Result(Result.Status.CRITICAL, access.problem());
    }
    Platform platform = line.standing().platform();
    if (platform.talk() == Talk.CREDENTIALS_REFUSED) {
      return new Result(Result.Status.CRITICAL, platform.detail());
    }
    return new Result(Result.Status.OK, "Set up for " + access.url().orElseThrow() + ".");
  }
}
