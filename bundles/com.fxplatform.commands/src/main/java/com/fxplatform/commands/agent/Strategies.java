package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.command.StrategyRunner;
import com.fxplatform.api.command.StrategyRunner.Strategy;
import com.fxplatform.api.command.StrategyRunner.Wanted;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
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
 * Keeps what the platform wants of each strategy, on the disk, and hands it to the one who runs strategies: each change,
 * and everything to a runner that comes. Without a runner nothing is started and the command says so.
 */
@Component(
    service = {Strategies.class, CommandHandler.class},
    property = {
      CommandHandler.NAME + "=START_STRATEGY",
      CommandHandler.NAME + "=STOP_STRATEGY",
      CommandHandler.NAME + "=PAUSE_STRATEGY",
      CommandHandler.NAME + "=RESUME_STRATEGY",
      CommandHandler.NAME + "=UPDATE_STRATEGY"
    })
public final class Strategies implements CommandHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Strategies.class);
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private final Roster<StrategyRunner> runners = new Roster<>(Duration.ofSeconds(5));
  private final ExecutorService hands = Executors.newSingleThreadExecutor(Agent.named("fx-commands-strategies"));
  private final Journal journal;
  private final ClosePositions closing;

  @Activate
  public Strategies(@Reference Journal journal, @Reference ClosePositions closing) {
    this.journal = journal;
    this.closing = closing;
  }

  @Deactivate
  void close() {
    hands.shutdown();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindRunner(StrategyRunner service, Map<String, ?> properties) {
    runners.bind(service, properties);
    try {
      hands.execute(this::handOver);
    } catch (RejectedExecutionException closing) {
      LOG.debug("The room closes.");
    }
  }

  void unbindRunner(StrategyRunner service) {
    runners.unbind(service);
  }

  private void handOver() {
    try {
      for (Journal.Wanted wanted : journal.strategies()) {
        if (!wanted.wanted().equals("stopped") && runners.speaks("")) {
          runners.<Optional<String>>call(runner -> runner.want(strategy(wanted)))
              .ifPresent(no -> LOG.warn("The runner does not take a strategy. strategy={} reason=\"{}\"", wanted.strategyId(), no));
        }
      }
    } catch (Refusal later) {
      LOG.warn("Strategies could not be handed over; the next command of each does it. reason=\"{}\"", later.getMessage());
    } catch (RuntimeException bug) {
      LOG.error("The runner of strategies failed.", bug);
    }
  }

  /** How many strategies are wanted and not stopped. */
  int active() {
    return (int) journal.strategies().stream().filter(s -> !s.wanted().equals("stopped")).count();
  }

  /** Stops all that are wanted; returns how many. */
  int stopAll() {
    int stopped = 0;
    for (Journal.Wanted wanted : journal.strategies()) {
      if (!wanted.wanted().equals("stopped")) {
        change(new Journal.Wanted(wanted.strategyId(), "stopped", wanted.definition(), now()));
        stopped++;
      }
    }
    return stopped;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    Map<String, Object> given = new LinkedHashMap<>(command.parameters());
    if (given.get("strategy") instanceof Map<?, ?> nested) {
      nested.forEach((key, value) -> given.putIfAbsent(String.valueOf(key), value));
      given.remove("strategy");
      given.putIfAbsent("strategyId", given.get("id"));
    }
    String id = OpenPosition.text(given, "strategyId");
    if (!ID.matcher(id).matches()) {
      throw OpenPosition.invalid(command.name() + " needs a strategyId.");
    }
    Optional<Journal.Wanted> known = journal.strategy(id);
    if (command.name().equals("STOP_STRATEGY")) {
      return stop(command, gate, id, known, given);
    }
    if (!runners.speaks("")) {
      throw new Refusal(
          400,
          Standstill.NOT_SUPPORTED,
          "This executor runs no strategies: install a plugin that offers StrategyRunner, or send it orders with OPEN_POSITION.");
    }
    Journal.Wanted next =
        switch (command.name()) {
          case "START_STRATEGY" -> new Journal.Wanted(id, "running", given, now());
          case "UPDATE_STRATEGY" -> new Journal.Wanted(id, known.map(Journal.Wanted::wanted).orElse("stopped"), merged(known, given), now());
          default -> {
            Map<String, Object> definition =
                known.orElseThrow(() -> OpenPosition.invalid("No strategy " + id + " was started here: send START_STRATEGY.")).definition();
            yield new Journal.Wanted(id, command.name().equals("PAUSE_STRATEGY") ? "paused" : "running", definition, now());
          }
        };
    gate.pass();
    return change(next)
        .map(CommandResult::failed)
        .orElseGet(() -> CommandResult.done(Map.of("strategyId", id, "state", next.wanted(), "message", "Strategy " + id + " is " + next.wanted() + ".")));
  }

  private CommandResult stop(Command command, Gate gate, String id, Optional<Journal.Wanted> known, Map<String, Object> given) {
    if (known.isPresent()) {
      change(new Journal.Wanted(id, "stopped", known.get().definition(), now()));
    }
    // the wire's default is to close (wire-contract 6.1)
    if (Boolean.FALSE.equals(given.get("closePositions")) || "false".equals(given.get("closePositions"))) {
      return CommandResult.done(Map.of("strategyId", id, "state", "stopped", "message", "Strategy " + id + " is stopped; its positions stay open."));
    }
    return closing.ofStrategy(command, gate, id);
  }

  private static Map<String, Object> merged(Optional<Journal.Wanted> known, Map<String, Object> given) {
    Map<String, Object> all = new LinkedHashMap<>(known.map(Journal.Wanted::definition).orElse(Map.of()));
    all.putAll(given);
    return all;
  }

  /** Written down first; returns why the runner does not take it. */
  private Optional<String> change(Journal.Wanted next) {
    journal.want(next);
    return runners.speaks("") ? runners.call(runner -> runner.want(strategy(next))) : Optional.empty();
  }

  private static Strategy strategy(Journal.Wanted wanted) {
    return new Strategy(wanted.strategyId(), Wanted.valueOf(wanted.wanted().toUpperCase(Locale.ROOT)), wanted.definition());
  }

  private static long now() {
    return Instant.now().toEpochMilli();
  }
}
