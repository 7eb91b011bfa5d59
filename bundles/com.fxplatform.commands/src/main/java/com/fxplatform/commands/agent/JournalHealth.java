package com.fxplatform.commands.agent;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether commands can be journalled: without that none is taken. */
@Component(property = {HealthCheck.NAME + "=commands", HealthCheck.TAGS + "=live", HealthCheck.TAGS + "=ready"})
public final class JournalHealth implements HealthCheck {
  private final Journal journal;

  @Activate
  public JournalHealth(@Reference Journal journal) {
    this.journal = journal;
  }

  @Override
  public Result execute() {
    Journal.Health health = journal.health();
    if (!health.open()) {
      return new Result(health.waiting() ? Result.Status.WARN : Result.Status.CRITICAL, health.detail());
    }
    return journal
        .halted()
        .map(halt -> new Result(Result.Status.WARN, "Trading is halted (" + halt.reason() + "): send RESUME to trade again."))
        .orElseGet(() -> new Result(Result.Status.OK, "The command journal is open."));
  }
}
