package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a position at the market. Sent at most once, whatever happens. */
@Component(property = CommandHandler.NAME + "=OPEN_POSITION")
public final class OpenPosition implements CommandHandler {
  /** The command makes no sense. */
  static final String INVALID = "INVALID_PARAMETERS";

  private static final Logger LOG = LoggerFactory.getLogger(OpenPosition.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  static final Pattern SYMBOL = Pattern.compile("[A-Za-z0-9._#+-]{1,31}");
  private static final Pattern COMMENT = Pattern.compile("[A-Za-z0-9 ._:-]{0,31}");
  private static final int LONGEST_COMMENT = 31;
  private static final BigDecimal MOST_VOLUME = BigDecimal.valueOf(100_000);
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private final Roster<PlatformClient> platform = new Roster<>(Duration.ofSeconds(5));
  private final TerminalDesk terminal;
  private final Journal journal;

  @Activate
  public OpenPosition(@Reference TerminalDesk terminal, @Reference Journal journal) {
    this.terminal = terminal;
    this.journal = journal;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindPlatform(PlatformClient service, Map<String, ?> properties) {
    platform.bind(service, properties);
  }

  void unbindPlatform(PlatformClient service) {
    platform.unbind(service);
  }

  @Override
  public CommandResult handle(Command command, Gate gate) {
    Map<String, Object> given = command.parameters();
    String symbol = text(given, "symbol");
    if (!SYMBOL.matcher(symbol).matches()) {
      throw invalid("OPEN_POSITION needs a symbol of at most 31 letters, digits and . _ # + -.");
    }
    String action = text(given, "type", "action").toUpperCase(Locale.ROOT);
    if (!action.equals("BUY") && !action.equals("SELL")) {
      throw invalid("OPEN_POSITION needs a type, BUY or SELL.");
    }
    BigDecimal volume = decimal(given, "volume", "lotSize").orElseThrow(() -> invalid("OPEN_POSITION needs a volume."));
    if (volume.signum() <= 0 || volume.compareTo(MOST_VOLUME) > 0 || volume.scale() > 8) {
      throw invalid("OPEN_POSITION needs a volume greater than 0.");
    }
    BigDecimal stopLoss = decimal(given, "stopLoss").orElse(BigDecimal.ZERO);
    BigDecimal takeProfit = decimal(given, "takeProfit").orElse(BigDecimal.ZERO);
    String comment = comment(command.id(), text(given, "comment"));

    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("symbol", symbol);
    parameters.put("action", action);
    parameters.put("lotSize", volume);
    parameters.put("stopLoss", stopLoss);
    parameters.put("takeProfit", takeProfit);
    parameters.put("comment", comment);
    String strategy = text(given, "strategyId");
    if (!strategy.isEmpty()) {
      // not sent; while an order of a strategy has an unknown outcome the bridge keeps its next one back
      parameters.put("strategyId", strategy);
    }
    Duration offset = platform.speaks("") ? platform.call(PlatformClient::clockOffset) : Duration.ZERO;
    Optional<Instant> deadline = command.expiresAt().map(until -> until.minus(offset));
    CompletableFuture<TerminalReply> reply =
        terminal.submit(new TerminalRequest(command.id(), "OPEN_POSITION", parameters, Lane.OPEN, deadline), gate);
    return terminal.result(
        terminal.await(reply, PATIENCE), known -> known(command.id(), symbol, action, volume, stopLoss, takeProfit, strategy, known));
  }

  private CommandResult known(
      String id, String symbol, String action, BigDecimal volume, BigDecimal stopLoss, BigDecimal takeProfit, String strategy, TerminalReply reply) {
    if (reply.outcome() != Outcome.OK) {
      return CommandResult.failed(TerminalDesk.error(reply));
    }
    Optional<String> ticket = TerminalDesk.ticket(reply.data().get("ticket"));
    if (ticket.isEmpty()) {
      return CommandResult.unknown("The terminal says it opened the position but names no ticket: check the terminal.", null);
    }
    BigDecimal price = TerminalDesk.number(reply.data().get("openPrice")).orElse(null);
    journal.opened(
        new Journal.Open(ticket.get(), id, symbol, action, volume, Instant.now().toEpochMilli(), price, strategy.isEmpty() ? null : strategy));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("ticket", Long.valueOf(ticket.get()));
    data.put("symbol", symbol);
    data.put("type", action);
    data.put("volume", volume);
    if (price != null) {
      data.put("openPrice", price);
    }
    if (stopLoss.signum() > 0) {
      data.put("stopLoss", stopLoss);
    }
    if (takeProfit.signum() > 0) {
      data.put("takeProfit", takeProfit);
    }
    if (journal.halted().isPresent()) {
      closeAgain(id, ticket.get());
      data.put("message", "Trading was halted meanwhile: the position is being closed again.");
    }
    return CommandResult.done(data);
  }

  /** It was on its way when the emergency stop came. */
  private void closeAgain(String id, String ticket) {
    LOG.warn("A position opened after trading was halted; it is closed at once. command={} ticket={}", id, ticket);
    terminal
        .closeNow("halt-" + ticket, ticket)
        .thenAccept(
            reply -> {
              if (ClosePositions.closed(reply)) {
                journal.closed(ticket);
              } else {
                LOG.error("A position that opened after the halt could not be closed: close it in the terminal. ticket={} reason=\"{}\"", ticket, TerminalDesk.error(reply));
              }
            });
  }

  /** {@code NX} and 26 characters of the command's hash: by it an operator finds a position's command. */
  static String comment(String id, String wanted) {
    String tag = tag(id);
    boolean fits = !wanted.isEmpty() && COMMENT.matcher(wanted).matches() && tag.length() + 1 + wanted.length() <= LONGEST_COMMENT;
    return fits ? tag + " " + wanted : tag;
  }

  private static String tag(String id) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      StringBuilder tag = new StringBuilder("NX");
      for (int i = 0; i < 26; i++) {
        int bit = i * 5;
        int word = (hash[bit / 8] & 0xff) << 8 | hash[bit / 8 + 1] & 0xff;
        tag.append(BASE32.charAt(word >> (11 - bit % 8) & 31));
      }
      return tag.toString();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static String text(Map<String, Object> given, String... names) {
    for (String name : names) {
      if (given.get(name) instanceof String text && !text.isBlank()) {
        return text.strip();
      }
    }
    return "";
  }

  static Optional<BigDecimal> decimal(Map<String, Object> given, String... names) {
    for (String name : names) {
      Object value = given.get(name);
      if (value != null && !"".equals(value)) {
        BigDecimal number = TerminalDesk.number(value).orElseThrow(() -> invalid(name + " must be a number of at least 0."));
        if (number.signum() < 0 || number.precision() > 25) {
          throw invalid(name + " must be a number of at least 0.");
        }
        return Optional.of(number);
      }
    }
    return Optional.empty();
  }

  static Refusal invalid(String why) {
    return new Refusal(400, INVALID, why);
  }
}
