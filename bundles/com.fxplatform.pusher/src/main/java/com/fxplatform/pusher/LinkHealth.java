package com.fxplatform.pusher;

import com.fxplatform.api.realtime.RealtimeLink;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the executor hears the server at once, in a sentence. */
@Component(property = {"hc.name=realtime", "hc.tags=ready"})
public final class LinkHealth implements HealthCheck {
  private final ExecutorLink link;

  @Activate
  public LinkHealth(@Reference ExecutorLink link) {
    this.link = link;
  }

  @Override
  public Result execute() {
    String lost = link.droppedEvents() == 0 ? "" : " " + link.droppedEvents() + " events were dropped.";
    RealtimeLink.State state = link.state();
    Result.Status status = state == RealtimeLink.State.SUBSCRIBED ? Result.Status.OK
        : state == RealtimeLink.State.REFUSED ? Result.Status.CRITICAL : Result.Status.WARN;
    return new Result(status, link.detail() + lost);
  }
}
