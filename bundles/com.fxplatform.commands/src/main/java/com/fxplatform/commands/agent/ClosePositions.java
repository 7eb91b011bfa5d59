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
import com.fxplatform.commands.agent.Positions.Held;
import com.fxplatform.commands.agent.Positions.View;
import java.math.BigDecimal;
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
 * Closes one position, or those of a kind, or all that the terminal or the journal knows open. Closing what is closed does
 * no harm, so it is tried again where the terminal does not answer.
 */
@Component(
    service = {ClosePositions.class, CommandHandler.class},
    property = {
      CommandHandler.NAME + "=" + CommandNames.CLOSE_POSITION,
      CommandHandler.NAME + "=" + CommandNames.CLOSE_ALL_POSITIONS,
      CommandHandler.NAME + "=CLOSE_BY_SYMBOL",
      CommandHandler.NAME + "=CLOSE_BY_STRATEGY",
      CommandHandler.NAME + "=CLOSE_PROFITABLE",
      CommandHandler.NAME + "=CLOSE_LOSING"
    })
public final class ClosePositions implements CommandHandler {
  private static final int ATTEMPTS = 3;
  private static final long PAUSE = 300;

  private final TerminalDesk terminal;
  private final Journal journal;
  private final Positions positions;
  private final Duration patience;

  @Activate
  public ClosePositions(@Reference TerminalDesk terminal, @Reference Journal journal, @Reference Positions positions) {
    this(terminal, journal, positions, Duration.ofSeconds(15));
  }

  ClosePositions(TerminalDesk terminal, Journal journal, Positions positions, Duration patience) {
    this.terminal = terminal;
    this.journal = journal;
    this.positions = positions;
    this.patience = patience;
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    return switch (command.name()) {
      case CommandNames.CLOSE_POSITION -> one(command, gate);
      case "CLOSE_BY_SYMBOL" -> {
        String symbol = OpenPosition.text(command.parameters(), "symbol");
        if (symbol.isEmpty()) {
          throw OpenPosition.invalid("CLOSE_BY_SYMBOL needs a symbol.");
        }
        yield several(command, gate, open(command).held().stream().filter(p -> symbol.equalsIgnoreCase(p.symbol())).toList(), 0, Map.of());
      }
      case "CLOSE_BY_STRATEGY" -> {
        String strategy = OpenPosition.text(command.parameters(), "strategyId");
        if (strategy.isEmpty()) {
          throw OpenPosition.invalid("CLOSE_BY_STRATEGY needs a strategyId.");
        }
        yield ofStrategy(command, gate, strategy);
      }
      case "CLOSE_PROFITABLE" -> byProfit(command, gate, OpenPosition.decimal(command.parameters(), "minProfit").orElse(BigDecimal.ZERO), 1);
      case "CLOSE_LOSING" -> byProfit(command, gate, loss(command), -1);
      default -> {
        View view = open(command);
        yield several(command, gate, view.held(), view.complete() ? 0 : othersOpen(view.held().size()), Map.of());
      }
    };
  }

  /** Closes what orders of one strategy opened. */
  CommandResult ofStrategy(Command command, Gate gate, String strategyId) {
    return several(command, gate, open(command).held().stream().filter(p -> strategyId.equals(p.strategyId())).toList(), 0, Map.of());
  }

  private View open(Command command) {
    return positions.look(command.id(), Lane.CLOSE);
  }

  /** Written as 50 or as -50. */
  private static BigDecimal loss(Command command) {
    Object given = command.parameters().get("maxLoss");
    Object positive = given instanceof Number n ? (Object) new BigDecimal(n.toString()).abs() : given instanceof String s ? s.strip().replaceFirst("^-", "") : given;
    return positive == null ? BigDecimal.ZERO : OpenPosition.decimal(Map.of("maxLoss", positive), "maxLoss").orElse(BigDecimal.ZERO);
  }

