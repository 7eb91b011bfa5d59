package com.fxplatform.zmq;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One terminal of protocol 2. The terminal does a change once per id and repeats its stored result, so that whatever got no
 * answer is asked for again: an OPEN by QUERY once its time is over, everything else as it was. At most one request of each
 * lane is in flight. But for what is volatile all of it belongs to the link's I/O thread.
 */
final class RobustSession {
  private static final Logger LOG = LoggerFactory.getLogger(RobustSession.class);
  private static final long SILENCE = TimeUnit.MILLISECONDS.toNanos(3500);
  private static final long SETTLES_WITHIN = TimeUnit.MINUTES.toNanos(10);
  private static final long MOST_TTL_MILLIS = 30_000;
  // a terminal says a price that stands twice a second
  private static final long STREAM_SILENCE = TimeUnit.SECONDS.toNanos(2);
  private static final int READ_ATTEMPTS = 3;
  private static final String NOT_FOUND = "Position not found";

  /** A streamed price: when the terminal said it, by its clock, and when it came, by ours. */
  private record Streamed(TerminalLink.Quote quote, long ts, long heardAt) {}

  /** A way to a terminal. */
  interface Route {
    boolean send(int lane, byte[] to, byte[] frame);
  }

  private final String name;
  private final Route out;
  private final AccountBook book = new AccountBook();
  private final Lanes lanes = new Lanes();
  private final Map<String, Pending> outstanding = new LinkedHashMap<>();
  private final String nonce = HexFormat.of().formatHex(new SecureRandom().generateSeed(4));
  private final byte[][] routes = new byte[2][];
  private final long[] seq = new long[2];
  private final long[] heardAt = new long[2];
  private final Map<String, Streamed> quotes = new ConcurrentHashMap<>();
  private volatile String account = "";
  private volatile String server = "";
  private volatile Set<String> caps = Set.of();
  private volatile Set<Long> tickets = Set.of();
  private volatile boolean alive;
  private volatile Optional<String> worry = Optional.empty();
  private String epoch = "";
  private long counter;

  RobustSession(String name, Route out) {
    this.name = name;
    this.out = out;
  }

  // -- for everybody

  boolean alive() {
    return alive;
  }

  boolean is(String wanted) {
    return name.equals(wanted) || !account.isEmpty() && account.equals(wanted);
  }

  String label() {
    return account.isEmpty() ? name : account;
  }

  boolean has(long ticket) {
    return tickets.contains(ticket);
  }

  boolean knows(String command) {
    return caps.contains(command);
  }

  Optional<Account> account() {
    return book.latest();
  }

  /** A price of a terminal that still streams it. */
  Optional<TerminalLink.Quote> quote(String symbol) {
    Streamed last = quotes.get(symbol);
    return last != null && alive && System.nanoTime() - last.heardAt() < STREAM_SILENCE ? Optional.of(last.quote()) : Optional.empty();
  }

  /** What somebody should look at although the terminal answers. */
  Optional<String> worry() {
    return worry;
  }

  // -- connection

  String epoch() {
    return epoch;
  }

  boolean leaves(int lane, ByteBuffer route) {
    return routes[lane] != null && Arrays.equals(routes[lane], route.array());
  }

  void greet(int lane, byte[] route, Map<String, Object> hello, String newEpoch, long lastSeq, Instant at) {
    boolean restarted = !newEpoch.equals(epoch);
    if (restarted) {
      Arrays.fill(seq, 0);
      quotes.clear();
      // the other lane has not said HELLO since
      routes[1 - lane] = null;
    }
    epoch = newEpoch;
    account = text(hello, "account");
    server = text(hello, "server");
    caps =
        hello.get("caps") instanceof List<?> list
            ? list.stream().limit(64).filter(String.class::isInstance).map(String.class::cast).collect(Collectors.toUnmodifiableSet())
            : Set.of();
    boolean moved = !Arrays.equals(routes[lane], route);
    routes[lane] = route;
    seq[lane] = Math.max(seq[lane], lastSeq);
    heardAt[lane] = System.nanoTime();
    for (Pending each : List.copyOf(outstanding.values())) {
      if (moved && each.sequence == lane || restarted) {
        // no answer will come on the connection before
        each.awaiting = false;
      }
      if (restarted && each.opens() && !caps.contains("DURABLE")) {
        forgotten(each);
      }
    }
    if (!moved && !restarted) {
      return;
    }
    LOG.info("A terminal of protocol 2 has come. terminal={} account={} server={} lane={} restarted={}",
        name, account, server, lane == RobustLink.EMERGENCY ? "emergency" : "commands", restarted);
  }

