package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a halt; only a command that is younger than the halt does. */
@Component(property = CommandHandler.NAME + "=RESUME")
public final class Resume implements CommandHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Resume.class);

  private final Journal journal;
  private final EmergencyStop stop;

  @Activate
  public Resume(@Reference Journal journal, @Reference EmergencyStop stop) {
    this.stop = stop;
    this.journal = journal;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    Optional<Journal.Halt> halt = journal.halted();
    if (halt.isEmpty() && journal.paused().isPresent()) {
      journal.resume();
      stop.resumed();
      LOG.warn("Trading is resumed. command={}", command.id());
      return CommandResult.done(Map.of("message", "Trading is resumed."));
    }
    if (halt.isEmpty()) {
      stop.resumed();
      return CommandResult.done(Map.of("message", "Trading was not halted."));
    }
    if (command.createdAt().toEpochMilli() <= halt.get().since()) {
      throw new Refusal(409, Gate.HALTED, "An emergency stop came after this RESUME: send RESUME again.");
    }
    journal.resume();
    stop.resumed();
    LOG.warn("Trading is resumed. command={}", command.id());
    return CommandResult.done(Map.of("message", "Trading is resumed."));
  }
}
