package com.fxplatform.zmq;

import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The bridge of protocol 2 (zmq-bridge 6.5): two ROUTERs on 127.0.0.1 that terminals dial, commands and emergencies, and a
 * {@link TickFeed}. One I/O thread owns them and every {@link RobustSession}; everybody else only touches the queue in front.
 */
final class RobustLink {
  static final int COMMANDS = 0;
  static final int EMERGENCY = 1;
  static final long HEARTBEAT = TimeUnit.SECONDS.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(RobustLink.class);
  private static final String LOOPBACK = "tcp://127.0.0.1:";
  private static final byte[] WHO = "{\"v\":2,\"type\":\"WHO\"}".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST_FRAME = 8 << 20;
  private static final int SEND_MARK = 16;
  private static final int MOST_TERMINALS = 64;
  private static final long CLOCKS_MILLIS = 30_000;
  private static final long LOG_AGAIN = TimeUnit.MINUTES.toNanos(1);
  private static final long REFUSED_FOR = TimeUnit.SECONDS.toNanos(60);
  private static final long BIND_AGAIN = TimeUnit.SECONDS.toNanos(1);

  private final RobustDialect dialect = new RobustDialect();
  private final Clock clock = Clock.systemUTC();
  private final Lanes intake = new Lanes();
  private final IoThread io = new IoThread("fx-zmq-robust");
  private final Readiness readiness = io.readiness();
  private final DroppedFrames garbage =
      new DroppedFrames(LOG, "A terminal sent frames that are not signed or answer no request; they were dropped. count={}");
  private final TickFeed ticks = new TickFeed();
  private volatile RobustSettings wanted;
  private volatile List<RobustSession> known = List.of();
  private volatile TerminalLink.Status status;
  private volatile Optional<String> trouble = Optional.empty();
  private volatile int boundPort;

  // all that follows belongs to the I/O thread
  private final Map<String, RobustSession> sessions = new LinkedHashMap<>();
  private final Map<ByteBuffer, RobustSession> routes = new LinkedHashMap<>();
  private final ZMQ.Socket[] routers = new ZMQ.Socket[2];
  private ZMQ.Socket zap;
  private RobustSettings current;
  private long refusedAt;
  private boolean refusedOnce;
  private long heartbeatAt;

  RobustLink(RobustSettings settings) {
    this.wanted = settings;
    this.current = settings;
    this.status = new TerminalLink.Status(TerminalLink.State.DISCONNECTED, clock.instant(), waits());
  }

  RobustLink start() {
    io.start(this::serve, this::end);
    return this;
  }

  void settings(RobustSettings changed) {
    wanted = changed;
    io.signal();
  }

  TerminalLink.Status status() {
    return status;
  }

  /** Why nobody can dial us; one sentence with the remedy. */
  Optional<String> trouble() {
    return trouble;
  }

  /** The port of the command lane; 0 while there is none. */
  int port() {
    return boundPort;
  }

  /** Frames that were nothing. */
  long garbage() {
    return garbage.count();
  }

  /** The terminals that ever came, in the order they came. */
  List<RobustSession> terminals() {
    return known;
  }

  /** The one that requests without an account go to: the only one there is. */
  private Optional<RobustSession> only() {
    List<RobustSession> alive = known.stream().filter(RobustSession::alive).toList();
    return alive.size() == 1 ? Optional.of(alive.get(0)) : known.size() == 1 ? Optional.of(known.get(0)) : Optional.empty();
  }

  boolean serves(String account) {
    return known.stream().anyMatch(each -> each.is(account));
  }

  boolean knows(String name) {
    return only().map(each -> each.knows(name)).orElse(false);
  }

  Optional<Account> account() {
    return only().flatMap(RobustSession::account);
  }

  /** A price that is streamed; whoever asks orders it. */
  Optional<TerminalLink.Quote> quote(String symbol) {
    if (ticks.want(symbol)) {
      io.signal();
    }
    return only().flatMap(each -> each.quote(symbol));
  }

  CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate, Optional<String> account) {
    Objects.requireNonNull(gate, "gate");
    CompletableFuture<TerminalReply> future = new CompletableFuture<>();
    long now = System.nanoTime();
    Pending pending =
        new Pending(request, gate, future, now + Settings.patience(request, wanted.commandTimeout(), clock.instant()), now);
    pending.account = account;
    take(pending);
    return future;
  }

  /** A request that nobody has looked at, or that waited for a terminal of protocol 1. */
  void take(Pending pending) {
    Optional<String> objection = dialect.objection(pending.request);
    if (objection.isPresent()) {
      pending.notSent(objection.get());
    } else if (intake.letIn(pending)) {
      io.signal();
    }
  }

  /** Stops within two seconds; never by interrupt, which JeroMQ does not survive. */
  void close() {
    io.close();
  }

  private void serve(ZContext context) {
    try {
      current = wanted;
      if (bind(context)) {
        turn();
      } else {
        readiness.await(BIND_AGAIN);
        refuseAll(trouble.orElse(""));
      }
    } finally {
      boundPort = 0;
      ticks.gone();
      routes.clear();
      sessions.values().forEach(RobustSession::gone);
    }
  }

  private boolean bind(ZContext context) {
    if (!current.curve().isEmpty()) {
      zap = context.createSocket(SocketType.REP);
      zap.bind("inproc://zeromq.zap.01");
      readiness.add(zap);
    } else {
      zap = null;
    }
    for (int lane : new int[] {COMMANDS, EMERGENCY}) {
      ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
      router.setLinger(0);
      router.setRouterMandatory(true);
      router.setSndHWM(SEND_MARK);
      router.setMaxMsgSize(LARGEST_FRAME);
      router.setHandshakeIvl(CommandLink.HANDSHAKE_MILLIS);
      guard(router);
      int port = current.port() + lane;
      try {
        router.bind(LOOPBACK + port);
      } catch (ZMQException taken) {
        String why =
            "Port " + port + " on 127.0.0.1 is taken, so no terminal of protocol 2 can come:"
                + " end what uses it, or set zmqRobustPort in com.fxplatform.zmq.";
        if (!trouble.equals(Optional.of(why))) {
          LOG.warn("A port for terminals of protocol 2 is taken; it is tried again and again. port={}", port);
        }
        trouble = Optional.of(why);
        status = new TerminalLink.Status(TerminalLink.State.DISCONNECTED, clock.instant(), why);
        return false;
      }
      routers[lane] = router;
      readiness.add(router);
    }
    ticks.bind(context, LOOPBACK, current.port() + TickFeed.ABOVE, this::guard, readiness);
    trouble = Optional.empty();
    boundPort = current.port();
    LOG.info("Terminals of protocol 2 can come. host=127.0.0.1 port={} emergencyPort={} curve={}", boundPort, boundPort + 1, zap != null);
    return true;
  }

  private void guard(ZMQ.Socket socket) {
    if (zap != null) {
      socket.setZapDomain("fx");
      socket.setCurveServer(true);
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(current.curve()));
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(current.curvePublic()));
    }
  }

  private void turn() {
    while (!io.stopping() && wanted.sameSockets(current)) {
      current = wanted;
      long now = System.nanoTime();
      distribute(now);
      long left = intake.nextMoment(now);
      for (RobustSession each : sessions.values()) {
        left = Math.min(left, each.work(now, current));
      }
      if (now - heartbeatAt >= 0) {
        heartbeatAt = now + HEARTBEAT;
        sessions.values().forEach(each -> each.heartbeat(current.secret()));
      }
      refreshStatus(now);
      left = Math.min(left, heartbeatAt - now);
      // sending may have brought in what the channels will not speak of again
      if (!Readiness.readable(routers[EMERGENCY]) && !Readiness.readable(routers[COMMANDS])
          && !ticks.readable() && (zap == null || !Readiness.readable(zap))) {
        readiness.await(left);
      }
      if (zap != null) {
        admit();
      }
      receive(EMERGENCY);
      receive(COMMANDS);
      ticks.work(this::tick);
    }
  }

  // -- requests

  private void distribute(long now) {
    if (intake.size() == 0) {
      return;
    }
    for (Pending each : intake.take(pending -> choose(pending).isPresent() || now - pending.queueLimit() >= 0)) {
      Optional<RobustSession> session = choose(each);
      if (now - each.queueLimit() >= 0 || session.isEmpty()) {
        each.notSent("Its time was over before it could be sent: " + status.detail());
      } else {
        session.get().take(each);
      }
    }
    List<RobustSession> alive = sessions.values().stream().filter(RobustSession::alive).toList();
    if (alive.size() > 1) {
      String names = String.join(", ", alive.stream().map(RobustSession::label).toList());
      intake.take(pending -> pending.account.isEmpty())
          .forEach(each -> each.notSent("Several terminals are connected (" + names + "): say which one with the parameter account."));
    }
  }

  /** By account; what names a ticket goes to the terminal that has it; otherwise to the only one. */
  private Optional<RobustSession> choose(Pending pending) {
    if (pending.account.isPresent()) {
      return sessions.values().stream().filter(each -> each.is(pending.account.get())).findFirst();
    }
    if (pending.request.parameters().get("ticket") instanceof Number ticket) {
      List<RobustSession> having = sessions.values().stream().filter(each -> each.has(ticket.longValue())).toList();
      if (having.size() == 1) {
        return Optional.of(having.get(0));
      }
    }
    return only();
  }

  private void refuseAll(String why) {
    long now = System.nanoTime();
    intake.take(pending -> now - pending.queueLimit() >= 0)
        .forEach(each -> each.notSent("Its time was over before it could be sent: " + why));
  }

  // -- frames

  private void receive(int lane) {
    byte[] route;
    while ((route = routers[lane].recv(ZMQ.DONTWAIT)) != null) {
      List<byte[]> frames = new ArrayList<>(2);
      while (routers[lane].hasReceiveMore()) {
        byte[] more = routers[lane].recv(ZMQ.DONTWAIT);
        if (frames.size() < 2) {
          frames.add(more);
        }
      }
      if (frames.size() != 1 || !understand(lane, route, frames.get(0))) {
        garbage.add();
      }
    }
  }

  private boolean understand(int lane, byte[] route, byte[] frame) {
    Optional<String> text = SignedText.verified(frame, current.secret());
    if (text.isEmpty()) {
      if (new String(frame, 0, Math.min(frame.length, 40), StandardCharsets.ISO_8859_1).contains("\"type\":\"HELLO\"")) {
        refused();
        return true;
      }
      return false;
    }
    Map<String, Object> message = object(text.get()).orElse(Map.of());
    if (!Integer.valueOf(2).equals(message.get("v"))) {
      return false;
    }
    RobustSession session = routes.get(ByteBuffer.wrap(route));
    if ("HELLO".equals(message.get("type"))) {
      return hello(lane, route, message);
    }
    if (session == null) {
      send(lane, route, WHO);
      return message.get("type") != null;
    }
    if ("HEARTBEAT".equals(message.get("type"))) {
      if (!session.epoch().equals(message.get("epoch"))) {
        send(lane, route, WHO);
        return true;
      }
      session.heard(lane, message, clock.instant());
      return true;
    }
    return message.get("id") instanceof String id && session.answer(id, message, clock.instant());
  }

  private void tick(byte[] frame) {
    Map<String, Object> message = SignedText.verified(frame, current.secret()).flatMap(RobustLink::object).orElse(Map.of());
    if (!"TICK".equals(message.get("type")) || !(message.get("terminal") instanceof String name)) {
      garbage.add();
      return;
    }
    RobustSession session = sessions.get(name);
    // one that has not said HELLO yet will
    if (session != null && session.epoch().equals(message.get("epoch")) && !session.tick(message, clock.instant())) {
      garbage.add();
    }
  }

  private static Optional<Map<String, Object>> object(String text) {
    try {
      return Optional.ofNullable(CompatDialect.JSON.readValue(text, CompatDialect.OBJECT));
    } catch (IOException | RuntimeException noJson) {
      return Optional.empty();
    }
  }

  private void refused() {
    if (current.secret().isEmpty()) {
      // it is not the terminal that lacks one
      return;
    }
    long now = System.nanoTime();
    if (!refusedOnce || now - refusedAt > LOG_AGAIN) {
      LOG.warn("A terminal of protocol 2 came with another shared secret and was turned away.");
    }
    refusedOnce = true;
    refusedAt = now;
  }

  private boolean hello(int lane, byte[] route, Map<String, Object> message) {
    if (!(message.get("terminal") instanceof String name) || !name.matches("[A-Za-z0-9 ._:-]{1,64}")
        || !(message.get("epoch") instanceof String epoch) || !epoch.matches("[0-9a-fA-F-]{1,64}")
        || !(message.get("ts") instanceof Number ts) || !(message.get("lastSeq") instanceof Number lastSeq)) {
      return false;
    }
    if (Math.abs(clock.millis() - ts.longValue()) > CLOCKS_MILLIS) {
      LOG.warn("A terminal's clock differs by more than 30 s, so it was turned away: set both clocks. terminal={}", name);
      return true;
    }
    RobustSession session = sessions.get(name);
    if (session == null) {
      if (sessions.size() >= MOST_TERMINALS) {
        return false;
      }
      session = new RobustSession(name, this::send);
      sessions.put(name, session);
      known = List.copyOf(sessions.values());
    }
    RobustSession found = session;
    routes.entrySet().removeIf(each -> each.getValue() == found && found.leaves(lane, each.getKey()));
    routes.put(ByteBuffer.wrap(route), session);
    session.greet(lane, route, message, epoch, lastSeq.longValue(), clock.instant());
    session.ready(lane, current.secret());
    return true;
  }

  /** False if there is nobody at the end of that route. */
  private boolean send(int lane, byte[] route, byte[] frame) {
    try {
      return routers[lane].send(route, ZMQ.DONTWAIT | ZMQ.SNDMORE) && routers[lane].send(frame, ZMQ.DONTWAIT);
    } catch (ZMQException gone) {
      LOG.debug("A frame of protocol 2 could not be sent. errno={}", gone.getErrorCode());
      return false;
    }
  }

  /** Answers JeroMQ's question whether a CURVE key may come in (ZAP 1.0). */
  private void admit() {
    byte[] version;
    while ((version = zap.recv(ZMQ.DONTWAIT)) != null) {
      List<byte[]> frames = new ArrayList<>(8);
      while (zap.hasReceiveMore()) {
        frames.add(zap.recv(ZMQ.DONTWAIT));
      }
      byte[] sequence = frames.isEmpty() ? new byte[0] : frames.get(0);
      boolean curve = frames.size() >= 6 && "CURVE".equals(new String(frames.get(4), StandardCharsets.US_ASCII));
      boolean fine = curve && (current.allowed().isEmpty() || current.allowed().contains(ZMQ.Curve.z85Encode(frames.get(5))));
      if (!fine) {
        LOG.warn("A terminal whose CURVE key is not allowed was turned away.");
      }
      zap.sendMore(version);
      zap.sendMore(sequence);
      zap.sendMore(fine ? "200" : "400");
      zap.sendMore(fine ? "OK" : "Not allowed");
      zap.sendMore("terminal");
      zap.send(new byte[0]);
    }
  }

  // -- status

  private void refreshStatus(long now) {
    TerminalLink.State state;
    String detail;
    List<RobustSession> alive = known.stream().filter(RobustSession::alive).toList();
    if (!alive.isEmpty()) {
      state = TerminalLink.State.READY;
      detail =
          alive.stream().map(RobustSession::worry).flatMap(Optional::stream).findFirst()
              .orElse(alive.size() == 1 ? "The terminal answers." : alive.size() + " terminals answer.");
    } else if (refusedOnce && now - refusedAt < REFUSED_FOR) {
      state = TerminalLink.State.AUTHENTICATION_FAILED;
      detail = "The terminal has another shared secret: paste this executor's secret into the Expert Advisor's input InpSharedSecret.";
    } else if (!known.isEmpty()) {
      state = TerminalLink.State.SILENT;
      detail = "The terminal has sent no heartbeat for 3 s: see whether MetaTrader 5 hangs, or restart it.";
    } else {
      state = TerminalLink.State.DISCONNECTED;
      detail = waits();
    }
    TerminalLink.Status before = status;
    if (state != before.state() || !detail.equals(before.detail())) {
      Instant since = state == before.state() ? before.since() : clock.instant();
      status = new TerminalLink.Status(state, since, detail);
      if (state != before.state()) {
        LOG.info("The link to the terminals of protocol 2 has changed. state={} before={} detail=\"{}\"", state, before.state(), detail);
      }
    }
  }

  private String waits() {
    return current.secret().isEmpty()
        ? "Protocol 2 needs the shared secret: finish the setup of this executor."
        : "No terminal of protocol 2 has come to port " + current.port() + " yet: start MetaTrader 5 and attach the Expert Advisor.";
  }

  private void end() {
    intake.close().forEach(each -> each.notSent("The bridge is stopping."));
    sessions.values().forEach(RobustSession::end);
  }
}
