package com.fxplatform.itests.benchmarks;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.AccessCheck;
import com.fxplatform.paper.Broker;
import com.fxplatform.paper.ExpertAdvisor;
import com.fxplatform.paper.Faults;
import com.fxplatform.paper.PaperTerminal;
import com.fxplatform.paper.SeededWalk;
import com.fxplatform.paper.TradeLog;
import com.fxplatform.zmq.ZmqBridge;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * What the bridge costs: submit to reply against a bare JeroMQ REQ/REP round trip, with the same question to the same paper
 * terminal in the same run, taking turns so that both see the same machine.
 */
public final class BridgeRoundTrip {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final int WARM_UP = 10_000;
  private static final int ROUNDS = 20;
  private static final int EACH = 500;

  private BridgeRoundTrip() {}

  public static void main(String[] arguments) throws Exception {
    Broker broker = new Broker(new SeededWalk(1), Clock.systemUTC(), TradeLog.inMemory(), 10_000);
    ExpertAdvisor advisor = new ExpertAdvisor(broker, new AccessCheck(Clock.systemUTC(), SECRET));
    try (PaperTerminal terminal = new PaperTerminal("127.0.0.1", 0, Duration.ZERO, advisor, Faults.NONE).start();
        ZContext context = new ZContext()) {
      ZMQ.Socket raw = context.createSocket(SocketType.REQ);
      raw.setHandshakeIvl(1000);
      raw.connect(terminal.endpoint());
      ZmqBridge bridge = new ZmqBridge(config(terminal.port()));
      while (bridge.status().state() != State.READY) {
        LockSupport.parkNanos(1_000_000);
      }
      measure(WARM_UP, () -> raw(raw));
      measure(WARM_UP, () -> bridge(bridge));
      long[] bare = new long[ROUNDS * EACH];
      long[] bridged = new long[ROUNDS * EACH];
      for (int round = 0; round < ROUNDS; round++) {
        System.arraycopy(measure(EACH, () -> raw(raw)), 0, bare, round * EACH, EACH);
        System.arraycopy(measure(EACH, () -> bridge(bridge)), 0, bridged, round * EACH, EACH);
      }
      Arrays.sort(bare);
      Arrays.sort(bridged);
      System.out.printf(
          "%d round trips each: raw REQ/REP p50 %.1f us, p99 %.1f us; bridge p50 %.1f us, p99 %.1f us; p50 ratio %.2f (target 1.50)%n",
          bare.length, at(bare, 50), at(bare, 99), at(bridged, 50), at(bridged, 99), at(bridged, 50) / at(bare, 50));
    }
  }

  /** One round trip. */
  private interface Trip {
    void go() throws Exception;
  }

  private static long[] measure(int times, Trip trip) throws Exception {
    long[] taken = new long[times];
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      trip.go();
      taken[i] = System.nanoTime() - began;
    }
    return taken;
  }

  private static void raw(ZMQ.Socket socket) {
    socket.send(
        ("{\"command\":\"GET_PRICE\",\"requestId\":\"req_00000000000000000001\",\"timestamp\":\"2026-11-20T12:00:00.000Z\","
                + "\"parameters\":{\"symbol\":\"EURUSD\"},\"token\":\"" + SECRET + "\"}")
            .getBytes(StandardCharsets.UTF_8));
    if (socket.recv() == null) {
      throw new IllegalStateException("No answer");
    }
  }

  private static void bridge(ZmqBridge bridge) throws Exception {
    TerminalReply reply =
        bridge
            .submit(
                new TerminalRequest("benchmark-request", "GET_PRICE", Map.of("symbol", "EURUSD"), Lane.READ, Optional.empty()), () -> {})
            .get(10, TimeUnit.SECONDS);
    if (reply.outcome() != TerminalReply.Outcome.OK) {
      throw new IllegalStateException(reply.toString());
    }
  }

  private static double at(long[] sorted, int percent) {
    return sorted[sorted.length * percent / 100] / 1e3;
  }

  private static ZmqBridge.Config config(int port) {
    Map<String, Object> given =
        Map.of("zmqHost", "tcp://localhost", "zmqPort", 0, "zmqCommandPort", port, "_sharedSecret", SECRET);
    return (ZmqBridge.Config)
        Proxy.newProxyInstance(
            ZmqBridge.Config.class.getClassLoader(),
            new Class<?>[] {ZmqBridge.Config.class},
            (proxy, method, ignored) -> given.getOrDefault(method.getName(), method.getDefaultValue()));
  }
}
