package com.fxplatform.gateway;

import com.fxplatform.api.metrics.Meter;
import com.fxplatform.api.realtime.RealtimeApp;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is connected and which channels there are. Thread-safe; never waits for a client. */
final class Hub {
  /** How long a client may take to answer our close before the line is cut. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

  private static final Meter CONNECTIONS = Meter.level("fx_gateway_connections", "Clients that are connected to the gateway.");
  private static final Meter MESSAGES = Meter.counter("fx_gateway_messages_total", "Messages of and to the gateway's clients.", "direction");

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Connection> connections = new ConcurrentHashMap<>();
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder slow = new LongAdder();
  private final Limits limits;
  private final LongSupplier clock;
  private final ScheduledExecutorService timer;
  private final OtherNodes others = new OtherNodes();
  private volatile RealtimeApp app;
  private volatile boolean draining;

  /**
   * @param app what is served, or {@code null} while switched off
   * @param clock nanoseconds from anywhere
   * @param timer for what must not happen on a publisher's thread
   */
  Hub(RealtimeApp app, Limits limits, LongSupplier clock, ScheduledExecutorService timer) {
    this.app = app;
    this.limits = limits;
    this.clock = clock;
    this.timer = timer;
  }

  Limits limits() {
    return limits;
  }

  long now() {
    return clock.getAsLong();
  }

  Optional<RealtimeApp> app() {
    return Optional.ofNullable(app);
  }

  /** Serves another app from now on; clients of the old one are asked to come again and learn about it. */
  void serve(RealtimeApp next) {
    RealtimeApp before = app;
    app = next;
    if (next == null) {
      closeAll(4003, "This app is switched off");
    } else if (before != null && !(before.key().equals(next.key()) && before.secret().equals(next.secret()))) {
      closeAll(4200, "The app has changed, reconnect");
    }
  }

  /**
   * Welcomes a client, or closes it with the code that says why not: a browser cannot see an HTTP error here.
   *
   * @param protocol the query parameter, or {@code null}
   */
  Optional<Connection> open(Wire wire, String key, String protocol) {
    RealtimeApp current = app;
    if (draining) {
      return turnAway(wire, 4200, "The server restarts, reconnect");
    }
    if (current == null) {
      return turnAway(wire, 4003, "This app is switched off");
    }
    if (!Signatures.same(current.key(), key)) {
      return turnAway(wire, 4001, "There is no app with this key");
    }
    if (protocol == null) {
      return turnAway(wire, 4008, "Name a protocol version: 5, 6 or 7");
    }
    if (!protocol.matches("[0-9]{1,4}")) {
      return turnAway(wire, 4006, "The protocol version must be a number");
    }
    int version = Integer.parseInt(protocol);
    if (version < 5 || version > 7) {
      return turnAway(wire, 4007, "Supported protocol versions are 5, 6 and 7");
    }
    if (connections.size() >= limits.connections()) {
      return turnAway(wire, 4004, "The app has no connection left");
    }
    Connection connection;
    do {
      connection = new Connection(socketId(), wire, limits, now(), this::tooSlow);
    } while (connections.putIfAbsent(connection.socketId(), connection) != null);
    CONNECTIONS.add(1);
    tell(connection, Frame.connected(connection.socketId(), limits.activityTimeout().toSeconds()));
    if (draining) {
      close(connection, 4200, "The server restarts, reconnect");
    }
    return Optional.of(connection);
  }

  private Optional<Connection> turnAway(Wire wire, int code, String reason) {
    wire.send(Frame.error(reason, code).text(), left -> wire.close(code, reason));
    later(wire::abort);
    return Optional.empty();
  }

  // the nonce of every channel signature: nobody may guess the next one
  private String socketId() {
    return random.nextInt(1_000_000_000) + "." + (random.nextLong() >>> 4);
  }

  void tell(Connection connection, Frame frame) {
    connection.offer(frame);
    connection.flush();
  }

