package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.commands.agent.Entry.State;
import com.fxplatform.commands.agent.Positions.Held;
import com.fxplatform.commands.agent.Positions.View;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While trading is halted: closes everything that the terminal or the journal knows, again and again, until the terminal
 * itself proves that it holds nothing. Goes on after a restart. The command ends in time; an end that came before the
 * proof is settled by it.
 */
@Component(
    service = {EmergencyStop.class, CommandHandler.class, HealthCheck.class},
    immediate = true,
    property = {CommandHandler.NAME + "=" + CommandNames.EMERGENCY_STOP, "hc.name=emergency-stop", "hc.tags=ready"})
public final class EmergencyStop implements CommandHandler, HealthCheck {
  private static final Logger LOG = LoggerFactory.getLogger(EmergencyStop.class);
  private static final long WATCH = 1_000;

  private final TerminalDesk terminal;
  private final Journal journal;
  private final Positions positions;
  private final Duration patience;
  private final long firstWait;
  private final long mostWait;
  private final ScheduledThreadPoolExecutor worker;
  private final Runnable whenOpen = this::opened;
  // per ticket what became of it, in words
  private final Map<String, String> proofs = new ConcurrentSkipListMap<>();
  private volatile String problem = "";
  private volatile CompletableFuture<CommandResult> flat = new CompletableFuture<>();

  // below: only touched by the worker
  private Journal.Halt working;
  private int rounds;
  private String toldProblem = "";

  @Activate
  public EmergencyStop(@Reference TerminalDesk terminal, @Reference Journal journal, @Reference Positions positions) {
    this(terminal, journal, positions, Duration.ofSeconds(15), 300, 30_000);
  }

  EmergencyStop(TerminalDesk terminal, Journal journal, Positions positions, Duration patience, long firstWait, long mostWait) {
    this.terminal = terminal;
    this.journal = journal;
    this.positions = positions;
    this.patience = patience;
    this.firstWait = firstWait;
    this.mostWait = mostWait;
    worker = new ScheduledThreadPoolExecutor(1, Agent.named("fx-commands-flatten"));
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    journal.whenOpen(whenOpen);
  }

  @Deactivate
  void close() {
    journal.forgetListener(whenOpen);
    worker.shutdown();
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    gate.pass();
    CompletableFuture<CommandResult> proof = proven();
    begin();
    try {
      return proof.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      String why = problem.isEmpty() ? "the terminal has not answered yet" : problem;
      return CommandResult.unknown("Trading is halted, but not proven flat yet (" + why + "): the executor goes on until it is.", proof);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return CommandResult.unknown("The executor stops; it goes on closing after its next start.", proof);
    } catch (ExecutionException bug) {
      return CommandResult.unknown("The emergency stop failed itself: close everything in the terminal.", null);
    }
  }

  /** Completes once the terminal holds nothing. */
  CompletableFuture<CommandResult> proven() {
    return flat;
  }

