package com.fxplatform.commands.agent;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Moves a position's stop loss and take profit; 0 takes one away, what is not given stays as it is. */
@Component(property = CommandHandler.NAME + "=" + CommandNames.MODIFY_POSITION)
public final class ModifyPosition implements CommandHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TerminalDesk terminal;

  @Activate
  public ModifyPosition(@Reference TerminalDesk terminal) {
    this.terminal = terminal;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    Map<String, Object> given = command.parameters();
    String ticket = TerminalDesk.ticket(given.get("ticket")).orElseThrow(() -> OpenPosition.invalid("MODIFY_POSITION needs a ticket."));
    Optional<BigDecimal> stopLoss = OpenPosition.decimal(given, "stopLoss");
    Optional<BigDecimal> takeProfit = OpenPosition.decimal(given, "takeProfit");
    if (stopLoss.isEmpty() && takeProfit.isEmpty()) {
      throw OpenPosition.invalid("MODIFY_POSITION needs a stopLoss or a takeProfit.");
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("ticket", Long.valueOf(ticket));
    stopLoss.ifPresent(price -> parameters.put("stopLoss", price));
    takeProfit.ifPresent(price -> parameters.put("takeProfit", price));
    var reply = terminal.submit(new TerminalRequest(command.id(), CommandNames.MODIFY_POSITION, parameters, Lane.CLOSE, Optional.empty()), gate);
    return terminal.result(
        terminal.await(reply, PATIENCE),
        known -> {
          if (known.outcome() != Outcome.OK) {
            return CommandResult.failed(TerminalDesk.error(known));
          }
          return CommandResult.done(parameters);
        });
  }
}