  Channel.Joined join(Connection connection, ChannelName name, Member member) {
    while (true) {
      Channel channel = channels.computeIfAbsent(name.text(), text -> new Channel(name, others));
      Channel.Joined joined = channel.join(connection, member, limits.members(), now());
      if (joined == Channel.Joined.RETIRED) {
        channels.remove(name.text(), channel);
        continue;
      }
      if (!connection.open()) {
        // it left while it joined; whoever came second cleans up
        leave(connection, channel);
      }
      return joined;
    }
  }

  void leave(Connection connection, String channel) {
    Channel known = connection.joined().get(channel);
    if (known != null) {
      leave(connection, known);
    }
  }

  private void leave(Connection connection, Channel channel) {
    if (channel.leave(connection, now())) {
      channels.remove(channel.name().text(), channel);
    }
  }

  /**
   * Publishes to everybody on a channel but one, on all nodes.
   *
   * @param exceptSocket the socket id of the one, or {@code null}
   * @return the connections of this node it was queued for
   */
  int publish(ChannelName name, String event, String data, String exceptSocket) {
    others.event(name.text(), event, data, exceptSocket, null);
    return publishHere(name, event, data, exceptSocket, null);
  }

  /** @param userId who sent a client's event on a presence channel, or {@code null} */
  int publishHere(ChannelName name, String event, String data, String exceptSocket, String userId) {
    Connection except = exceptSocket == null ? null : connections.get(exceptSocket);
    Frame frame = null;
    while (true) {
      Channel channel = name.cache()
          ? channels.computeIfAbsent(name.text(), text -> new Channel(name, others)) : channels.get(name.text());
      if (channel == null) {
        return 0;
      }
      if (frame == null) {
        frame = Frame.event(event, name.text(), data, userId);
      }
      List<Connection> reached = channel.publish(frame, except, data, now());
      if (reached.isEmpty() && channel.retired()) {
        channels.remove(name.text(), channel);
        continue;
      }
      delivered(reached.size());
      return reached.size();
    }
  }

  /** Passes a client's event on to the others of its channel. */
  void relay(Connection from, Channel channel, String event, String data) {
    Member sender = channel.member(from);
    String userId = channel.name().presence() && sender != null ? sender.id() : null;
    others.event(channel.name().text(), event, data, null, userId);
    delivered(channel.publish(Frame.event(event, channel.name().text(), data, userId), from, null, now()).size());
  }

  private void delivered(int clients) {
    delivered.add(clients);
    MESSAGES.add(clients, "out");
  }

  void heard() {
    MESSAGES.add(1, "in");
  }

  OtherNodes others() {
    return others;
  }

  /** Another node has somebody of a presence channel. */
  void hereElsewhere(String node, ChannelName name, Member member) {
    while (true) {
      Channel channel = channels.computeIfAbsent(name.text(), text -> new Channel(name, others));
      if (channel.hereElsewhere(node, member)) {
        return;
      }
      channels.remove(name.text(), channel);
    }
  }

  void goneElsewhere(String node, String channelName, String userId) {
    Channel channel = channels.get(channelName);
    if (channel != null && channel.goneElsewhere(node, userId, now())) {
      channels.remove(channelName, channel);
    }
  }

  Optional<Channel> channel(String name) {
    return Optional.ofNullable(channels.get(name));
  }

  Collection<Channel> occupied() {
    return channels.values().stream().filter(channel -> channel.connectionCount() > 0 || channel.userCount() > 0).toList();
  }

  int connectionCount() {
    return connections.size();
  }

  long deliveredCount() {
    return delivered.sum();
  }

  long slowCount() {
    return slow.sum();
  }

  /** Closes every connection of a user, signed in or on a presence channel, on all nodes, so that it does not come back. */
  int terminate(String userId) {
    others.terminate(userId);
    return terminateHere(userId);
  }