  /** Nothing can be asked about it any more: the terminal keeps its results in memory only, and has lost them. */
  private void forgotten(Pending open) {
    outstanding.remove(open.wireId);
    open.unknown(
        "The terminal restarted and keeps no results. Look for the comment " + CompatDialect.key(open.request.id())
            + " in the terminal before you send it again.");
    LOG.warn("The outcome of an OPEN_POSITION stays unknown. id={} terminal={}", open.request.id(), name);
  }

  private static String text(Map<String, Object> message, String key) {
    String text = message.get(key) instanceof String given ? given : "";
    return text.length() > 64 ? text.substring(0, 64) : text;
  }

  void ready(int lane, String secret) {
    out.send(lane, routes[lane], SignedText.sign("{\"v\":2,\"type\":\"READY\",\"epoch\":\"" + epoch + "\",\"ts\":" + millis() + "}", secret));
  }

  void heartbeat(String secret) {
    for (int lane = 0; lane < routes.length; lane++) {
      if (routes[lane] != null && !secret.isEmpty()
          && !out.send(
              lane,
              routes[lane],
              SignedText.sign("{\"v\":2,\"type\":\"HEARTBEAT\",\"epoch\":\"" + epoch + "\",\"ts\":" + millis() + "}", secret))) {
        lost(lane);
      }
    }
  }

  private static long millis() {
    return System.currentTimeMillis();
  }

  void heard(int lane, Map<String, Object> heartbeat, Instant at) {
    heardAt[lane] = System.nanoTime();
    if (heartbeat.get("figures") instanceof Map<?, ?> figures) {
      Map<String, Object> told = new LinkedHashMap<>();
      figures.forEach((key, value) -> told.put((String) key, value));
      told.put("accountNumber", account);
      told.put("server", server);
      if (heartbeat.get("positions") instanceof Integer count) {
        told.put("openPositions", count);
      }
      book.pushed(told, at);
    }
    if (heartbeat.get("tickets") instanceof List<?> list) {
      tickets = list.stream().filter(Number.class::isInstance).map(each -> ((Number) each).longValue()).collect(Collectors.toUnmodifiableSet());
    }
  }

  /** False for a tick that says nothing. One that is older than what we have, for example played again, changes nothing. */
  boolean tick(Map<String, Object> message, Instant at) {
    if (!(message.get("symbol") instanceof String symbol) || !(message.get("ts") instanceof Number said)
        || !(message.get("time") instanceof Number moved)) {
      return false;
    }
    Optional<BigDecimal> bid = price(message.get("bid"));
    Optional<BigDecimal> ask = price(message.get("ask"));
    Optional<BigDecimal> spread = price(message.get("spread"));
    long age = said.longValue() - moved.longValue();
    if (bid.isEmpty() || ask.isEmpty() || spread.isEmpty() || age < 0) {
      return false;
    }
    Streamed last = quotes.get(symbol);
    if ((last == null || said.longValue() > last.ts()) && Math.abs(at.toEpochMilli() - said.longValue()) <= MOST_TTL_MILLIS) {
      TerminalLink.Quote quote = new TerminalLink.Quote(bid.get(), ask.get(), spread.get(), at.minusMillis(age));
      quotes.put(symbol, new Streamed(quote, said.longValue(), System.nanoTime()));
    }
    return true;
  }

  private static Optional<BigDecimal> price(Object value) {
    BigDecimal number = value instanceof BigDecimal exact ? exact : value instanceof Integer whole ? BigDecimal.valueOf(whole) : BigDecimal.valueOf(-1);
    return number.signum() >= 0 && number.precision() < 30 && Math.abs((long) number.scale()) <= 20 ? Optional.of(number) : Optional.empty();
  }

  private void lost(int lane) {
    routes[lane] = null;
    for (Pending each : outstanding.values()) {
      if (each.sequence == lane) {
        each.awaiting = false;
      }
    }
  }

  /** The sockets are gone. */
  void gone() {
    lost(RobustLink.COMMANDS);
    lost(RobustLink.EMERGENCY);
    alive = false;
  }

  // -- requests

  void take(Pending pending) {
    if (RobustDialect.HALT.equals(pending.request.name())) {
      lanes.take(Pending::opens).forEach(each -> each.notSent("Trading is halted."));
    }
    if (!caps.isEmpty() && !knows(pending.request.name())) {
      pending.notSent("The terminal " + label() + " knows no command " + pending.request.name() + ".");
    } else {
      lanes.letIn(pending);
    }
  }

