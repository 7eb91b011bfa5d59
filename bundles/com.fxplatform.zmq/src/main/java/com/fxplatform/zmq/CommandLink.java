package com.fxplatform.zmq;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The command leg. One I/O thread owns the DEALER, its monitor and the wake-up pipe; everybody else only touches the queue.
 *
 * <p>The rules of zmq-bridge 6: one request in flight and one EMERGENCY beside it; a request that left is answered by its
 * own id frame or its outcome is unknown; an OPEN leaves once and never again; after the first refusal of our secret
 * nothing leaves until the secret changes or the terminal's lock is certainly over.
 */
final class CommandLink {
  private static final Logger LOG = LoggerFactory.getLogger(CommandLink.class);
  private static final String NOT_FOUND = "Position not found";
  private static final int LARGEST_REPLY = 8 << 20;
  private static final int SEND_MARK = 4;
  private static final int RECONNECT_MILLIS = 100;
  private static final int RECONNECT_MOST_MILLIS = 2000;
  // about one handshake in twenty between two JeroMQ 0.6.0 never ends; this gives up on it and connects anew
  static final int HANDSHAKE_MILLIS = 1000;
  private static final int READ_ATTEMPTS = 3;
  private static final int MOST_PINGS = 3;
  private static final long ALIVE = TimeUnit.SECONDS.toNanos(3);
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(10);
  private static final long LOCK = TimeUnit.SECONDS.toNanos(310);
  private static final long SETTLES_WITHIN = TimeUnit.MINUTES.toNanos(10);
  private static final long BACK_OFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long IDLE_PING = TimeUnit.SECONDS.toNanos(5);
  private static final long WRITABLE_RETRY = TimeUnit.MILLISECONDS.toNanos(2);
  // JeroMQ connects anew by itself, but never after a protocol error (an oversize frame, a peer that is no ZeroMQ)
  private static final long REDIAL = TimeUnit.SECONDS.toNanos(1);
  // and if it says nothing at all for so long, neither do we wait any longer
  private static final long DIAL_ANEW = TimeUnit.SECONDS.toNanos(10);
  // nothing else may be due while there is no connection
  private static final long LOOK_AGAIN = TimeUnit.SECONDS.toNanos(1);
  private static final byte[] EMPTY = new byte[0];
  private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final Gate NO_GATE = () -> {};

  /** Who takes over when the terminal says that it speaks protocol 2 as well. */
  interface Succession {
    /** Whether it does; asked on the link's thread. */
    default boolean takesOver() {
      return false;
    }

    /** A request that waited here. */
    default void take(Pending pending) {}
  }

  private final Succession succession;
  private final Dialect dialect;
  private final AccountBook book;
  private final Clock clock = Clock.systemUTC();
  private final Lanes lanes = new Lanes();
  private final IoThread io = new IoThread("fx-zmq-commands");
  private final Readiness readiness = io.readiness();
  private final DroppedFrames garbage = new DroppedFrames(LOG, "The terminal sent something that answers no request; it was dropped. count={}");
  private final String session = HexFormat.of().formatHex(new SecureRandom().generateSeed(4));
  private volatile Settings wanted;
  private volatile TerminalLink.Status status;
  private volatile boolean second;

  // all that follows belongs to the I/O thread
  private final Map<String, Pending> outstanding = new LinkedHashMap<>();
  private Settings current = Settings.idle();
  private ZContext context;
  private ZMQ.Socket dealer;
  private ZMQ.Socket monitor;
  private long sequence;
  private int connection;
  private boolean connected;
  private boolean greeted;
  private boolean refused;
  private long refusedUntil;
  private Instant nextTry = Instant.EPOCH;
  private int secretVersion;
  private long lastReplyAt;
  private long nextAccountAt;
  private long retryWriteAt;
  private boolean retryWrite;
  private boolean redial;
  private long redialAt;
  private long dialedAt;

  CommandLink(Dialect dialect, AccountBook book, Settings settings) {
    this(dialect, book, settings, new Succession() {});
  }

  CommandLink(Dialect dialect, AccountBook book, Settings settings, Succession succession) {
    this.succession = succession;
    this.dialect = dialect;
    this.book = book;
    this.wanted = settings;
    this.status = new TerminalLink.Status(TerminalLink.State.IDLE, clock.instant(), "The bridge waits for its configuration.");
  }

  CommandLink start() {
    io.start(this::serve, this::end);
    return this;
  }

  TerminalLink.Status status() {
    return status;
  }

