package com.fxplatform.pusher;

import com.fxplatform.api.realtime.RealtimeApp;
import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the server can nudge anybody, in a sentence. */
@Component(property = {"hc.name=publisher", "hc.tags=ready"})
public final class PublisherHealth implements HealthCheck {
  private final AppInForce apps;
  private final Outbox outbox;

  @Activate
  public PublisherHealth(@Reference AppInForce apps, @Reference Outbox outbox) {
    this.apps = apps;
    this.outbox = outbox;
  }

  @Override
  public Result execute() {
    Optional<RealtimeApp> app = apps.app();
    if (app.isEmpty()) {
      return new Result(Result.Status.WARN, "There is no realtime server: commands arrive with the heartbeat only. "
          + "Start com.fxplatform.gateway, or configure com.fxplatform.pusher with a hosted app.");
    }
    if (!apps.missing().isEmpty()) {
      return new Result(Result.Status.WARN, "The hosted Pusher app lacks " + String.join(", ", apps.missing())
          + ", so the embedded gateway is used: complete com.fxplatform.pusher, or empty it.");
    }
    if (!outbox.lastFailure().isEmpty()) {
      return new Result(Result.Status.WARN, "The last event could not be published (" + outbox.lastFailure()
          + "): check app id, key, secret and cluster of com.fxplatform.pusher.");
    }
    return new Result(Result.Status.OK, "Events go through " + (apps.hosted().isPresent()
        ? "hosted Pusher, cluster " + app.get().cluster() : "the embedded gateway") + "; " + outbox.sentCount()
        + " published, " + outbox.lostCount() + " lost.");
  }
}
