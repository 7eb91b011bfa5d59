package com.fxplatform.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes away what is older than anybody asked to keep, a little at a time: ended commands and audit records. */
@Component(service = Retention.class, immediate = true, configurationPid = "com.fxplatform.store.retention")
@Designate(ocd = Retention.Config.class)
public final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final int AT_ONCE = 500;
  private static final int MOST_ROUNDS = 1000;

  @ObjectClassDefinition(name = "FX Platform retention")
  @interface Config {
    @AttributeDefinition(description = "Days that ended commands are kept; 0 for ever")
    int commandDays() default 90;

    @AttributeDefinition(description = "Days that audit records are kept; 0 for ever")
    int auditDays() default 365;
  }

  private final CommandTable commands;
  private final AuditChain audit;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-store-retention");
    worker.setDaemon(true);
    return worker;
  });
  private volatile Config config;

  @Activate
  public Retention(@Reference Database database, Config config) {
    this.commands = new CommandTable(database);
    this.audit = new AuditChain(database);
    configure(config);
    thread.scheduleWithFixedDelay(this::round, 5, 60, TimeUnit.MINUTES);
  }

  @Modified
  void configure(Config now) {
    if (now.commandDays() < 0 || now.auditDays() < 0) {
      throw new IllegalArgumentException("commandDays and auditDays must be 0 (for ever) or more");
    }
    config = now;
  }

  @Deactivate
  void close() {
    thread.shutdownNow();
  }

  void round() {
    try {
      Instant now = Instant.now();
      int ended = 0;
      int records = 0;
      for (int rounds = 0; rounds < MOST_ROUNDS && !Thread.currentThread().isInterrupted(); rounds++) {
        int before = ended + records;
        ended += config.commandDays() == 0 ? 0 : commands.forget(now.minus(Duration.ofDays(config.commandDays())), AT_ONCE);
        records += config.auditDays() == 0 ? 0 : audit.forget(now.minus(Duration.ofDays(config.auditDays())), AT_ONCE);
        if (ended + records == before) {
          break;
        }
      }
      if (ended + records > 0) {
        LOG.info("Old rows were taken away: commands={} auditRecords={}", ended, records);
      }
    } catch (RuntimeException notNow) {
      LOG.info("Old rows were not taken away; the next hour tries again: cause={}", notNow.getMessage());
    }
  }
}