  private int lane(Pending pending) {
    return pending.emergency() && routes[RobustLink.EMERGENCY] != null ? RobustLink.EMERGENCY : RobustLink.COMMANDS;
  }

  /** Does what is due and says in how many nanoseconds something is due again. */
  long work(long now, RobustSettings settings) {
    alive = routes[RobustLink.COMMANDS] != null && now - heardAt[RobustLink.COMMANDS] < SILENCE;
    overdue(now);
    lanes.take(pending -> now - pending.queueLimit() >= 0)
        .forEach(each -> each.notSent("Its time was over before its turn came" + (alive ? "." : ": the terminal does not answer.")));
    if (alive && !settings.secret().isEmpty()) {
      recover(now, settings);
      Pending next;
      while ((next = lanes.head(now)) != null && !busy(lane(next))) {
        lanes.remove(next);
        first(next, settings);
      }
    }
    return left(now);
  }

  private boolean busy(int lane) {
    for (Pending each : outstanding.values()) {
      if (each.awaiting && each.sequence == lane) {
        return true;
      }
    }
    return false;
  }

  private void overdue(long now) {
    for (Pending each : List.copyOf(outstanding.values())) {
      if (each.awaiting && now - each.replyBy >= 0) {
        each.awaiting = false;
      }
      if (now - each.giveUpAt >= 0) {
        outstanding.remove(each.wireId);
        each.unknown("The terminal did not answer.");
        LOG.warn("The outcome of a request stays unknown. id={} command={} terminal={}", each.request.id(), each.request.name(), name);
      } else if (each.changes() && !each.future.isDone() && now - each.callerBy >= 0) {
        each.unknown("The terminal has not answered yet; it will be asked what became of it.");
        LOG.warn("The terminal has not answered in time. id={} command={} terminal={}", each.request.id(), each.request.name(), name);
        worried();
      } else if (!each.changes() && !each.awaiting && (each.attempts >= READ_ATTEMPTS || each.own || now - each.callerBy >= 0)) {
        outstanding.remove(each.wireId);
        each.failed("The terminal has not answered.");
      }
    }
  }

  /** What got no answer goes before what is new. */
  private void recover(long now, RobustSettings settings) {
    for (Pending each : List.copyOf(outstanding.values())) {
      if (each.awaiting || each.own || busy(lane(each))) {
        continue;
      }
      boolean asks = each.opens() && (each.future.isDone() || now - each.limit >= 0);
      if (!asks) {
        send(each, settings);
      } else if (outstanding.values().stream().noneMatch(query -> query.about == each)) {
        TerminalRequest request =
            new TerminalRequest("fx-query", RobustDialect.QUERY, Map.of("key", each.request.id()), Lane.READ, Optional.empty());
        Pending query = new Pending(request, () -> {}, new CompletableFuture<>(), each.giveUpAt, now);
        query.own = true;
        query.about = each;
        send(query, settings);
      }
    }
  }

  private void first(Pending pending, RobustSettings settings) {
    if (pending.opens() && unknownScope(pending.scope())) {
      pending.notSent(
          "An earlier OPEN_POSITION for " + pending.request.parameters().get("symbol")
              + " has an unknown outcome, and the terminal is being asked about it: try again in a moment.");
      return;
    }
    if (pending.opens() && outstanding.containsKey(pending.request.id())) {
      pending.notSent("The same OPEN_POSITION is on its way already.");
      return;
    }
    try {
      pending.gate.pass();
    } catch (Refusal no) {
      pending.notSent(no.getMessage());
      return;
    } catch (RuntimeException bug) {
      LOG.error("The gate of a request failed; nothing was sent. id={}", pending.request.id(), bug);
      pending.notSent("It could not be written down, so it was not sent.");
      return;
    }
    if (!send(pending, settings)) {
      pending.notSent("The connection to the terminal broke just before it was sent.");
    }
  }

  private boolean unknownScope(String scope) {
    return outstanding.values().stream().anyMatch(each -> each.opens() && each.future.isDone() && each.scope().equals(scope));
  }

