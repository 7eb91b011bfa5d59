package com.fxplatform.paper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The wire end of a simulated terminal: a REP socket of which at most one frame is taken per tick, exactly as the Expert
 * Advisor does in OnTick and OnTimer. An empty frame wedges it, a message of two frames is two requests, and what is longer
 * than 4096 bytes is cut: the socket and this loop misbehave as the original does (zmq-bridge 4).
 */
public final class PaperTerminal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PaperTerminal.class);
  private static final int RECEIVE_BUFFER = 4096;
  private static final int LARGEST_FRAME = 16 << 20;
  // about one handshake in twenty between two JeroMQ 0.6.0 never ends; this gives up on it, and the client connects anew
  private static final int HANDSHAKE_MILLIS = 1000;
  private static final long BIND_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long HANG_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  // how long the loop may not notice that it shall stop; nothing wakes a ZeroMQ poll but a socket
  private static final int LOOK_UP_MILLIS = 250;

  /** How the socket is. */
  public enum State {
    STARTING,
    BOUND,
    PORT_TAKEN,
    STOPPED
  }

  private final String host;
  private final int port;
  private final Duration tick;
  private final ExpertAdvisor advisor;
  private final Faults faults;
  private final AtomicLong requests = new AtomicLong();
  private final CountDownLatch firstTry = new CountDownLatch(1);
  private final ExecutorService thread;
  private boolean hungUp;
  private volatile Thread runner;
  private volatile boolean stopping;
  private volatile State state = State.STARTING;
  private volatile int boundPort;

  /**
   * @param port 0 for any free one
   * @param tick how often a request is taken; zero takes each as it comes
   */
  public PaperTerminal(String host, int port, Duration tick, ExpertAdvisor advisor, Faults faults) {
    this.host = host;
    this.port = port;
    this.tick = tick;
    this.advisor = advisor;
    this.faults = faults;
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = Executors.defaultThreadFactory().newThread(work);
              made.setName("fx-paper-terminal");
              made.setDaemon(true);
              return made;
            });
  }

  /** Starts it and waits for the first try to bind. */
  public PaperTerminal start() {
    thread.execute(this::run);
    try {
      firstTry.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    return this;
  }

  public State state() {
    return state;
  }

  /** The port it is bound to; 0 before. */
  public int port() {
    return boundPort;
  }

  /** How many frames it took. */
  public long requests() {
    return requests.get();
  }

  /** Where a request goes. */
  public String endpoint() {
    return "tcp://" + host + ":" + (boundPort == 0 ? port : boundPort);
  }

  private void run() {
    runner = Thread.currentThread();
    try (ZContext context = new ZContext()) {
      while (!stopping) {
        ZMQ.Socket socket = bind(context);
        firstTry.countDown();
        if (socket == null) {
          // after a hang-up the port is free again in a moment
          LockSupport.parkNanos(hungUp ? HANG_UP_NANOS : BIND_RETRY_NANOS);
        } else {
          hungUp = false;
          serve(context, socket);
        }
      }
    } catch (RuntimeException crash) {
      LOG.error("The paper terminal died. port={}", boundPort, crash);
    } finally {
      state = State.STOPPED;
      firstTry.countDown();
    }
  }

  private ZMQ.Socket bind(ZContext context) {
    ZMQ.Socket socket = context.createSocket(SocketType.REP);
    socket.setLinger(0);
    socket.setMaxMsgSize(LARGEST_FRAME);
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    try {
      int wanted = port == 0 ? boundPort : port;
      socket.bind("tcp://" + host + ":" + (wanted == 0 ? "*" : Integer.toString(wanted)));
    } catch (ZMQException taken) {
      socket.close();
      if (state != State.PORT_TAKEN && !hungUp) {
        state = State.PORT_TAKEN;
        LOG.warn("The paper terminal cannot bind its port and tries again each second. host={} port={}", host, port);
      }
      return null;
    }
    String endpoint = socket.getLastEndpoint();
    boundPort = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    state = State.BOUND;
    LOG.info("The paper terminal listens for commands. host={} port={}", host, boundPort);
    return socket;
  }

  private void serve(ZContext context, ZMQ.Socket socket) {
    try (ZMQ.Poller poller = context.createPoller(1)) {
      poller.register(socket, ZMQ.Poller.POLLIN);
      while (!stopping && !hungUp) {
        if (poller.poll(LOOK_UP_MILLIS) > 0) {
          awaitTick();
          if (!stopping) {
            onTick(socket);
          }
        }
      }
      if (hungUp) {
        poller.unregister(socket);
        socket.close();
      }
    }
  }

  /** Ticks come on a grid, as quotes and timers do; between two of them a request waits. */
  private void awaitTick() {
    long period = tick.toNanos();
    if (period <= 0) {
      if (!faults.polls()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      return;
    }
    rest(period - Math.floorMod(System.nanoTime(), period));
  }

  private void rest(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !stopping; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void onTick(ZMQ.Socket socket) {
    if (!faults.polls()) {
      return;
    }
    try {
      byte[] frame = socket.recv(ZMQ.DONTWAIT);
      if (frame == null) {
        return;
      }
      requests.incrementAndGet();
      if (frame.length == 0) {
        // zmq_recv returns 0, the Expert Advisor takes it for "nothing there", and its REP waits for an answer for ever
        return;
      }
      byte[] taken = frame.length > RECEIVE_BUFFER ? Arrays.copyOf(frame, RECEIVE_BUFFER) : frame;
      String request = new String(taken, StandardCharsets.UTF_8);
      faults.received(request);
      rest(faults.before(request).toNanos());
      String reply = advisor.process(request);
      rest(faults.after(request).toNanos());
      Optional<String> answer = faults.answer(request, reply);
      if (faults.hangsUp(request)) {
        hungUp = true;
      } else if (answer.isPresent()) {
        socket.send(answer.get().getBytes(StandardCharsets.UTF_8), ZMQ.DONTWAIT);
      }
    } catch (ZMQException wrongState) {
      // EFSM, which the Expert Advisor ignores as well
      LOG.debug("The terminal's REP socket refused an operation. errno={}", wrongState.getErrorCode());
    }
  }

  /** Stops it and gives the port back, within two seconds. */
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
        LOG.warn("The paper terminal did not stop within two seconds. port={}", boundPort);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