  /** What the page and the health check say, empty if nothing is halted. */
  Map<String, Object> report() {
    Optional<Journal.Halt> halt = journal.halted();
    if (halt.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("reason", halt.get().reason());
    report.put("since", Instant.ofEpochMilli(halt.get().since()));
    report.put("flat", halt.get().flat());
    report.put("detail", halt.get().flat() ? halt.get().proof() : problem.isEmpty() ? "Closing everything." : problem);
    report.put("positions", new LinkedHashMap<>(proofs));
    return report;
  }

  @Override
  public Result execute() {
    Optional<Journal.Halt> halt = journal.halted();
    if (halt.isEmpty()) {
      return new Result(Result.Status.OK, "No emergency stop is in force.");
    }
    if (halt.get().flat()) {
      return new Result(Result.Status.OK, "An emergency stop is in force and everything is closed. " + halt.get().proof());
    }
    return new Result(
        Result.Status.CRITICAL,
        "An emergency stop is in force and the terminal is not proven flat: " + (problem.isEmpty() ? "closing everything." : problem));
  }

  /** Halts, on the disk before it returns, and closes from now on. {@code since} is the server's clock. */
  void order(long since, String reason) {
    journal.halt(since, reason.length() > 200 ? reason.substring(0, 200) : reason);
    LOG.warn("Trading is halted by somebody at this machine. reason=\"{}\"", reason);
    begin();
  }

  /** The terminal may trade again as far as it is concerned; one that knows no halt says so and nobody minds. */
  void resumed() {
    terminal.ask("resume-" + Instant.now().toEpochMilli(), "RESUME", Lane.CLOSE);
  }

  private void opened() {
    // whoever ran fx emergency-stop while nothing ran here left a note beside the journal
    journal.request(Journal.STOP_NOTE).ifPresent(
        reason -> {
          order(Instant.now().toEpochMilli(), reason.isBlank() ? "fx emergency-stop" : reason.strip());
          journal.forget(Journal.STOP_NOTE);
        });
    begin();
  }

  private void begin() {
    try {
      worker.execute(this::look);
    } catch (RejectedExecutionException closing) {
      LOG.debug("The room closes.");
    }
  }

  private void look() {
    if (worker.isShutdown()) {
      return;
    }
    long wait;
    try {
      wait = step();
    } catch (Refusal closed) {
      // the journal is away for a moment; it calls us when it is back
      return;
    } catch (RuntimeException bug) {
      LOG.error("A round of the emergency stop failed; the next one comes.", bug);
      wait = firstWait * 10;
    }
    if (wait >= 0) {
      worker.getQueue().clear();
      try {
        worker.schedule(this::look, wait, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closing) {
        LOG.debug("The room closes.");
      }
    }
  }

  /** Returns after how many milliseconds to look again; negative for not at all. */
  private long step() {
    Optional<Journal.Halt> halt = journal.halted();
    if (halt.isEmpty()) {
      working = null;
      problem = "";
      proofs.clear();
      return -1;
    }
    Journal.Halt now = halt.get();
    if (now.flat()) {
      if (journal.positions().isEmpty()) {
        answer(now);
        return WATCH;
      }
      LOG.warn("A position turned up after the halt had been proven flat; it is closed. positions={}", journal.positions().size());
      journal.halt(now.since(), now.reason());
      return 0;
    }
    if (!now.equals(working)) {
      working = now;
      rounds = 0;
      toldProblem = "";
      proofs.clear();
    }
    problem = round(now);
    if (problem.isEmpty()) {
      return 0;
    }
    if (!problem.equals(toldProblem)) {
      LOG.warn("The emergency stop is not proven flat; it goes on. reason=\"{}\"", problem);
      toldProblem = problem;
    }
    rounds++;
    return Math.min(mostWait, firstWait << Math.min(rounds, 12));
  }

  /** Closes what is known and asks for the proof; returns what is missing, empty if nothing is. */
  private String round(Journal.Halt halt) {
    String id = "halt-" + halt.since() + "-" + rounds;
    if (rounds == 0) {
      // a terminal of the second protocol then takes no order from anybody, over its own restarts
      terminal.ask(id + "-terminal", "HALT", Lane.EMERGENCY);
    }
    View view = positions.look(id, Lane.EMERGENCY);
    Map<Held, CompletableFuture<TerminalReply>> asked = new LinkedHashMap<>();
    view.held().forEach(p -> asked.put(p, terminal.closeNow(id, p.ticket())));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    asked.forEach(
        (position, future) -> {
          long left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
          TerminalReply reply = terminal.await(future, Duration.ofMillis(left));
          String proof = ClosePositions.closed(reply) ? "closed" : "not closed: " + TerminalDesk.error(reply);
          if (ClosePositions.closed(reply)) {
            journal.closed(position.ticket());
          }
          proofs.put(position.ticket(), proof);
        });
    Optional<String> open = proofs.entrySet().stream().filter(p -> !p.getValue().equals("closed")).map(p -> p.getKey() + " is " + p.getValue()).findFirst();
    if (open.isPresent()) {
      return "position " + open.get();
    }
    if (!journal.all(e -> e.name().equals(CommandNames.OPEN_POSITION) && e.state() == State.SENT).isEmpty()) {
      return "an order is still on its way";
    }
    return proof(id, halt);
  }

  private String proof(String id, Journal.Halt halt) {
    View after = positions.look(id + "-proof", Lane.EMERGENCY);
    if (after.complete()) {
      return after.held().isEmpty() ? flat(halt, "The terminal lists no open position.") : after.held().size() + " positions are still open";
    }
    TerminalReply reply = terminal.await(terminal.ask(id + "-margin", "GET_ACCOUNT", Lane.EMERGENCY), Duration.ofSeconds(5));
    Optional<BigDecimal> margin = reply.outcome() == Outcome.OK ? TerminalDesk.number(reply.data().get("margin")) : Optional.empty();
    if (margin.isEmpty()) {
      return reply.outcome() == Outcome.OK ? "the terminal does not tell its margin" : TerminalDesk.error(reply);
    }
    if (margin.get().signum() != 0) {
      return "the terminal still uses a margin of " + margin.get().toPlainString() + ": close what this executor did not open in the terminal";
    }
    return journal.positions().isEmpty() ? flat(halt, "The terminal uses no margin.") : "a position turned up";
  }

  private String flat(Journal.Halt halt, String proof) {
    if (!journal.flat(halt, Instant.now().toEpochMilli(), proof)) {
      return "another emergency stop came";
    }
    LOG.warn("The emergency stop is done: nothing is open. closed={} proof=\"{}\"", proofs.size(), proof);
    return "";
  }

  private void answer(Journal.Halt halt) {
    CompletableFuture<CommandResult> waiting = flat;
    flat = new CompletableFuture<>();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("closed", proofs.entrySet().stream().filter(p -> p.getValue().equals("closed")).map(p -> (Object) Long.valueOf(p.getKey())).toList());
    data.put("positions", new LinkedHashMap<>(proofs));
    data.put("proof", halt.proof());
    data.put("message", "Trading is halted and nothing is open. " + halt.proof());
    waiting.complete(CommandResult.done(data));
  }
}
