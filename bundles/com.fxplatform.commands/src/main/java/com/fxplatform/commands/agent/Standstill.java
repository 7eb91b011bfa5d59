package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps new orders back without closing anything, until RESUME; and says why it does not restart. */
@Component(property = {CommandHandler.NAME + "=PAUSE", CommandHandler.NAME + "=STOP_ALL", CommandHandler.NAME + "=RESTART"})
public final class Standstill implements CommandHandler {
  /** The executor understands the command and does not do it. */
  static final String NOT_SUPPORTED = "NOT_SUPPORTED";

  private static final Logger LOG = LoggerFactory.getLogger(Standstill.class);

  private final Journal journal;
  private final Strategies strategies;

  @Activate
  public Standstill(@Reference Journal journal, @Reference Strategies strategies) {
    this.journal = journal;
    this.strategies = strategies;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    if (command.name().equals("RESTART")) {
      throw new Refusal(
          400,
          NOT_SUPPORTED,
          "An executor is not restarted from afar: configuration takes effect without it; on its machine run fx stop executor and fx start executor.");
    }
    String reason = OpenPosition.text(command.parameters(), "reason");
    journal.pause(reason.isEmpty() ? command.name() : reason.substring(0, Math.min(200, reason.length())));
    LOG.warn("Trading is paused. command={}", command.id());
    if (command.name().equals("PAUSE")) {
      return CommandResult.done(Map.of("message", "Trading is paused: no new order goes out until RESUME; what is open stays open."));
    }
    int stopped = strategies.stopAll();
    return CommandResult.done(
        Map.of("message", "All strategies are stopped and trading is paused until RESUME; what is open stays open.", "strategiesStopped", stopped));
  }
}
