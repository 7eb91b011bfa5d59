package com.fxplatform.commands.desk;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.executor.Executor;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an executor says of its own trading in its heartbeat, whoever stopped it: the owner is told of every change.
 *
 * @param state {@code active}, {@code paused} or {@code halted}
 * @param reason why not; empty while active
 * @param since when the emergency stop was given, as text; empty otherwise
 * @param flat whether nothing is open since that emergency stop
 */
record TradingReport(String state, String reason, String since, boolean flat) {
  private static final String ACTIVE = "active";
  private static final String HALTED = "halted";
  private static final Set<String> STATES = Set.of(ACTIVE, "paused", HALTED);

  /** Empty for an executor that says nothing of it, as the predecessor's. */
  static Optional<TradingReport> of(Map<String, ?> given) {
    if (!(given.get("tradingState") instanceof String state) || !STATES.contains(state)) {
      return Optional.empty();
    }
    boolean active = state.equals(ACTIVE);
    return Optional.of(new TradingReport(state, active ? "" : Heartbeat.cut(given.get("tradingReason")),
        state.equals(HALTED) ? instant(given.get("tradingSince")) : "", state.equals(HALTED) && Boolean.TRUE.equals(given.get("flat"))));
  }

  private static String instant(Object given) {
    try {
      return given instanceof String text ? CommandEvent.text(Instant.parse(text)) : "";
    } catch (DateTimeException none) {
      return "";
    }
  }

  /** All of them each time: what is not said again would stay. */
  Map<String, Object> vitals() {
    return Map.of("tradingState", state, "tradingReason", reason, "tradingSince", since, "flat", flat);
  }

  /** Tells the owner what has changed since the heartbeat before, and writes it down. */
  void tell(CommandDesk desk, Executor before, Instant now, String source) {
    Optional<TradingReport> was = of(before.vitals());
    if (was.equals(Optional.of(this)) || was.isEmpty() && state.equals(ACTIVE)) {
      return;
    }
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("executorId", before.id());
    event.putAll(vitals());
    event.put("timestamp", CommandEvent.text(now));
    desk.tellOwner(before, "trading-state", event);
    boolean another = was.filter(then -> then.state().equals(state) && then.since().equals(since)).isEmpty();
    if (another && state.equals(HALTED)) {
      desk.tellOwner(before, "emergency-stop", event);
    }
    if (another) {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("state", state);
      if (!state.equals(ACTIVE)) {
        details.put("reason", reason);
      }
      desk.note(new AuditTrail.Entry("EXECUTOR_TRADING_" + state.toUpperCase(Locale.ROOT), AuditTrail.SUCCESS,
          Optional.of(before.userId()), Optional.of(before.id()), Optional.of(source), details));
    }
  }
}
