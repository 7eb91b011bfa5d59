package com.fxplatform.pusher;

import com.google.gson.JsonElement;
import com.pusher.client.PusherOptions;
import com.pusher.client.channel.PrivateChannelEventListener;
import com.pusher.client.channel.PusherEvent;
import com.pusher.client.channel.impl.ChannelManager;
import com.pusher.client.channel.impl.PrivateChannelImpl;
import com.pusher.client.connection.ConnectionEventListener;
import com.pusher.client.connection.ConnectionState;
import com.pusher.client.connection.ConnectionStateChange;
import com.pusher.client.connection.impl.InternalConnection;
import com.pusher.client.connection.websocket.WebSocketClientWrapper;
import com.pusher.client.connection.websocket.WebSocketListener;
import com.pusher.client.util.Factory;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.java_websocket.handshake.ServerHandshake;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of pusher-java-client, from dialling to its end; the next one is a new object.
 *
 * <p>The library is wired by hand instead of through its front class {@code Pusher}, because that one starts threads it
 * does not always end, never gives up a dead socket, and hides close codes. Here everything runs on the executor given.
 */
final class LibraryLine {
  /** What happens on the line; told on the line's thread, and nothing more once it was dropped. */
  interface Events {
    void connected(String socketId);

    void subscribed();

    /** The server refuses the subscription although our own server signed it. */
    void rejected(String why);

    void event(String name, String json);

    /** The line is dead. Code 0 when there was no close frame. */
    void lost(int code, String reason);
  }

  private static final Logger LOG = LoggerFactory.getLogger(LibraryLine.class);
  // a network that swallows everything is noticed after both together; until then commands wait for the next heartbeat
  private static final long ACTIVITY_MILLIS = 10_000;
  private static final long PONG_MILLIS = 5_000;
  private static final long FAREWELL_MILLIS = 500;
  private static final String REFUSED = "pusher:subscription_error";

  private final ScheduledExecutorService thread;
  private final Events events;
  private final InternalConnection connection;
  private final ChannelManager channels;
  private final Wiring wiring = new Wiring();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean dropped;
  private volatile LineSocket socket;
  private volatile int closeCode;
  private volatile String closeReason = "";

  LibraryLine(Target target, ScheduledExecutorService thread, Events events) {
    this.thread = thread;
    this.events = events;
    PusherOptions options = new PusherOptions().setUseTLS(target.tls())
        .setActivityTimeout(ACTIVITY_MILLIS).setPongTimeout(PONG_MILLIS)
        // when to come back is decided by whoever holds the line: endlessly, with jitter, by close code
        .setMaxReconnectionAttempts(0);
    if (target.host().isEmpty()) {
      options.setCluster(target.cluster());
    } else {
      options.setHost(target.host()).setWsPort(target.port()).setWssPort(target.port());
    }
    proxy(target).ifPresent(options::setProxy);
    channels = wiring.getChannelManager();
    connection = wiring.getConnection(target.key(), options, channels::handleEvent);
    channels.setConnection(connection);
    connection.bind(ConnectionState.ALL, new Watch());
  }

  /** The one that everything else in this process goes through; the library would go straight. */
  private static Optional<Proxy> proxy(Target target) {
    ProxySelector selector = ProxySelector.getDefault();
    String host = target.host().isEmpty() ? "ws-" + target.cluster() + ".pusher.com" : target.host();
    try {
      return selector == null
          ? Optional.empty()
          : selector.select(URI.create((target.tls() ? "https://" : "http://") + host)).stream().filter(p -> p.type() != Proxy.Type.DIRECT).findFirst();
    } catch (IllegalArgumentException noAddress) {
      return Optional.empty();
    }
  }

  void open() {
    connection.connect();
  }

  /** @param answer what the authorisation endpoint said: JSON with {@code auth} */
  void subscribe(String channel, String answer) {
    PrivateChannelImpl subscription = wiring.newPrivateChannel(connection, channel, (name, socketId) -> answer);
    Ear ear = new Ear();
    subscription.bindGlobal(ear);
    channels.subscribeTo(subscription, ear);
  }

