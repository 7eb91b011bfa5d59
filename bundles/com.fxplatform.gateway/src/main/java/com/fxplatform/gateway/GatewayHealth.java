package com.fxplatform.gateway;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** How the gateway is, in a sentence. */
@Component(property = {"hc.name=gateway", "hc.tags=ready"})
public final class GatewayHealth implements HealthCheck {
  private final Gateway gateway;

  @Activate
  public GatewayHealth(@Reference Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public Result execute() {
    if (gateway.problem().isPresent()) {
      return new Result(Result.Status.WARN, gateway.problem().get());
    }
    Hub hub = gateway.hub();
    if (hub.app().isEmpty()) {
      return new Result(Result.Status.OK, "The gateway is switched off by its configuration.");
    }
    return new Result(Result.Status.OK, "The gateway serves " + hub.connectionCount() + " clients on "
        + hub.occupied().size() + " channels; " + hub.deliveredCount() + " events delivered, " + hub.slowCount()
        + " slow clients closed.");
  }
}
