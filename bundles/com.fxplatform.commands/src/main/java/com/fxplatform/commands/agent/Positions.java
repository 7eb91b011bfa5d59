package com.fxplatform.commands.agent;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is open: as the terminal lists it where it can ({@code GET_POSITIONS}), else as the journal remembers it. Where the
 * terminal lists, the journal learns what the terminal closed by itself.
 */
@Component(service = Positions.class)
public final class Positions {
  private static final Logger LOG = LoggerFactory.getLogger(Positions.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  // a position younger than the question may be missing in the answer
  private static final long YOUNG = 2_000;
  private static final int MOST = 10_000;

  /**
   * One open position; what is not known is null.
   *
   * @param profit in the account's currency, only where the terminal tells it
   */
  record Held(
      String ticket, String symbol, String type, BigDecimal volume, BigDecimal openPrice, BigDecimal profit, String strategyId, String commandId) {}

  /** @param complete whether the terminal told it: then nothing else is open */
  record View(boolean complete, List<Held> held) {}

  private final TerminalDesk terminal;
  private final Journal journal;

  @Activate
  public Positions(@Reference TerminalDesk terminal, @Reference Journal journal) {
    this.terminal = terminal;
    this.journal = journal;
  }

  /** Asks the terminal if it answers now; waits for at most five seconds. */
  View look(String id, Lane lane) {
    long asked = Instant.now().toEpochMilli();
    Optional<List<Map<?, ?>>> listed = listed(id, lane);
    Map<String, Journal.Open> ours = new LinkedHashMap<>();
    journal.positions().forEach(p -> ours.put(p.ticket(), p));
    List<Held> held = new ArrayList<>();
    if (listed.isEmpty()) {
      ours.values().forEach(p -> held.add(new Held(p.ticket(), p.symbol(), p.action(), p.volume(), p.openPrice(), null, p.strategyId(), p.commandId())));
      return new View(false, held);
    }
    Set<String> there = new HashSet<>();
    for (Map<?, ?> one : listed.get()) {
      TerminalDesk.ticket(one.get("ticket"))
          .ifPresent(
              ticket -> {
                there.add(ticket);
                held.add(held(ticket, one, ours.get(ticket)));
              });
    }
    ours.values().stream().filter(p -> !there.contains(p.ticket())).forEach(gone -> {
      if (gone.openedAt() < asked - YOUNG) {
        LOG.info("A position is not open in the terminal any more. ticket={} symbol={}", gone.ticket(), gone.symbol());
        journal.closed(gone.ticket());
      } else {
        held.add(new Held(gone.ticket(), gone.symbol(), gone.action(), gone.volume(), gone.openPrice(), null, gone.strategyId(), gone.commandId()));
      }
    });
    return new View(true, held);
  }

  private Optional<List<Map<?, ?>>> listed(String id, Lane lane) {
    if (terminal.status().filter(s -> s.state() == TerminalLink.State.READY).isEmpty()) {
      return Optional.empty();
    }
    TerminalReply reply = terminal.await(terminal.ask(id, "GET_POSITIONS", lane), PATIENCE);
    if (reply.outcome() != Outcome.OK || !(reply.data().get("positions") instanceof List<?> list) || list.size() > MOST) {
      return Optional.empty();
    }
    List<Map<?, ?>> rows = new ArrayList<>();
    for (Object row : list) {
      if (!(row instanceof Map<?, ?> map) || TerminalDesk.ticket(map.get("ticket")).isEmpty()) {
        // half a list proves nothing
        return Optional.empty();
      }
      rows.add(map);
    }
    return Optional.of(rows);
  }

  private static Held held(String ticket, Map<?, ?> told, Journal.Open ours) {
    return new Held(
        ticket,
        text(told, "symbol"),
        text(told, "type", "action"),
        decimal(told, "volume", "lotSize"),
        decimal(told, "openPrice"),
        decimal(told, "profit"),
        ours == null ? null : ours.strategyId(),
        ours == null ? null : ours.commandId());
  }

  private static String text(Map<?, ?> told, String... names) {
    for (String name : names) {
      if (told.get(name) instanceof String text) {
        return text;
      }
    }
    return "";
  }

  private static BigDecimal decimal(Map<?, ?> told, String... names) {
    for (String name : names) {
      if (told.get(name) instanceof Number number) {
        return new BigDecimal(number.toString());
      }
    }
    return null;
  }
}
