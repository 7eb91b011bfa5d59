package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandIntake;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.metrics.Meter;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.commands.agent.Entry.State;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes commands in, has each done at most once, and sees that its result gets home. */
@Component(
    service = {CommandIntake.class, Agent.class},
    immediate = true,
    configurationPid = {"com.fxplatform.commands", "com.fxplatform.provisioned"},
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Agent implements CommandIntake {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Meter ENDED = Meter.timing("fx_command_duration_seconds", "How long the executor worked at a command.", "status");
  // a heartbeat's reply may have been written before our report arrived
  private static final long REPORT_AGAIN_AFTER = 10_000;
  private static final int MOST_RESULT = 32 * 1024;
  private static final Set<String> TOP =
      Set.of(
          "message", "ticket", "metadata", "symbol", "type", "volume", "openPrice", "closePrice", "stopLoss", "takeProfit", "swap", "profit", "commission");

  @ObjectClassDefinition(name = "FX Platform command agent")
  @interface Config {
    @AttributeDefinition(description = "Milliseconds that a command that depends on the price is good for")
    int commandTimeout() default 30_000;
  }

  private final Roster<PlatformClient> platform = new Roster<>(Duration.ofSeconds(5));
  private final Roster<CommandHandler> handlers = new Roster<>(CommandHandler.NAME, Duration.ofSeconds(5));
  private final Roster<SafetyCheck> checks = new Roster<>(SafetyCheck.ID, Duration.ofSeconds(5));
  private final Journal journal;
  private final TerminalDesk terminal;
  private final EmergencyStop stop;
  private final Dispatcher dispatcher = new Dispatcher(this::work);
  private final Outbox outbox;
  private final ExecutorService recovery = Executors.newSingleThreadExecutor(named("fx-commands-recovery"));
  private final Set<String> inHand = ConcurrentHashMap.newKeySet();
  private final Runnable whenOpen = this::recoverSoon;
  private volatile Config config;

  @Activate
  public Agent(@Reference Journal journal, @Reference TerminalDesk terminal, @Reference EmergencyStop stop, Config config) {
    this(journal, terminal, stop, config, Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  Agent(Journal journal, TerminalDesk terminal, EmergencyStop stop, Config config, Duration firstWait, Duration mostWait) {
    this.journal = journal;
    this.terminal = terminal;
    this.stop = stop;
    this.config = config;
    this.outbox = new Outbox(platform, journal, firstWait, mostWait);
  }

  /** References that come after the constructor are there now. */
  @Activate
  void activate() {
    terminal.begin();
    journal.whenOpen(whenOpen);
  }

  @Modified
  void modified(Config changed) {
    config = changed;
  }

  @Deactivate
  void close() {
    journal.forgetListener(whenOpen);
    recovery.shutdown();
    terminal.stop();
    dispatcher.close(5_000);
    outbox.close(2_000);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindPlatform(PlatformClient service, Map<String, ?> properties) {
    platform.bind(service, properties);
  }

  void unbindPlatform(PlatformClient service) {
    platform.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindHandler(CommandHandler service, Map<String, ?> properties) {
    handlers.bind(service, properties);
  }

  void unbindHandler(CommandHandler service) {
    handlers.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCheck(SafetyCheck service, Map<String, ?> properties) {
    checks.bind(service, properties);
  }

  void unbindCheck(SafetyCheck service) {
    checks.unbind(service);
  }

  @Override
  public boolean accept(Map<String, ?> raw, String via) {
    Optional<String> id = Intake.id(raw);
    if (id.isEmpty()) {
      LOG.warn("A command without a usable id was dropped. via={}", via);
      return false;
    }
    Optional<Entry> known = journal.find(id.get());
    if (known.isPresent()) {
      reportAgain(known.get(), via);
      return false;
    }
    Optional<Entry> added =
        journal.add(
            id.get(), seq -> bounded(Intake.read(raw, id.get(), seq, via, serverClock(), now(), config.commandTimeout())));
    if (added.isEmpty()) {
      return false;
    }
    Entry entry = added.get();
    if (oversized(entry)) {
      end(entry, State.REJECTED, "failed", CommandResult.failed("The command's parameters are too large."), 0);
      return true;
    }
    if (entry.name().equals(CommandNames.EMERGENCY_STOP)) {
      halt(entry);
    }
    dispatch(entry);
    LOG.info("A command came. command={} name={} priority={} via={}", entry.id(), entry.name(), entry.priority(), via);
    if (!via.equals("local")) {
      outbox.mention(entry.id(), "received");
    }
    return true;
  }

  /** Cancels a command that has not begun. */
  void cancel(String id, String reason) {
    Map<String, Object> result = result(CommandResult.failed("Cancelled: " + reason), 0);
    if (journal.endUnlessBegun(id, State.REJECTED, "cancelled", result, now())) {
      LOG.info("A command was cancelled before it began. command={}", id);
      outbox.report(id);
    }
  }

  int waiting() {
    return dispatcher.waiting();
  }

  private static Entry bounded(Entry entry) {
    try {
      if (Journal.JSON.writeValueAsString(entry.parameters()).length() <= Intake.MOST_PARAMETERS) {
        return entry;
      }
    } catch (JsonProcessingException notJson) {
      LOG.debug("Parameters that are no JSON. command={}", entry.id());
    }
    return new Entry(
        entry.id(), entry.seq(), entry.name(), Map.of("oversized", true), entry.priority(), entry.createdAt(), entry.expiresAt(),
        entry.receivedAt(), entry.via(), entry.state(), entry.changedAt(), entry.status(), entry.result(), false);
  }

  private static boolean oversized(Entry entry) {
    return entry.parameters().equals(Map.of("oversized", true));
  }

  /** The server still brings a command whose end we told: it has not kept our word. */
  private void reportAgain(Entry known, String via) {
    if (via.equals("heartbeat") && known.state().isFinal() && known.reported() && now() - known.changedAt() > REPORT_AGAIN_AFTER) {
      journal.reported(known.id(), known.status(), false);
      outbox.report(known.id());
    }
  }

  private void halt(Entry stop) {
    String reason = stop.parameters().get("reason") instanceof String text && !text.isBlank() ? text.strip() : "emergency stop";
    journal.halt(stop.createdAt(), reason.length() > 200 ? reason.substring(0, 200) : reason);
    LOG.warn("Trading is halted by an emergency stop. command={}", stop.id());
  }

  private void recoverSoon() {
    try {
      recovery.execute(this::recover);
    } catch (RejectedExecutionException closing) {
      LOG.debug("The agent stops.");
    }
  }

  private void recover() {
    try {
      for (Entry entry : journal.all(e -> !e.state().isFinal() || !e.reported() || unsettledStop(e))) {
        if (entry.state() == State.SENT && !inHand.contains(entry.id())) {
          LOG.warn("A command had been sent when the executor stopped; it is not sent again. command={} name={}", entry.id(), entry.name());
          CommandResult lost = CommandResult.unknown("The executor stopped after the command was sent: check the terminal.", null);
          end(entry, State.UNKNOWN, "unknown", lost, 0);
          settleStop(entry);
        } else if (entry.state() == State.ACCEPTED) {
          if (entry.name().equals(CommandNames.EMERGENCY_STOP)) {
            halt(entry);
          }
          dispatch(entry);
        } else if (entry.state().isFinal()) {
          if (!entry.reported()) {
            outbox.report(entry.id());
          }
          settleStop(entry);
        }
      }
    } catch (Refusal closed) {
      LOG.debug("The journal closed while it was read.");
    } catch (RuntimeException bug) {
      LOG.error("The journal could not be worked up.", bug);
    }
  }

  private boolean unsettledStop(Entry entry) {
    return entry.state() == State.UNKNOWN && entry.name().equals(CommandNames.EMERGENCY_STOP) && journal.halted().isPresent();
  }

  /** The stop goes on after a restart; its command is settled by the proof. */
  private void settleStop(Entry entry) {
    if (entry.name().equals(CommandNames.EMERGENCY_STOP)) {
      stop.proven().thenAccept(settled -> settle(entry, settled, 0));
    }
  }

  private void dispatch(Entry entry) {
    if (!inHand.add(entry.id())) {
      return;
    }
    boolean queued;
    try {
      queued = dispatcher.offer(entry);
    } catch (RejectedExecutionException closing) {
      // it stays accepted in the journal and is begun after the next start
      inHand.remove(entry.id());
      return;
    }
    if (!queued) {
      inHand.remove(entry.id());
      end(entry, State.REJECTED, "failed", CommandResult.failed("The executor is busy: " + Dispatcher.MOST + " commands wait already."), 0);
    }
  }

  private void work(Entry entry) {
    try {
      if (journal.find(entry.id()).map(Entry::state).filter(state -> state == State.ACCEPTED).isPresent()) {
        begin(entry);
      }
    } catch (RuntimeException bug) {
      LOG.error("A command could not be worked on. command={} name={}", entry.id(), entry.name(), bug);
    } finally {
      inHand.remove(entry.id());
    }
  }

  private void begin(Entry entry) {
    Passage gate = new Passage(entry, journal, this::serverClock);
    if (gate.expired()) {
      end(entry, State.EXPIRED, "expired", CommandResult.failed("The command's time was over before it began."), 0);
      return;
    }
    long start = System.nanoTime();
    Command command = entry.command();
    CommandResult result;
    boolean crashed = false;
    try {
      Optional<String> no = veto(command);
      if (no.isPresent()) {
        result = CommandResult.failed(no.get());
      } else if (!handlers.speaks(command.name())) {
        result = CommandResult.failed("This executor does not know the command " + command.name() + ".");
      } else {
        if (!entry.via().equals("local")) {
          outbox.mention(entry.id(), "executing");
        }
        result = handlers.call(command.name(), handler -> handler.handle(command, gate));
      }
    } catch (Refusal no) {
      result = CommandResult.failed(no.getMessage());
      crashed = true;
    } catch (RuntimeException bug) {
      LOG.error("A command's handler failed. command={} name={}", entry.id(), entry.name(), bug);
      result = CommandResult.failed("The executor has an internal problem with this command.");
      crashed = true;
    }
    finish(entry, gate, result, crashed, (System.nanoTime() - start) / 1_000_000);
  }

  private void finish(Entry entry, Passage gate, CommandResult result, boolean crashed, long millis) {
    boolean passed = gate.shut();
    if (passed && (crashed || !result.outcomeKnown())) {
      String why = result.error().orElse("no answer") + (crashed ? " It may have had its effect: check the terminal." : "");
      end(entry, State.UNKNOWN, "unknown", CommandResult.unknown(why, null), millis);
      result.settlement().ifPresent(later -> later.thenAccept(settled -> settle(entry, settled, millis)));
    } else if (result.success()) {
      end(entry, State.DONE, "executed", result, millis);
    } else if (!passed && gate.refusal().flatMap(Refusal::code).filter(Gate.EXPIRED::equals).isPresent()) {
      end(entry, State.EXPIRED, "expired", result, millis);
    } else {
      end(entry, passed ? State.DONE : State.REJECTED, "failed", result, millis);
    }
  }

  private void settle(Entry entry, CommandResult settled, long millis) {
    if (!settled.outcomeKnown()) {
      return;
    }
    try {
      LOG.info("An unknown outcome is known after all. command={} name={} success={}", entry.id(), entry.name(), settled.success());
      end(entry, State.DONE, settled.success() ? "executed" : "failed", settled, millis);
    } catch (RuntimeException closed) {
      LOG.warn("A late answer came when the journal was closed. command={} reason=\"{}\"", entry.id(), closed.getMessage());
    }
  }

  private Optional<String> veto(Command command) {
    if (!CommandNames.PRICED.contains(command.name())) {
      return Optional.empty();
    }
    Optional<Journal.Halt> halt = journal.halted();
    if (halt.isPresent()) {
      return Optional.of("Trading is halted (" + halt.get().reason() + "): send RESUME first.");
    }
    Optional<String> pause = command.name().equals(CommandNames.OPEN_POSITION) ? journal.paused() : Optional.empty();
    if (pause.isPresent()) {
      return Optional.of("Trading is paused (" + pause.get() + "): send RESUME first.");
    }
    Optional<Account> account = terminal.account();
    return checks
        .each(
            check -> {
              try {
                return check.veto(command, account);
              } catch (RuntimeException broken) {
                LOG.error("A safety check failed itself, which counts as a no. command={}", command.id(), broken);
                return Optional.of("A safety check could not be made.");
              }
            })
        .values()
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  private void end(Entry entry, State state, String status, CommandResult outcome, long millis) {
    Entry stands = journal.ended(entry.id(), state, status, result(outcome, millis), now());
    ENDED.took(TimeUnit.MILLISECONDS.toNanos(millis), stands.status());
    LOG.info("A command ended. command={} name={} status={} ms={}", entry.id(), entry.name(), stands.status(), millis);
    if (!stands.reported()) {
      outbox.report(entry.id());
    }
  }

  /** The result as the wire wants it (wire-contract 6.4). */
  private static Map<String, Object> result(CommandResult outcome, long millis) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("success", outcome.success());
    result.put("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    result.put("executionTime", millis);
    outcome.error().ifPresent(error -> result.put("error", error));
    Map<String, Object> data = new LinkedHashMap<>();
    outcome.data().forEach((key, value) -> (TOP.contains(key) ? result : data).put(key, value));
    if (!data.isEmpty()) {
      result.put("data", data);
    }
    try {
      if (Journal.JSON.writeValueAsString(result).length() <= MOST_RESULT) {
        return result;
      }
    } catch (JsonProcessingException notJson) {
      LOG.debug("A result that is no JSON.");
    }
    result.keySet().retainAll(Set.of("success", "timestamp", "executionTime", "error", "ticket"));
    result.put("message", "The result's details were left out: too large.");
    return result;
  }

  private long serverClock() {
    Duration offset = platform.speaks("") ? platform.call(PlatformClient::clockOffset) : Duration.ZERO;
    return now() + offset.toMillis();
  }

  private static long now() {
    return Instant.now().toEpochMilli();
  }

  /** Threads of this room. */
  static ThreadFactory named(String name) {
    return work -> {
      Thread thread = Executors.defaultThreadFactory().newThread(work);
      thread.setName(name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
