package com.fxplatform.executor;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether this process can work as an executor at all; a missing setup is no failure of the process. */
@Component(property = {HealthCheck.NAME + "=executor", HealthCheck.TAGS + "=live"})
public final class ExecutorHealth implements HealthCheck {
  private final PlatformLine line;

  @Activate
  public ExecutorHealth(@Reference PlatformLine line) {
    this.line = line;
  }

  @Override
  public Result execute() {
    return new Result(Result.Status.OK, line.access().ready() ? "Running." : "Running; waits for its setup.");
  }
}