  /** Frames that were no answer to anything. */
  long garbage() {
    return garbage.count();
  }

  /** Whether the terminal said that it speaks protocol 2 as well; nothing but PINGs leaves here then. */
  boolean second() {
    return second;
  }

  int queued() {
    return lanes.size();
  }

  /** Takes effect within one turn of the loop; what is queued stays queued. */
  void settings(Settings changed) {
    wanted = changed;
    io.signal();
  }

  CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
    Objects.requireNonNull(gate, "gate");
    CompletableFuture<TerminalReply> future = new CompletableFuture<>();
    long now = System.nanoTime();
    Pending pending = new Pending(request, gate, future, now + Settings.patience(request, wanted.commandTimeout(), clock.instant()), now);
    Optional<String> objection = dialect.objection(request);
    if (objection.isEmpty() && pending.opens() && request.lane().compareTo(Lane.OPEN) < 0) {
      objection = Optional.of("An OPEN_POSITION goes in the lane OPEN.");
    }
    if (objection.isPresent()) {
      pending.notSent(objection.get());
    } else if (lanes.letIn(pending)) {
      io.signal();
    }
    return future;
  }

  /** Stops within two seconds; never by interrupt, which JeroMQ does not survive. */
  void close() {
    io.close();
  }

  private void serve(ZContext fresh) {
    context = fresh;
    try {
      turn();
    } finally {
      hangUp();
    }
  }

  private void turn() {
    current = Settings.idle();
    while (!io.stopping()) {
      apply();
      long now = System.nanoTime();
      long left = work(now);
      refreshStatus(now);
      // sending may have brought in what the channel will not speak of again
      if (dealer == null || !Readiness.readable(dealer) && !Readiness.readable(monitor)) {
        readiness.await(left);
      }
      if (dealer != null) {
        // answers first: one that came just before a disconnect still counts
        receive();
        watch();
      }
    }
  }

  // -- settings and connection

  private void apply() {
    Settings next = wanted;
    if (next == current) {
      return;
    }
    if (!next.secret().equals(current.secret())) {
      secretVersion++;
      refused = false;
      greeted = false;
      if (!CompatDialect.usable(next.secret())) {
        refused = true;
        refusedUntil = Long.MAX_VALUE;
      }
    }
    second = second && succession.takesOver();
    boolean elsewhere = !next.endpoint().equals(current.endpoint());
    current = next;
    nextAccountAt = System.nanoTime();
    if (elsewhere) {
      hangUp();
      next.endpoint().ifPresent(this::dial);
    }
  }

  private void dial(String endpoint) {
    redial = false;
    dialedAt = System.nanoTime();
    dealer = context.createSocket(SocketType.DEALER);
    // JeroMQ's flag is inverted against libzmq: false = queue nothing while there is no connection
    dealer.setImmediate(false);
    dealer.setLinger(0);
    dealer.setSndHWM(SEND_MARK);
    dealer.setReconnectIVL(RECONNECT_MILLIS);
    dealer.setReconnectIVLMax(RECONNECT_MOST_MILLIS);
    dealer.setHandshakeIvl(HANDSHAKE_MILLIS);
    dealer.setMaxMsgSize(LARGEST_REPLY);
    String events = "inproc://fx-zmq-monitor-" + connection;
    dealer.monitor(events, ZMQ.EVENT_HANDSHAKE_PROTOCOL | ZMQ.EVENT_DISCONNECTED | ZMQ.EVENT_CONNECT_RETRIED);
    monitor = context.createSocket(SocketType.PAIR);
    monitor.connect(events);
    readiness.add(dealer);
    readiness.add(monitor);
    dealer.connect(endpoint);
  }

  private void hangUp() {
    if (dealer == null) {
      return;
    }
    disconnected();
    readiness.remove(dealer);
    readiness.remove(monitor);
    // while somebody still listens: an event that finds no listener would hold JeroMQ's I/O thread for ever, and then
    // no dial succeeds any more
    dealer.monitor(null, 0);
    dealer.close();
    monitor.close();
    dealer = null;
    monitor = null;
  }

  private void watch() {
    ZMQ.Event event;
    while ((event = ZMQ.Event.recv(monitor, ZMQ.DONTWAIT)) != null) {
      redial = event.getEvent() == ZMQ.EVENT_DISCONNECTED;
      if (redial) {
        redialAt = System.nanoTime() + REDIAL;
        if (connected) {
          disconnected();
        }
      } else if (event.getEvent() == ZMQ.EVENT_HANDSHAKE_PROTOCOL && !connected) {
        connected = true;
        greeted = false;
      }
    }
  }

  /** What is in flight got no answer and will get none: the answer travels on the connection of its request. */
  private void disconnected() {
    connection++;
    connected = false;
    greeted = false;
    for (Pending each : List.copyOf(outstanding.values())) {
      if (!each.lost) {
        lost(each, "The connection to the terminal broke before the answer came.");
      }
    }
  }

  private void lost(Pending pending, String why) {
    if (pending.opens()) {
      pending.lost = true;
      pending.unknown(why + " Look for the comment " + comment(pending) + " in the terminal before you send it again.");
      LOG.warn("The outcome of an OPEN_POSITION is unknown. id={} why=\"{}\"", pending.request.id(), why);
      return;
    }
    outstanding.values().remove(pending);
    if (pending.closes()) {
      // closing a closed position does no harm
      lanes.putBack(pending);
    } else if (!pending.pings() && !pending.abandoned) {
      retry(pending, why);
    }
  }

  private void retry(Pending read, String why) {
    if (read.attempts >= READ_ATTEMPTS || read.own) {
      read.failed(why);
      return;
    }
    lanes.putBack(read.again(System.nanoTime() + (BACK_OFF << read.attempts)));
  }

  // -- one turn

  /** Does what is due and says in how many nanoseconds something is due again. */
  private long work(long now) {
    retryWrite = false;
    if (redial && now - redialAt >= 0 || dealer != null && !connected && now - dialedAt >= DIAL_ANEW) {
      hangUp();
      current.endpoint().ifPresent(this::dial);
    }
    overdue(now);
    expire(now);
    boolean ready = connected && greeted && !refused;
    if (second) {
      lanes.take(any -> true).forEach(succession::take);
    } else if (ready) {
      Pending next;
      while ((next = lanes.head(now)) != null && forward(next, now)) {
        now = System.nanoTime();
      }
    }
    probe(now, ready);
    return left(now);
  }

  private void overdue(long now) {
    if (outstanding.isEmpty()) {
      return;
    }
    for (Pending each : List.copyOf(outstanding.values())) {
      if (each.trades()) {
        if (now - each.giveUpAt >= 0) {
          outstanding.values().remove(each);
          LOG.warn("The outcome of a request stays unknown. id={} command={}", each.request.id(), each.request.name());
        } else if (!each.future.isDone() && now - (each.opens() ? each.replyBy : each.callerBy) >= 0) {
          each.unknown("The terminal has not answered yet; a late answer will settle it.");
          LOG.warn("The terminal has not answered in time. id={} command={}", each.request.id(), each.request.name());
        }
      } else if (!each.pings() && !each.abandoned && now - each.replyBy >= 0) {
        // it keeps its place in the order of answers; the caller goes on without it
        each.abandoned = true;
        retry(each, "The terminal has not answered within " + current.replyTimeout().toMillis() + " ms.");
      }
    }
  }

  private void expire(long now) {
    if (current.endpoint().isEmpty() || refused) {
      String why = current.endpoint().isEmpty() ? "The bridge is not configured yet." : refusal();
      lanes.take(any -> true).forEach(each -> endQueued(each, why, now));
      return;
    }
    for (Pending each : lanes.take(pending -> now - pending.queueLimit() >= 0)) {
      endQueued(each, waited(), now);
    }
  }

  private String waited() {
    return switch (status.state()) {
      case READY -> "Its time was over before its turn came.";
      default -> "Its time was over before it could be sent: " + status.detail();
    };
  }

  private void endQueued(Pending pending, String why, long now) {
    if (!pending.sent) {
      pending.notSent(why);
    } else if (!pending.closes()) {
      pending.failed(why);
    } else {
      pending.unknown("The close was sent, and no answer came. " + why);
      if (now - pending.giveUpAt < 0 && !io.stopping()) {
        // still wanted once the terminal is back
        lanes.putBack(pending);
      }
    }
  }

  /** True if the head of the queue is off it, one way or the other. */
  private boolean forward(Pending pending, long now) {
    if (pending.emergency()) {
      if (unanswered(Pending::emergency) > 0) {
        return false;
      }
    } else {
      if (unanswered(any -> true) > 0) {
        return false;
      }
      if (pending.trades() && now - lastReplyAt > ALIVE) {
        ping(now);
        return false;
      }
    }
    if (!writable(now)) {
      return false;
    }
    lanes.remove(pending);
    if (pending.opens() && unknownScope(pending.scope())) {
      pending.notSent(
          "An earlier OPEN_POSITION for " + pending.request.parameters().get("symbol")
              + " has an unknown outcome: look into the terminal first.");
      return true;
    }
    if (!pending.sent && !passes(pending)) {
      return true;
    }
    if (!send(pending, System.nanoTime())) {
      if (pending.sent) {
        lanes.putBack(pending);
        return false;
      }
      pending.notSent("The connection to the terminal broke just before it was sent.");
    }
    return true;
  }

  private boolean passes(Pending pending) {
    try {
      pending.gate.pass();
      return true;
    } catch (Refusal no) {
      pending.notSent(no.getMessage());
    } catch (RuntimeException bug) {
      LOG.error("The gate of a request failed; nothing was sent. id={}", pending.request.id(), bug);
      pending.notSent("It could not be written down, so it was not sent.");
    }
    return false;
  }

  private boolean unknownScope(String scope) {
    for (Pending each : outstanding.values()) {
      if (each.opens() && each.scope().equals(scope)) {
        return true;
      }
    }
    return false;
  }

  /** What this connection still owes an answer for. */
  private int unanswered(Predicate<Pending> which) {
    int count = 0;
    for (Pending each : outstanding.values()) {
      if (each.connection == connection && !each.lost && which.test(each)) {
        count++;
      }
    }
    return count;
  }

  private boolean writable(long now) {
    if ((dealer.getEvents() & ZMQ.Poller.POLLOUT) != 0) {
      return true;
    }
    // the monitor speaks a moment before the pipe is there
    retryWrite = true;
    retryWriteAt = now + WRITABLE_RETRY;
    return false;
  }

  private boolean send(Pending pending, long now) {
    byte[] frame = dialect.encode(pending.request, clock.instant(), current.secret());
    String id = session + "-" + Long.toHexString(++sequence);
    if (!dealer.send(id.getBytes(StandardCharsets.US_ASCII), ZMQ.DONTWAIT | ZMQ.SNDMORE)) {
      return false;
    }
    dealer.send(EMPTY, ZMQ.DONTWAIT | ZMQ.SNDMORE);
    dealer.send(frame, ZMQ.DONTWAIT);
    if (!pending.sent || !pending.closes()) {
      pending.callerBy = now + Math.max(current.commandTimeout().toNanos(), current.replyTimeout().toNanos());
      pending.giveUpAt = now + SETTLES_WITHIN;
    }
    pending.marginBefore = pending.opens() ? book.latest().map(account -> account.margin()) : Optional.empty();
    pending.attempts++;
    pending.sent = true;
    pending.sequence = sequence;
    pending.connection = connection;
    pending.secretVersion = secretVersion;
    pending.sentAt = now;
    pending.replyBy = now + current.replyTimeout().toNanos() * (pending.request.lane() == Lane.BARS ? 2 : 1);
    outstanding.put(id, pending);
    return true;
  }

  private void ping(long now) {
    if (unanswered(Pending::pings) < MOST_PINGS && writable(now)) {
      send(own(CompatDialect.PING, Lane.READ, now), now);
    }
  }

  private Pending own(String name, Lane lane, long now) {
    TerminalRequest request =
        new TerminalRequest("fx-" + session + "-" + Long.toHexString(sequence), name, Map.of(), lane, Optional.empty());
    Pending pending = new Pending(request, NO_GATE, new CompletableFuture<>(), now, now);
    pending.own = true;
    return pending;
  }

  /** What the link asks on its own account: who is there, is it still there, how is the account. */
  private void probe(long now, boolean ready) {
    if (!connected) {
      return;
    }
    if (!greeted) {
      if (refused && now - refusedUntil < 0 || unanswered(each -> each.pings() && each.secretVersion == secretVersion) > 0) {
        return;
      }
      if (refused) {
        lockFor(now);
      }
      ping(now);
      return;
    }
    if (!ready) {
      return;
    }
    if (unanswered(any -> true) > 0) {
      // a PING behind what is overdue: once it is answered, what was sent before it never will be
      boolean overdue = unanswered(each -> !each.pings() && now - each.replyBy >= 0) > 0;
      if (overdue && unanswered(each -> each.pings() && now - each.sentAt < SILENCE) == 0) {
        ping(now);
      }
      return;
    }
    if (now - nextAccountAt < 0 || lanes.head(now) != null || !writable(now)) {
      return;
    }
    boolean asks = !second && !current.accountInterval().isZero();
    nextAccountAt = now + (asks ? current.accountInterval().toNanos() : IDLE_PING);
    send(own(asks ? CompatDialect.GET_ACCOUNT : CompatDialect.PING, Lane.READ, now), now);
  }

  private void lockFor(long now) {
    refusedUntil = now + LOCK;
    nextTry = clock.instant().plusNanos(LOCK);
  }

  private long left(long now) {
    long left = lanes.nextMoment(now);
    for (Pending each : outstanding.values()) {
      if (each.trades()) {
        left = Math.min(left, each.giveUpAt - now);
        if (!each.future.isDone() && each.closes()) {
          left = Math.min(left, each.callerBy - now);
        }
      }
      if (each.connection == connection && !each.lost) {
        left = Math.min(left, soonest(now, each.replyBy, each.sentAt + SILENCE));
      }
    }
    if (connected && greeted && !refused && unanswered(any -> true) == 0) {
      left = Math.min(left, nextAccountAt - now);
    }
    if (refused && refusedUntil != Long.MAX_VALUE) {
      left = Math.min(left, soonest(now, refusedUntil));
    }
    if (redial) {
      left = Math.min(left, redialAt - now);
    }
    if (retryWrite) {
      left = Math.min(left, retryWriteAt - now);
    }
    if (dealer != null && !connected) {
      left = Math.min(left, LOOK_AGAIN);
    }
    return Math.max(0, left);
  }

  /** The first of these moments that is still to come. */
  private static long soonest(long now, long... moments) {
    long left = Long.MAX_VALUE;
    for (long moment : moments) {
      if (moment - now > 0) {
        left = Math.min(left, moment - now);
      }
    }
    return left;
  }

  // -- answers

  private void receive() {
    byte[] first;
    while ((first = dealer.recv(ZMQ.DONTWAIT)) != null) {
      List<byte[]> frames = new ArrayList<>(3);
      frames.add(first);
      while (dealer.hasReceiveMore()) {
        byte[] more = dealer.recv(ZMQ.DONTWAIT);
        if (frames.size() < 4) {
          frames.add(more);
        }
      }
      boolean understood =
          frames.size() == 3 && frames.get(1).length == 0 && answer(new String(first, StandardCharsets.US_ASCII), frames.get(2));
      if (!understood) {
        garbage.add();
      }
    }
  }

  private boolean answer(String id, byte[] frame) {
    Pending pending = outstanding.get(id);
    if (pending == null) {
      return false;
    }
    Optional<TerminalReply> decoded = dialect.decode(pending.request, frame);
    if (decoded.isEmpty()) {
      return false;
    }
    outstanding.remove(id);
    long now = System.nanoTime();
    lastReplyAt = now;
    for (Pending earlier : List.copyOf(outstanding.values())) {
      if (earlier.connection == pending.connection && earlier.sequence < pending.sequence && !earlier.lost) {
        lost(earlier, "The terminal answered a later request, so the answer to this one is lost.");
      }
    }
    TerminalReply reply = decoded.get();
    if (reply.outcome() == Outcome.FAILED && reply.error().equals(Optional.of(Dialect.AUTHENTICATION_FAILED))) {
      notAuthenticated(pending, now);
      return true;
    }
    if (pending.secretVersion == secretVersion && pending.connection == connection) {
      greeted = true;
      refused = false;
    }
    if (pending.pings() && reply.outcome() == Outcome.OK) {
      negotiated(Integer.valueOf(2).equals(reply.data().get("v")));
    }
    deliver(pending, reply);
    return true;
  }

  private void negotiated(boolean speaksSecond) {
    boolean taken = speaksSecond && succession.takesOver();
    if (taken != second) {
      second = taken;
      LOG.info("The terminal was asked for its protocol. version={}", second ? 2 : 1);
    }
  }

  private void notAuthenticated(Pending pending, long now) {
    // an answer to the secret before says nothing about this one
    if (pending.secretVersion == secretVersion) {
      refused = true;
      greeted = false;
      lockFor(now);
    }
    pending.answer(
        new TerminalReply(
            Outcome.FAILED,
            Map.of(),
            Optional.of("The terminal refused the shared secret; nothing was done."),
            Optional.empty()));
  }

  private void deliver(Pending pending, TerminalReply reply) {
    if (reply.outcome() == Outcome.OK && CompatDialect.GET_ACCOUNT.equals(pending.request.name())) {
      book.asked(reply.data(), clock.instant()).ifPresent(this::hint);
    }
    if (pending.abandoned) {
      return;
    }
    TerminalReply told = reply;
    if (pending.closes() && pending.attempts > 1 && reply.error().equals(Optional.of(NOT_FOUND))) {
      told = new TerminalReply(Outcome.OK, Map.of("assumed", true), Optional.empty(), Optional.empty());
    }
    if (pending.answer(told)) {
      LOG.info(
          "A late answer settled an unknown outcome. id={} command={} outcome={}",
          pending.request.id(), pending.request.name(), told.outcome());
    }
  }

  /** The margin is evidence of what a lost OPEN did, never proof. */
  private void hint(BigDecimal margin) {
    for (Pending each : outstanding.values()) {
      if (each.opens() && each.lost && each.hint.isEmpty() && each.marginBefore.isPresent()) {
        boolean grown = margin.compareTo(each.marginBefore.get()) > 0;
        each.hint =
            Optional.of(
                grown
                    ? "the margin has grown since, so it was likely opened"
                    : "the margin is as before, so it was likely not opened");
        LOG.info("There is evidence of an unknown outcome. id={} hint=\"{}\"", each.request.id(), each.hint.get());
      }
    }
  }

  // -- status

  private void refreshStatus(long now) {
    TerminalLink.Status before = status;
    TerminalLink.State state = state(now, before.state());
    String detail = detail(state);
    if (state == before.state() && detail.equals(before.detail())) {
      return;
    }
    status = new TerminalLink.Status(state, state == before.state() ? before.since() : clock.instant(), detail);
    if (state != before.state()) {
      LOG.info("The link to the terminal has changed. state={} before={} detail=\"{}\"", state, before.state(), detail);
    }
  }

  private TerminalLink.State state(long now, TerminalLink.State before) {
    if (current.endpoint().isEmpty()) {
      return TerminalLink.State.IDLE;
    }
    if (refused) {
      return TerminalLink.State.AUTHENTICATION_FAILED;
    }
    if (!connected) {
      return TerminalLink.State.DISCONNECTED;
    }
    if (unanswered(each -> now - each.sentAt >= SILENCE) > 0) {
      return TerminalLink.State.SILENT;
    }
    if (greeted) {
      return TerminalLink.State.READY;
    }
    return before == TerminalLink.State.READY || before == TerminalLink.State.SILENT ? before : TerminalLink.State.DISCONNECTED;
  }

  private String detail(TerminalLink.State state) {
    return switch (state) {
      case IDLE -> "The bridge waits for its configuration: finish the setup of this executor.";
      case DISCONNECTED ->
          connected
              ? "The terminal is connected and has not answered yet."
              : "No Expert Advisor listens on " + current.endpoint().orElse("")
                  + ": start MetaTrader 5 and attach the Expert Advisor to a chart.";
      case SILENT ->
          "The terminal is connected and has answered nothing for 10 s: re-attach the Expert Advisor, or restart MetaTrader 5.";
      case AUTHENTICATION_FAILED -> refusal();
      case READY -> outstanding.isEmpty() ? "The terminal answers." : ready();
    };
  }

  private String ready() {
    for (Pending each : outstanding.values()) {
      if (each.opens() && each.future.isDone()) {
        return "The terminal answers, but the outcome of OPEN_POSITION " + each.request.id()
            + " is unknown: look for the comment " + comment(each) + each.hint.map(hint -> " (" + hint + ")").orElse("") + ".";
      }
    }
    return "The terminal answers.";
  }

  private String refusal() {
    if (refusedUntil == Long.MAX_VALUE) {
      return "The shared secret has characters that the Expert Advisor cannot read: create a new one on the platform.";
    }
    return "The terminal refuses the shared secret: paste this executor's secret into the Expert Advisor's input InpSharedSecret;"
        + " the next try is at " + TIME_OF_DAY.format(nextTry) + ".";
  }

  private static String comment(Pending open) {
    Object given = open.request.parameters().get("comment");
    return given instanceof String text && !text.isEmpty() ? text : CompatDialect.key(open.request.id());
  }

  // -- end

  private void end() {
    String why = "The bridge is stopping.";
    long now = System.nanoTime();
    lanes.close().forEach(each -> endQueued(each, why, now));
    for (Iterator<Pending> each = outstanding.values().iterator(); each.hasNext(); ) {
      Pending pending = each.next();
      if (pending.trades()) {
        pending.unknown("The bridge stopped before the answer came.");
      } else {
        pending.failed(why);
      }
      each.remove();
    }
  }
}