  private boolean send(Pending pending, RobustSettings settings) {
    long now = System.nanoTime();
    int lane = lane(pending);
    if (pending.wireId.isEmpty()) {
      // an OPEN is done once per platform command; whatever else is asked twice is meant twice
      pending.wireId = pending.opens() ? pending.request.id() : pending.request.id() + "~" + nonce + Long.toHexString(++counter);
      pending.epoch = epoch;
    }
    long ttl =
        pending.opens()
            ? Math.max(1, Math.min(MOST_TTL_MILLIS, TimeUnit.NANOSECONDS.toMillis(pending.limit - now)))
            : MOST_TTL_MILLIS;
    byte[] frame =
        SignedText.sign(
            RobustDialect.command(pending.request, pending.wireId, ++seq[lane], epoch, millis(), ttl), settings.secret());
    if (!out.send(lane, routes[lane], frame)) {
      lost(lane);
      return false;
    }
    if (!pending.sent) {
      boolean opens = pending.opens();
      pending.callerBy =
          now + (opens ? settings.replyTimeout().toNanos() : Math.max(settings.commandTimeout().toNanos(), settings.replyTimeout().toNanos()));
      pending.giveUpAt = now + SETTLES_WITHIN;
    }
    pending.sent = true;
    pending.attempts++;
    pending.sentAt = now;
    pending.sequence = lane;
    pending.replyBy = now + settings.replyTimeout().toNanos() * (pending.request.lane() == Lane.BARS ? 2 : 1);
    pending.awaiting = true;
    outstanding.put(pending.wireId, pending);
    return true;
  }

  private long left(long now) {
    long left = Long.MAX_VALUE;
    for (Pending each : outstanding.values()) {
      left = Math.min(left, each.giveUpAt - now);
      if (each.awaiting) {
        left = Math.min(left, each.replyBy - now);
      }
      if (!each.future.isDone()) {
        left = Math.min(left, each.callerBy - now);
      }
    }
    left = Math.min(left, lanes.nextMoment(now));
    return alive ? Math.max(0, Math.min(left, heardAt[RobustLink.COMMANDS] + SILENCE - now)) : Math.max(0, left);
  }

  // -- answers

  /** False for what answers nothing. */
  boolean answer(String id, Map<String, Object> reply, Instant at) {
    Pending pending = outstanding.get(id);
    if (pending == null) {
      return false;
    }
    Optional<TerminalReply> decoded = RobustDialect.decode(pending.request, reply);
    if (decoded.isEmpty()) {
      return false;
    }
    outstanding.remove(id);
    heardAt[RobustLink.COMMANDS] = System.nanoTime();
    TerminalReply told = decoded.get();
    if (pending.about != null) {
      queried(pending.about, told);
      return true;
    }
    if (told.outcome() == Outcome.OK && CompatDialect.GET_ACCOUNT.equals(pending.request.name())) {
      book.asked(told.data(), at);
    }
    if (pending.closes() && pending.attempts > 1 && told.error().equals(Optional.of(NOT_FOUND))) {
      told = new TerminalReply(Outcome.OK, Map.of("assumed", true), Optional.empty(), Optional.empty());
    }
    settle(pending, told);
    return true;
  }

  private void queried(Pending open, TerminalReply told) {
    if (outstanding.get(open.wireId) != open || told.outcome() != Outcome.OK) {
      return;
    }
    if (Boolean.TRUE.equals(told.data().get("known"))) {
      Map<String, Object> result = new LinkedHashMap<>();
      if (told.data().get("result") instanceof Map<?, ?> stored) {
        stored.forEach((key, value) -> result.put((String) key, value));
      }
      RobustDialect.decode(open.request, result).ifPresent(known -> {
        outstanding.remove(open.wireId);
        settle(open, known);
      });
    } else {
      // a higher seq was answered: what was sent before it will never be executed
      outstanding.remove(open.wireId);
      settle(
          open,
          new TerminalReply(Outcome.NOT_SENT, Map.of(), Optional.of("The terminal never executed it."), Optional.empty()));
    }
  }

  private void settle(Pending pending, TerminalReply told) {
    if (told.outcome() == Outcome.NOT_SENT && pending.future.isDone()) {
      // told to be unknown before: now it is known not to have happened
      told = new TerminalReply(Outcome.FAILED, Map.of(), told.error(), Optional.empty());
    }
    if (pending.answer(told)) {
      LOG.info("An unknown outcome is settled. id={} command={} outcome={} terminal={}",
          pending.request.id(), pending.request.name(), told.outcome(), name);
    }
    worried();
  }

  private void worried() {
    worry =
        outstanding.values().stream()
            .filter(each -> each.opens() && each.future.isDone())
            .findFirst()
            .map(each -> "The terminal answers, but the outcome of OPEN_POSITION " + each.request.id()
                + " is unknown: it is being asked about it.");
  }

  void end() {
    lanes.close().forEach(each -> each.notSent("The bridge is stopping."));
    for (Pending each : outstanding.values()) {
      if (each.changes()) {
        each.unknown("The bridge stopped before the answer came.");
      } else {
        each.failed("The bridge is stopping.");
      }
    }
    outstanding.clear();
  }
}