  /**
   * @param least the profit or loss from which on to close, in the account's currency
   * @param sign 1 for profits, -1 for losses
   */
  private CommandResult byProfit(Command command, Gate gate, BigDecimal least, int sign) {
    View view = open(command);
    List<Held> wanted = new ArrayList<>();
    Map<String, String> undecided = new LinkedHashMap<>();
    Map<String, TerminalReply> prices = new LinkedHashMap<>();
    for (Held position : view.held()) {
      if (position.profit() != null) {
        BigDecimal amount = position.profit().multiply(BigDecimal.valueOf(sign));
        if (amount.signum() > 0 && amount.compareTo(least) >= 0) {
          wanted.add(position);
        }
      } else if (least.signum() != 0) {
        undecided.put(position.ticket(), "The terminal does not tell the profit of single positions: only a limit of 0 can be decided here.");
      } else {
        TerminalReply price = prices.computeIfAbsent(position.symbol(), symbol -> terminal.price(command.id(), symbol));
        direction(position, price).ifPresentOrElse(
            direction -> {
              if (direction == sign) {
                wanted.add(position);
              }
            },
            () -> undecided.put(position.ticket(), "No price tells whether it wins or loses."));
      }
    }
    return several(command, gate, wanted, 0, undecided);
  }

  /** Whether a position wins (1), loses (-1) or neither at the price it would be closed at. */
  private static Optional<Integer> direction(Held position, TerminalReply price) {
    boolean buy = "BUY".equalsIgnoreCase(position.type());
    Optional<BigDecimal> now = price.outcome() == Outcome.OK ? TerminalDesk.number(price.data().get(buy ? "bid" : "ask")) : Optional.empty();
    if (now.isEmpty() || position.openPrice() == null) {
      return Optional.empty();
    }
    int moved = now.get().compareTo(position.openPrice());
    return Optional.of(buy ? moved : -moved);
  }

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

  private CommandResult several(Command command, Gate gate, List<Held> wanted, int others, Map<String, String> undecided) {
    List<Object> done = new ArrayList<>();
    Map<String, String> failed = new LinkedHashMap<>();
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> left = wanted.stream().map(Held::ticket).toList();
    for (int attempt = 1; attempt <= ATTEMPTS && !left.isEmpty(); attempt++) {
      if (attempt > 1 && !terminal.pause(PAUSE)) {
        break;
      }
      left = round(command.id(), gate, left, deadline, done, failed);
    }
    return summary(done, failed, others, undecided);
  }

  /** Asks for all at once; returns those that are still open. */
  private List<String> round(String id, Gate gate, List<String> tickets, long deadline, List<Object> done, Map<String, String> failed) {
    Map<String, CompletableFuture<TerminalReply>> asked = new LinkedHashMap<>();
    tickets.forEach(ticket -> asked.put(ticket, terminal.submit(TerminalDesk.close(id, ticket, Lane.CLOSE), gate)));
    List<String> left = new ArrayList<>();
    asked.forEach(
        (ticket, future) -> {
          long wait = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
          TerminalReply reply = terminal.await(future, Duration.ofMillis(wait));
          if (closed(reply)) {
            journal.closed(ticket);
            done.add(Long.valueOf(ticket));
            failed.remove(ticket);
          } else {
            left.add(ticket);
            failed.put(ticket, TerminalDesk.error(reply));
          }
        });
    return left;
  }

  /** How many positions the terminal had that no command of ours opened. */
  private int othersOpen(int ours) {
    return terminal.account().flatMap(Account::openPositions).map(open -> Math.max(0, open - ours)).orElse(0);
  }

  private static CommandResult summary(List<Object> done, Map<String, String> failed, int others, Map<String, String> undecided) {
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
    if (!undecided.isEmpty()) {
      data.put("undecided", undecided);
      problems.add(undecided.size() + " stay open (" + undecided.values().iterator().next() + ")");
    }
    Optional<String> error = problems.isEmpty() ? Optional.empty() : Optional.of("Closed " + done.size() + ". " + String.join(" ", problems));
    return new CommandResult(problems.isEmpty(), data, error, true, Optional.empty());
  }
}
