package com.fxplatform.commands.safety;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, over restarts, with how much equity the day began and the highest equity seen; of one account at a time.
 * Looks every five seconds while a limit needs it.
 */
@Component(service = EquityWatch.class)
public final class EquityWatch {
  private static final Logger LOG = LoggerFactory.getLogger(EquityWatch.class);
  private static final String NOTE = "equity";

  /** What is remembered. */
  record Marks(String account, LocalDate day, BigDecimal dayStart, BigDecimal peak) {}

  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(EquityWatch::thread);
  private final Limits limits;
  private final OpenCount memory;
  private Marks marks;

  @Activate
  public EquityWatch(@Reference Limits limits, @Reference OpenCount memory) {
    this.limits = limits;
    this.memory = memory;
    worker.scheduleWithFixedDelay(this::tick, 5, 5, TimeUnit.SECONDS);
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

  private void tick() {
    try {
      if (limits.watchesEquity() && terminal.speaks("")) {
        terminal.run(link -> link.account().ifPresent(this::look));
      }
    } catch (RuntimeException trouble) {
      LOG.debug("The equity could not be looked at now. reason=\"{}\"", trouble.getMessage());
    }
  }

  /** Takes an account's equity in and returns the marks that hold now. */
  synchronized Marks look(Account account) {
    Marks before = marks == null ? read() : marks;
    LocalDate today = LocalDate.ofInstant(Instant.now(), limits.zone());
    String number = account.number().orElse("");
    BigDecimal equity = account.equity();
    boolean same = before != null && before.account().equals(number);
    Marks now =
        new Marks(
            number,
            today,
            same && before.day().equals(today) ? before.dayStart() : equity,
            same ? before.peak().max(equity) : equity);
    if (!now.equals(before)) {
      memory.note(NOTE, String.join("|", now.account(), now.day().toString(), now.dayStart().toPlainString(), now.peak().toPlainString()));
    }
    marks = now;
    return now;
  }

  private Marks read() {
    String[] parts = memory.note(NOTE).split("\\|", -1);
    try {
      return parts.length == 4 ? new Marks(parts[0], LocalDate.parse(parts[1]), new BigDecimal(parts[2]), new BigDecimal(parts[3])) : null;
    } catch (java.time.DateTimeException | NumberFormatException damaged) {
      LOG.warn("What was remembered of the equity cannot be read; the day begins anew.");
      return null;
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = Executors.defaultThreadFactory().newThread(work);
    thread.setName("fx-commands-equity");
    thread.setDaemon(true);
    return thread;
  }
}