  int terminateHere(String userId) {
    int closed = 0;
    for (Connection connection : connections.values()) {
      Member user = connection.user();
      boolean his = user != null && user.id().equals(userId);
      for (Channel channel : connection.joined().values()) {
        Member member = channel.name().presence() ? channel.member(connection) : null;
        his |= member != null && member.id().equals(userId);
      }
      if (his) {
        close(connection, 4009, "You have been disconnected");
        closed++;
      }
    }
    return closed;
  }

  /** Says goodbye, and cuts the line if the client does not answer. Its channels know at once. */
  CompletableFuture<Void> close(Connection connection, int code, String reason) {
    CompletableFuture<Void> said = connection.close(code, reason);
    forget(connection);
    later(connection::abort);
    return said;
  }

  /** The socket is gone. */
  void gone(Connection connection) {
    connection.gone();
    forget(connection);
  }

  private void forget(Connection connection) {
    if (connections.remove(connection.socketId(), connection)) {
      CONNECTIONS.add(-1);
    }
    connection.joined().values().forEach(channel -> leave(connection, channel));
  }

  private void tooSlow(Connection connection) {
    if (connection.open()) {
      // we may be inside another client's turn: the farewell to this one must not delay it
      try {
        timer.execute(() -> {
          if (connection.open()) {
            slow.increment();
            LOG.warn("A client reads too slowly and was closed, it will reconnect and catch up socket={} limit={}",
                connection.socketId(), limits.outboundBytes());
            close(connection, 4100, "You read too slowly, reconnect");
          }
        });
      } catch (RejectedExecutionException stopping) {
        connection.abort();
      }
    }
  }

  /** Once a second: probes the silent, closes the dead, forgets what was cached too long. */
  void tick() {
    long now = now();
    long probeAfter = limits.activityTimeout().toNanos();
    long deadAfter = probeAfter + limits.pongTimeout().toNanos();
    for (Connection connection : connections.values()) {
      long silence = now - connection.silentSince();
      if (silence > deadAfter) {
        close(connection, 4201, "No answer to our ping");
      } else if (silence > probeAfter && connection.probe()) {
        LOG.debug("Probing a silent client socket={}", connection.socketId());
      }
    }
    for (Channel channel : channels.values()) {
      if (channel.retireIfUnused(now)) {
        channels.remove(channel.name().text(), channel);
      }
    }
  }

  /** Sends everybody away to come again at once, and waits a moment for the farewells to leave. */
  void drain(Duration patience) {
    draining = true;
    List<CompletableFuture<Void>> farewells = closeAll(4200, "The server restarts, reconnect");
    try {
      CompletableFuture.allOf(farewells.toArray(CompletableFuture[]::new)).get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException someCouldNot) {
      LOG.debug("Not every client heard that the gateway stops", someCouldNot);
    }
  }

  List<CompletableFuture<Void>> closeAll(int code, String reason) {
    List<CompletableFuture<Void>> farewells = new ArrayList<>();
    for (Connection connection : connections.values()) {
      farewells.add(close(connection, code, reason));
    }
    return farewells;
  }

  private void later(Runnable cut) {
    try {
      timer.schedule(cut, FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      // drain has waited already; the container closes what is left
    }
  }

  /** Why an event cannot be published, if so. */
  static Optional<String> unfit(ChannelName name, String event, String data) {
    if (!name.allowed()) {
      return Optional.of("The channel name is not allowed: at most 164 of A-Z a-z 0-9 _ - = @ , . ;");
    }
    if (event.isEmpty() || event.length() > Limits.EVENT_NAME) {
      return Optional.of("The event name must have 1 to " + Limits.EVENT_NAME + " characters");
    }
    if (tooLarge(data)) {
      return Optional.of("The data of this event is larger than " + Limits.DATA_BYTES + " bytes");
    }
    return Optional.empty();
  }

  static boolean tooLarge(String data) {
    return data.length() > Limits.DATA_BYTES || data.getBytes(StandardCharsets.UTF_8).length > Limits.DATA_BYTES;
  }
}
