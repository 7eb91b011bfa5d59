package com.fxplatform.commands.agent;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Commands that change nothing. */
@Component(
    property = {
      CommandHandler.NAME + "=GET_STATUS",
      CommandHandler.NAME + "=PING",
      CommandHandler.NAME + "=GET_ACCOUNT_INFO",
      CommandHandler.NAME + "=GET_POSITIONS"
    })
public final class Questions implements CommandHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TerminalDesk terminal;
  private final Journal journal;
  private final Positions held;
  private final Strategies strategies;

  @Activate
  public Questions(
      @Reference TerminalDesk terminal, @Reference Journal journal, @Reference Positions held, @Reference Strategies strategies) {
    this.held = held;
    this.strategies = strategies;
    this.terminal = terminal;
    this.journal = journal;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    return switch (command.name()) {
      case "GET_STATUS" -> status();
      case "PING" -> ping(command);
      case "GET_ACCOUNT_INFO" -> account(command);
      default -> positions(command);
    };
  }

  private CommandResult status() {
    Map<String, Object> data = new LinkedHashMap<>();
    var link = terminal.status();
    boolean ready = link.filter(status -> status.state() == TerminalLink.State.READY).isPresent();
    data.put("status", journal.halted().isPresent() ? "halted" : journal.paused().isPresent() ? "paused" : ready ? "operational" : "degraded");
    data.put("strategies", strategies.active());
    data.put("terminal", link.map(status -> status.state().name()).orElse("ABSENT"));
    data.put("openPositions", journal.positions().size());
    journal.halted().ifPresent(halt -> data.put("haltReason", halt.reason()));
    return CommandResult.done(data);
  }

  private CommandResult ping(Command command) {
    long start = System.nanoTime();
    TerminalReply reply = terminal.await(terminal.ask(command.id(), "PING", Lane.READ), PATIENCE);
    if (reply.outcome() != Outcome.OK) {
      return CommandResult.failed(TerminalDesk.error(reply));
    }
    return CommandResult.done(Map.of("message", "PONG", "roundTripMs", (System.nanoTime() - start) / 1_000_000));
  }

  private CommandResult account(Command command) {
    TerminalReply reply = terminal.await(terminal.ask(command.id(), "GET_ACCOUNT", Lane.READ), PATIENCE);
    return reply.outcome() == Outcome.OK ? CommandResult.done(reply.data()) : CommandResult.failed(TerminalDesk.error(reply));
  }

  private CommandResult positions(Command command) {
    Positions.View view = held.look(command.id(), Lane.READ);
    Map<String, Journal.Open> ours = new HashMap<>();
    journal.positions().forEach(p -> ours.put(p.ticket(), p));
    List<Map<String, Object>> open = new ArrayList<>();
    for (Positions.Held position : view.held()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("ticket", Long.valueOf(position.ticket()));
      one.put("symbol", position.symbol());
      one.put("type", position.type());
      one.put("volume", position.volume());
      one.put("openPrice", position.openPrice());
      one.put("profit", position.profit());
      one.put("strategyId", position.strategyId());
      one.put("commandId", position.commandId());
      Optional.ofNullable(ours.get(position.ticket())).ifPresent(p -> one.put("openTime", Instant.ofEpochMilli(p.openedAt()).toString()));
      one.values().removeIf(Objects::isNull);
      open.add(one);
    }
    String message =
        view.complete() ? "As the terminal lists them." : "As opened by this executor; what the terminal closed by itself may still be listed.";
    return CommandResult.done(Map.of("positions", open, "message", message));
  }
}
