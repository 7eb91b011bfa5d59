package com.fxplatform.commands.desk;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.command.CommandRow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends commands whose time is over, so that nobody waits for them. */
@Component(service = ExpirySweep.class, immediate = true)
public final class ExpirySweep {
  private static final Logger LOG = LoggerFactory.getLogger(ExpirySweep.class);
  private static final int AT_ONCE = 200;

  private final CommandDesk desk;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-commands-expiry");
    worker.setDaemon(true);
    return worker;
  });

  @Activate
  public ExpirySweep(@Reference CommandDesk desk) {
    this.desk = desk;
    thread.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
  }

  @Deactivate
  void close() {
    thread.shutdown();
  }

  private void sweep() {
    try {
      List<CommandRow> expired = desk.register.call(register -> register.expire(Instant.now(), AT_ONCE));
      for (CommandRow row : expired) {
        LOG.info("A command expired before anybody executed it: command={} name={} executor={}", row.id(), row.command(), row.executorId());
        desk.note(AuditTrail.COMMAND_STATUS, row, Optional.empty());
        desk.tell(row);
      }
    } catch (RuntimeException notNow) {
      LOG.debug("Commands were not swept; the next second tries again", notNow);
    }
  }
}
