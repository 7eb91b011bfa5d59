package com.fxplatform.redis;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether this node and the others hear each other, in a sentence. */
@Component(enabled = false, property = {"hc.name=redis", "hc.tags=ready"})
public final class RedisHealth implements HealthCheck {
  private final RedisNodes nodes;

  @Activate
  public RedisHealth(@Reference RedisNodes nodes) {
    this.nodes = nodes;
  }

  @Override
  public Result execute() {
    Optional<RedisLink> link = nodes.open();
    if (link.isEmpty()) {
      return new Result(Result.Status.CRITICAL, nodes.problem() == null ? "Redis is not configured." : nodes.problem() + ".");
    }
    Optional<Instant> away = link.get().awaySince();
    if (away.isPresent()) {
      return new Result(Result.Status.WARN, "Redis has not answered since " + away.get().truncatedTo(ChronoUnit.SECONDS)
          + ": known good secrets are served without a quota, wrong ones are refused unseen, events reach only this node's clients. "
          + "Check the Redis that REDIS_URL names; nothing needs a restart.");
    }
    return link.get().subscribed()
        ? new Result(Result.Status.OK, "Redis answers; " + link.get().counts() + ".")
        : new Result(Result.Status.WARN, "Redis answers, but this node does not hear the others yet.");
  }
}
