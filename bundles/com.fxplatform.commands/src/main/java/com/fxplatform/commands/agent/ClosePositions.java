package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.commands.agent.Entry.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Closes one position, those of a symbol, or all that the journal knows open. Closing what is closed does no harm, so it
 * is tried again where the terminal does not answer. An emergency stop goes on until nothing of ours is open.
 */
@Component(
    property = {
      CommandHandler.NAME + "=" + CommandNames.CLOSE_POSITION,
      CommandHandler.NAME + "=" + CommandNames.CLOSE_ALL_POSITIONS,
      CommandHandler.NAME + "=CLOSE_BY_SYMBOL",
      CommandHandler.NAME + "=" + CommandNames.EMERGENCY_STOP
    })
public final class ClosePositions implements CommandHandler {
  private static final int ATTEMPTS = 3;
  private static final long PAUSE = 300;

  private final TerminalDesk terminal;
  private final Journal journal;
  private final Duration patience;

  @Activate
  public ClosePositions(@Reference TerminalDesk terminal, @Reference Journal journal) {
    this(terminal, journal, Duration.ofSeconds(15));
  }

  ClosePositions(TerminalDesk terminal, Journal journal, Duration patience) {
    this.terminal = terminal;
    this.journal = journal;
    this.patience = patience;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    return switch (command.name()) {
      case CommandNames.CLOSE_POSITION -> one(command, gate);
      case CommandNames.EMERGENCY_STOP -> stop(command, gate);
      case "CLOSE_BY_SYMBOL" -> {
        String symbol = command.parameters().get("symbol") instanceof String text ? text.strip() : "";
        if (symbol.isEmpty()) {
          throw new Refusal(400, OpenPosition.INVALID, "CLOSE_BY_SYMBOL needs a symbol.");
        }
        yield several(command, gate, journal.positions().stream().filter(p -> p.symbol().equalsIgnoreCase(symbol)).toList(), false);
      }
      default -> several(command, gate, journal.positions(), true);
    };
  }

  /** The terminal closed it, or says that there is nothing to close. */
  static boolean closed(TerminalReply reply) {
    return reply.outcome() == Outcome.OK || gone(reply);
  }

  private static boolean gone(TerminalReply reply) {
    return reply.outcome() == Outcome.FAILED && TerminalDesk.error(reply).toLowerCase(Locale.ROOT).contains("not found");
  }

  private CommandResult one(Command command, Gate gate) {
    String ticket =
        TerminalDesk.ticket(command.parameters().get("ticket"))
            .orElseThrow(() -> new Refusal(400, OpenPosition.INVALID, "CLOSE_POSITION needs a ticket, a whole number greater than 0."));
    boolean ours = journal.positions().stream().anyMatch(p -> p.ticket().equals(ticket));
    TerminalReply reply = null;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      reply = terminal.await(terminal.submit(TerminalDesk.close(command.id(), ticket, Lane.CLOSE), gate), patience);
      if (reply.outcome() != Outcome.UNKNOWN || !terminal.pause(PAUSE)) {
        break;
      }
    }
    return terminal.result(reply, known -> known(ticket, ours, known));
  }

  private CommandResult known(String ticket, boolean ours, TerminalReply reply) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("ticket", Long.valueOf(ticket));
    if (closed(reply)) {
      journal.closed(ticket);
    }
    if (gone(reply)) {
      if (!ours) {
        return CommandResult.failed("The terminal knows no open position " + ticket + ".");
      }
      data.put("message", "It was closed already.");
      return CommandResult.done(data);
    }
    if (reply.outcome() != Outcome.OK) {
      return CommandResult.failed(TerminalDesk.error(reply));
    }
    TerminalDesk.number(reply.data().get("closePrice")).ifPresent(price -> data.put("closePrice", price));
    return CommandResult.done(data);
  }

  private CommandResult several(Command command, Gate gate, List<Journal.Open> positions, boolean all) {
    int others = all ? othersOpen(positions.size()) : 0;
    List<Object> done = new ArrayList<>();
    Map<String, String> failed = new LinkedHashMap<>();
    long deadline = System.nanoTime() + patience.toNanos();
    List<Journal.Open> left = positions;
    for (int attempt = 1; attempt <= ATTEMPTS && !left.isEmpty(); attempt++) {
      if (attempt > 1 && !terminal.pause(PAUSE)) {
        break;
      }
      left = round(command.id(), gate, left, Lane.CLOSE, deadline, done, failed);
    }
    return summary(done, failed, others, 0);
  }

  private CommandResult stop(Command command, Gate gate) {
    int others = othersOpen(journal.positions().size());
    List<Object> done = new ArrayList<>();
    Map<String, String> failed = new LinkedHashMap<>();
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      List<Journal.Open> left = journal.positions();
      if (!left.isEmpty()) {
        left = round(command.id(), gate, left, Lane.EMERGENCY, deadline, done, failed);
      }
      // an order on its way when the stop came is closed by its own command; this waits for the proof
      boolean onTheWay = !journal.all(e -> e.name().equals(CommandNames.OPEN_POSITION) && e.state() == State.SENT).isEmpty();
      boolean over = left.isEmpty() && !onTheWay && journal.positions().isEmpty();
      if (over || System.nanoTime() > deadline || !terminal.pause(PAUSE)) {
        break;
      }
    }
    int unsure = journal.all(e -> e.name().equals(CommandNames.OPEN_POSITION) && (e.state() == State.UNKNOWN || e.state() == State.SENT)).size();
    return summary(done, failed, others, unsure);
  }

  /** Asks for all at once; returns those that are still open. */
  private List<Journal.Open> round(
      String id, Gate gate, List<Journal.Open> positions, Lane lane, long deadline, List<Object> done, Map<String, String> failed) {
    Map<Journal.Open, CompletableFuture<TerminalReply>> asked = new LinkedHashMap<>();
    positions.forEach(p -> asked.put(p, terminal.submit(TerminalDesk.close(id, p.ticket(), lane), gate)));
    List<Journal.Open> left = new ArrayList<>();
    asked.forEach(
        (position, future) -> {
          long wait = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
          TerminalReply reply = terminal.await(future, Duration.ofMillis(wait));
          if (closed(reply)) {
            journal.closed(position.ticket());
            done.add(Long.valueOf(position.ticket()));
            failed.remove(position.ticket());
          } else {
            left.add(position);
            failed.put(position.ticket(), TerminalDesk.error(reply));
          }
        });
    return left;
  }

  /** How many positions the terminal had that no command of ours opened. */
  private int othersOpen(int ours) {
    return terminal.account().flatMap(Account::openPositions).map(open -> Math.max(0, open - ours)).orElse(0);
  }

  private static CommandResult summary(List<Object> done, Map<String, String> failed, int others, int unsure) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("closed", done);
    data.put("failed", failed);
    data.put("message", "Closed " + done.size() + " position" + (done.size() == 1 ? "." : "s."));
    List<String> problems = new ArrayList<>();
    if (!failed.isEmpty()) {
      problems.add(failed.size() + " could not be closed (" + failed.values().iterator().next() + ").");
    }
    if (others > 0) {
      data.put("notOpenedHere", others);
      problems.add(others + " that this executor did not open may still be open: close them in the terminal.");
    }
    if (unsure > 0) {
      data.put("outcomeUnknown", unsure);
      problems.add(unsure + " orders with an unknown outcome may be open: check the terminal.");
    }
    Optional<String> error = problems.isEmpty() ? Optional.empty() : Optional.of("Closed " + done.size() + ". " + String.join(" ", problems));
    return new CommandResult(problems.isEmpty(), data, error, true, Optional.empty());
  }
}
