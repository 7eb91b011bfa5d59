package com.fxplatform.paper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The wire end of protocol 2 (zmq-bridge 6.5): dials the bridge with one DEALER for commands and one for emergencies, says
 * HELLO until it is READY, heartbeats each second, and carries out signed commands, emergencies first; and publishes prices
 * ({@link TickStream}). One thread.
 */
public final class RobustTerminal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RobustTerminal.class);
  private static final int LARGEST_FRAME = 64 << 10;
  private static final int HANDSHAKE_MILLIS = 1000;
  private static final int HEARTBEAT_MILLIS = 1000;
  private static final int LOOK_UP_MILLIS = 250;
  // three heartbeats of the bridge and a little
  private static final long SILENCE = TimeUnit.MILLISECONDS.toNanos(3500);
  private static final long DIAL_AGAIN = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_TICKETS = 500;
  private static final String[] LANES = {"emergency", "commands"};

  /**
   * Who this terminal is and whom it dials.
   *
   * @param executor {@code tcp://host:port} of the bridge's command lane; the emergency lane is the port above
   * @param serverKey the bridge's public CURVE key in Z85; empty for no encryption
   * @param secretKey this terminal's own CURVE key in Z85; empty for a new one each time
   */
  public record Identity(String terminal, String account, String server, String executor, String serverKey, String secretKey, String publicKey) {
    @Override
    public String toString() {
      return terminal + "/" + account + " to " + executor;
    }
  }

  private final Identity identity;
  private final RobustAdvisor advisor;
  private final Broker broker;
  private final Supplier<String> secret;
  private final Faults faults;
  private final String epoch = HexFormat.of().formatHex(new SecureRandom().generateSeed(8));
  private final AtomicLong requests = new AtomicLong();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = Executors.defaultThreadFactory().newThread(work);
            made.setName("fx-paper-robust");
            made.setDaemon(true);
            return made;
          });
  private volatile Thread runner;
  private volatile boolean stopping;
  private volatile boolean ready;

  // the thread's own: by lane
  private final ZMQ.Socket[] sockets = new ZMQ.Socket[LANES.length];
  private final boolean[] greeted = new boolean[LANES.length];
  private final long[] lastSeq = new long[LANES.length];
  private final long[] heardAt = new long[LANES.length];
  private long saidAt;
  private long heartbeats;
  private boolean hungUp;
  private final TickStream ticks;

  RobustTerminal(Identity identity, RobustAdvisor advisor, Broker broker, Supplier<String> secret, Faults faults) {
    this.identity = identity;
    this.advisor = advisor;
    this.broker = broker;
    this.ticks = new TickStream(broker);
    this.secret = secret;
    this.faults = faults;
  }

  /** A terminal of its own on an account. */
  public static RobustTerminal of(
      Identity identity, Broker broker, TradeLog log, Clock clock, Path folder, Supplier<String> secret, Faults faults) {
    return new RobustTerminal(identity, new RobustAdvisor(broker, log, clock, folder), broker, secret, faults);
  }

  public RobustTerminal start() {
    thread.execute(this::run);
    return this;
  }

  /** Whether the bridge has greeted it on both lanes and is alive. */
  public boolean ready() {
    return ready;
  }

  /** How many commands it took. */
  public long requests() {
    return requests.get();
  }

  private void run() {
    runner = Thread.currentThread();
    try {
      while (!stopping) {
        try (ZContext context = new ZContext()) {
          dial(context);
          serve(context);
        }
      }
    } catch (RuntimeException crash) {
      LOG.error("The paper terminal's protocol 2 died. executor={}", identity.executor(), crash);
    } finally {
      ready = false;
    }
  }

  private void dial(ZContext context) {
    hungUp = false;
    int colon = identity.executor().lastIndexOf(':');
    int port = Integer.parseInt(identity.executor().substring(colon + 1));
    for (int lane = 0; lane < LANES.length; lane++) {
      ZMQ.Socket socket = context.createSocket(SocketType.DEALER);
      // JeroMQ's flag is inverted against libzmq: false = queue nothing while there is no connection
      socket.setImmediate(false);
      socket.setLinger(0);
      socket.setSndHWM(100);
      socket.setMaxMsgSize(LARGEST_FRAME);
      socket.setReconnectIVL(100);
      socket.setReconnectIVLMax(2000);
      socket.setHandshakeIvl(HANDSHAKE_MILLIS);
      if (!identity.serverKey().isEmpty()) {
        encrypt(socket);
      }
      socket.connect(identity.executor().substring(0, colon + 1) + (lane == 0 ? port + 1 : port));
      sockets[lane] = socket;
      greeted[lane] = false;
      heardAt[lane] = System.nanoTime();
    }
    saidAt = 0;
    ZMQ.Socket prices = ticks.open(context);
    prices.setReconnectIVL(100);
    prices.setReconnectIVLMax(2000);
    prices.setHandshakeIvl(HANDSHAKE_MILLIS);
    if (!identity.serverKey().isEmpty()) {
      encrypt(prices);
    }
    if (port + TickStream.ABOVE < 65_536) {
      prices.connect(identity.executor().substring(0, colon + 1) + (port + TickStream.ABOVE));
    }
  }

  private void encrypt(ZMQ.Socket socket) {
    socket.setCurveServerKey(ZMQ.Curve.z85Decode(identity.serverKey()));
    if (identity.secretKey().isEmpty()) {
      ZMQ.Curve.KeyPair fresh = ZMQ.Curve.generateKeyPair();
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(fresh.publicKey));
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(fresh.secretKey));
    } else {
      socket.setCurvePublicKey(ZMQ.Curve.z85Decode(identity.publicKey()));
      socket.setCurveSecretKey(ZMQ.Curve.z85Decode(identity.secretKey()));
    }
  }

  private void serve(ZContext context) {
    try (ZMQ.Poller poller = context.createPoller(LANES.length)) {
      for (ZMQ.Socket each : sockets) {
        poller.register(each, ZMQ.Poller.POLLIN);
      }
      long dialled = System.nanoTime();
      while (!stopping && !hungUp) {
        poller.poll(!ready ? LOOK_UP_MILLIS / 5 : ticks.wanted() ? TickStream.PAUSE_MILLIS : LOOK_UP_MILLIS);
        if (!faults.polls()) {
          // a frozen terminal does not heartbeat either
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
          continue;
        }
        while (take(0)) {
          Thread.onSpinWait();
        }
        take(1);
        long now = System.nanoTime();
        speak(now);
        ticks.work(now, "\"terminal\":\"" + identity.terminal() + "\",\"epoch\":\"" + epoch + "\"", secret.get());
        if (ready) {
          dialled = now;
        } else if (now - dialled > DIAL_AGAIN) {
          // JeroMQ never reconnects after a protocol error
          return;
        }
      }
    }
  }

  private void speak(long now) {
    boolean due = saidAt == 0 || now - saidAt >= TimeUnit.MILLISECONDS.toNanos(ready ? HEARTBEAT_MILLIS : HEARTBEAT_MILLIS / 5);
    for (int lane = 0; lane < LANES.length; lane++) {
      if (greeted[lane] && now - heardAt[lane] > SILENCE) {
        greeted[lane] = false;
        LOG.warn("The executor's bridge has fallen silent. executor={} lane={}", identity.executor(), LANES[lane]);
      }
      if (due) {
        say(lane, greeted[lane] ? heartbeat(lane) : hello(lane));
      }
    }
    boolean both = greeted[0] && greeted[1];
    if (both != ready) {
      ready = both;
      LOG.info("The paper terminal's protocol 2 has changed. ready={} executor={} account={}", ready, identity.executor(), identity.account());
    }
    if (due) {
      saidAt = now;
    }
  }

  private ObjectNode hello(int lane) {
    ObjectNode hello = frame("HELLO", lane);
    hello.put("account", identity.account()).put("server", identity.server()).put("lastSeq", lastSeq[lane]);
    ArrayNode caps = hello.putArray("caps");
    RobustAdvisor.COMMANDS.forEach(caps::add);
    if (advisor.durable()) {
      caps.add("DURABLE");
    }
    return hello;
  }

  private ObjectNode heartbeat(int lane) {
    ObjectNode heartbeat = frame("HEARTBEAT", lane).put("n", ++heartbeats).put("halted", advisor.halted());
    if (lane == 1) {
      List<Position> positions = broker.positions();
      advisor.account(heartbeat.putObject("figures"));
      heartbeat.put("positions", positions.size()).put("digest", digest(positions));
      ArrayNode tickets = heartbeat.putArray("tickets");
      positions.stream().limit(MOST_TICKETS).forEach(each -> tickets.add(each.ticket()));
    }
    return heartbeat;
  }

  /** What changes whenever a position does. */
  private static String digest(List<Position> positions) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Position each : positions) {
        sha.update((each.ticket() + "|" + each.lots() + "|" + each.stopLoss() + "|" + each.takeProfit() + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private ObjectNode frame(String type, int lane) {
    return RobustAdvisor.JSON.createObjectNode()
        .put("v", 2).put("type", type).put("terminal", identity.terminal()).put("epoch", epoch).put("lane", LANES[lane])
        .put("ts", System.currentTimeMillis());
  }

  private void say(int lane, ObjectNode frame) {
    String key = secret.get();
    if (!key.isEmpty()) {
      send(lane, SignedText.sign(frame.toString(), key));
    }
  }

  private void send(int lane, byte[] frame) {
    try {
      sockets[lane].send(frame, ZMQ.DONTWAIT);
    } catch (ZMQException gone) {
      LOG.debug("A frame of protocol 2 could not be sent. errno={}", gone.getErrorCode());
    }
  }

  /** Takes one frame of a lane; false if there was none. */
  private boolean take(int lane) {
    byte[] frame = sockets[lane].recv(ZMQ.DONTWAIT);
    if (frame == null || hungUp) {
      return false;
    }
    boolean alone = !sockets[lane].hasReceiveMore();
    while (sockets[lane].hasReceiveMore()) {
      sockets[lane].recv(ZMQ.DONTWAIT);
    }
    if (alone) {
      understand(lane, frame);
    }
    return true;
  }

  private void understand(int lane, byte[] frame) {
    if (new String(frame, StandardCharsets.UTF_8).equals("{\"v\":2,\"type\":\"WHO\"}")) {
      // the bridge does not know this connection (any more)
      greeted[lane] = false;
      saidAt = 0;
      return;
    }
    Optional<String> text = SignedText.verified(frame, secret.get());
    JsonNode message;
    try {
      message = text.isPresent() ? RobustAdvisor.JSON.readTree(text.get()) : null;
    } catch (JsonProcessingException garbage) {
      message = null;
    }
    if (message == null || !message.isObject() || message.path("v").asInt() != 2) {
      LOG.debug("A frame that is not signed by the executor was dropped. lane={}", LANES[lane]);
      return;
    }
    if (!message.path("epoch").asText().equals(epoch)) {
      return;
    }
    heardAt[lane] = System.nanoTime();
    if (message.path("type").asText().equals("READY")) {
      greeted[lane] = true;
      saidAt = 0;
    } else if (message.has("cmd")) {
      command(lane, message, text.get());
    }
  }

  private void command(int lane, JsonNode command, String text) {
    requests.incrementAndGet();
    long seq = command.path("seq").asLong();
    faults.received(text);
    rest(faults.before(text));
    Optional<String> stale = seq > lastSeq[lane] ? advisor.expired(command) : Optional.of("It came out of order");
    lastSeq[lane] = Math.max(lastSeq[lane], seq);
    String reply = advisor.process(command, stale).put("seq", seq).toString();
    rest(faults.after(text));
    Optional<String> answer = faults.answer(text, reply);
    if (faults.hangsUp(text)) {
      hungUp = true;
    } else if (answer.isPresent()) {
      byte[] signed =
          answer.get().equals(reply) ? SignedText.sign(reply, secret.get()) : answer.get().getBytes(StandardCharsets.UTF_8);
      send(lane, signed);
      if (faults.repeats(text)) {
        send(lane, signed);
      }
    }
  }

  private void rest(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0 && !stopping; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Stops it within two seconds. */
  @Override
  public void close() {
    stopping = true;
    Thread running = runner;
    if (running != null) {
      LockSupport.unpark(running);
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.warn("The paper terminal's protocol 2 did not stop within two seconds. executor={}", identity.executor());
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    advisor.close();
  }
}
