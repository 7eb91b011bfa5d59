package com.fxplatform.executor;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.TerminalLink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
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

/** {@code fx diagnose} of the executor that runs: POST begins a measurement, GET tells how far it is. */
@Component(property = {Endpoint.ROUTE + "=GET /api/local/diagnosis", Endpoint.ROUTE + "=POST /api/local/diagnosis"})
public final class LocalDiagnosis implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(LocalDiagnosis.class);

  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(2), PlatformLine.named("fx-executor-diagnosis"));
  private final AtomicBoolean running = new AtomicBoolean();
  private final List<Finding> findings = new CopyOnWriteArrayList<>();
  private final PlatformLine line;
  private final Provisioner provisioner;

  @Activate
  public LocalDiagnosis(@Reference PlatformLine line, @Reference Provisioner provisioner) {
    this.line = line;
    this.provisioner = provisioner;
    worker.allowCoreThreadTimeOut(true);
  }

  @Deactivate
  void close() {
    worker.shutdown();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTerminal(TerminalLink service, Map<String, ?> properties) {
    terminal.bind(service, properties);
  }

  void unbindTerminal(TerminalLink service) {
    terminal.unbind(service);
  }

  @Override
  public Reply handle(Request request) {
    LocalStatus.localOnly(request);
    if (request.method().equals("POST")) {
      // a header of its own is what no form and no page of somebody else can send
      if (request.headers().first("X-FX-Local").isEmpty()) {
        throw new Refusal(403, "LOCAL_ONLY", "Run fx diagnose, or press the button on the executor's own page.");
      }
      if (running.compareAndSet(false, true)) {
        findings.clear();
        worker.execute(this::measure);
      }
    }
    return Reply.ok(Map.of("running", running.get(), "links", findings.stream().map(Finding::members).toList())).with("Cache-Control", "no-store");
  }

  private void measure() {
    try {
      Diagnosis diagnosis =
          new Diagnosis(
              line,
              provisioner::inForce,
              provisioner::flat,
              flat -> terminal.speaks("") ? Optional.of(terminal.<TerminalLink>call(link -> link)) : Optional.empty());
      diagnosis.run(findings::add);
    } catch (RuntimeException bug) {
      LOG.error("The diagnosis failed itself.", bug);
      findings.add(Finding.unknown("Diagnosis", "It failed itself.", "The log says more."));
    } finally {
      running.set(false);
    }
  }
}
