package com.fxplatform.provisioning;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.Publisher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Nudges executors whose configuration has changed to look again. */
@Component(service = RevisionWatch.class, immediate = true)
public final class RevisionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RevisionWatch.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LATELY = Duration.ofMinutes(5);
  private static final int MOST = 5000;

  private final ProvisioningService provisioning;
  private final Roster<ExecutorDirectory> directory = new Roster<>(PATIENCE);
  private final Roster<Publisher> publisher = new Roster<>(PATIENCE);
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile Map<String, String> told = Map.of();
  private final Runnable look = this::soon;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-provisioning-revisions");
    worker.setDaemon(true);
    return worker;
  });

  @Activate
  public RevisionWatch(@Reference ProvisioningService provisioning) {
    this.provisioning = provisioning;
    provisioning.watch(look);
    soon();
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindPublisher(Publisher service, Map<String, ?> properties) {
    publisher.bind(service, properties);
  }

  void unbindPublisher(Publisher service) {
    publisher.unbind(service);
  }

  @Deactivate
  void close() {
    provisioning.unwatch(look);
    thread.shutdown();
  }

  /** Several changes at once (a swap is two) become one look. */
  private void soon() {
    if (due.compareAndSet(false, true) && !thread.isShutdown()) {
      thread.schedule(this::compare, 100, TimeUnit.MILLISECONDS);
    }
  }

  private void compare() {
    due.set(false);
    try {
      Map<String, String> now = new ConcurrentHashMap<>();
      List<Executor> lately = directory.call(executors -> executors.heardSince(Instant.now().minus(LATELY), MOST));
      for (Executor executor : lately) {
        String revision = provisioning.configFor(executor).revision();
        now.put(executor.id(), revision);
        String reported = String.valueOf(executor.vitals().getOrDefault("configRevision", ""));
        if (!revision.equals(told.get(executor.id())) && !revision.equals(reported)) {
          publisher.tryCall("", p -> p.publish("private-executor-" + executor.id(), "executor-config-update",
              Map.of("revision", revision)));
        }
      }
      told = now;
    } catch (RuntimeException unfinished) {
      // executors also ask on their own; the next change looks again
      LOG.info("Revisions were not compared: cause={}", unfinished.getMessage());
    }
  }
}