  /** Hangs up: says goodbye, and cuts the socket if nobody answers. Nothing is told any more. */
  void drop() {
    dropped = true;
    connection.disconnect();
    LineSocket open = socket;
    if (open == null) {
      ended.complete(null);
      return;
    }
    open.close();
    try {
      thread.schedule(open::cut, FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopping) {
      open.cut();
    }
  }

  /** Completes when the socket has ended. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  void cut() {
    LineSocket open = socket;
    if (open != null) {
      open.cut();
    }
  }

  private void queue(Runnable task) {
    try {
      thread.execute(() -> {
        try {
          task.run();
        } catch (RuntimeException odd) {
          // the library trips over frames it does not expect; the line goes on
          LOG.warn("The realtime client could not handle a message cause={}", odd.toString());
        }
      });
    } catch (RejectedExecutionException stopping) {
      LOG.debug("Too late, the line is being closed");
    }
  }

  /** The library's factory, with our thread instead of its own. */
  private final class Wiring extends Factory {
    @Override
    public synchronized void queueOnEventThread(Runnable task) {
      queue(task);
    }

    @Override
    public synchronized ScheduledExecutorService getTimers() {
      return thread;
    }

    @Override
    public synchronized void shutdownThreads() {
      // the thread is not the library's to end
    }

    @Override
    public WebSocketClientWrapper newWebSocketClientWrapper(URI uri, Proxy proxy, WebSocketListener listener)
        throws SSLException {
      if (dropped) {
        // the one exception that the library expects here
        throw new SSLException("The line was dropped before it dialled");
      }
      LineSocket fresh = new LineSocket(uri, proxy, listener);
      socket = fresh;
      return fresh;
    }
  }

  private final class LineSocket extends WebSocketClientWrapper {
    LineSocket(URI uri, Proxy proxy, WebSocketListener listener) throws SSLException {
      super(uri, proxy, listener);
      setTcpNoDelay(true);
      setDaemon(true);
      // the protocol's own ping does this
      setConnectionLostTimeout(0);
    }

    @Override
    public void onOpen(ServerHandshake handshake) {
      if (dropped) {
        cut();
      }
      super.onOpen(handshake);
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {
      closeCode = Math.max(code, 0);
      closeReason = reason == null ? "" : reason;
      super.onClose(code, reason, remote);
      ended.complete(null);
    }

    void cut() {
      try {
        Socket raw = getSocket();
        if (raw != null) {
          raw.close();
        }
      } catch (IOException alreadyGone) {
        LOG.debug("The socket was gone already", alreadyGone);
      }
    }
  }

  private final class Watch implements ConnectionEventListener {
    @Override
    public void onConnectionStateChange(ConnectionStateChange change) {
      if (dropped) {
        return;
      }
      if (change.getCurrentState() == ConnectionState.CONNECTED) {
        events.connected(connection.getSocketId());
      } else if (change.getCurrentState() == ConnectionState.DISCONNECTED) {
        events.lost(closeCode, closeReason);
      }
    }

    @Override
    public void onError(String message, String code, Exception cause) {
      if (!dropped) {
        LOG.info("The realtime server reports a problem message={} code={} cause={}", message, code,
            cause == null ? "" : cause.toString());
      }
    }
  }

  private final class Ear implements PrivateChannelEventListener {
    @Override
    public void onSubscriptionSucceeded(String channel) {
      if (!dropped) {
        events.subscribed();
      }
    }

    @Override
    public void onAuthenticationFailure(String message, Exception cause) {
      if (!dropped) {
        events.rejected(message);
      }
    }

    @Override
    public void onEvent(PusherEvent event) {
      if (dropped) {
        return;
      }
      // getData() would throw when a server leaves the member out
      Object data = event.getProperty("data");
      String json = data instanceof JsonElement element && !element.isJsonNull() ? event.getData() : "{}";
      if (event.getEventName().equals(REFUSED)) {
        events.rejected(json);
      } else if (!event.getEventName().startsWith("pusher:")) {
        events.event(event.getEventName(), json);
      }
    }
  }
}
