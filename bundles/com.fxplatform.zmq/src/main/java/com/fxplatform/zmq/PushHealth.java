package com.fxplatform.zmq;

import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the terminal can push; most Expert Advisors never do, so that it is no more than a warning. */
@Component(property = {HealthCheck.NAME + "=terminal-push", HealthCheck.TAGS + "=ready"})
public final class PushHealth implements HealthCheck {
  private final ZmqBridge bridge;

  @Activate
  public PushHealth(@Reference ZmqBridge bridge) {
    this.bridge = bridge;
  }

  @Override
  public Result execute() {
    Optional<String> trouble = bridge.pushTrouble();
    if (trouble.isPresent()) {
      return new Result(Result.Status.WARN, trouble.get());
    }
    int port = bridge.pushPort();
    return new Result(
        Result.Status.OK,
        port == 0 ? "Nothing listens for pushes of the terminal." : "The terminal can push to port " + port + ".");
  }
}
