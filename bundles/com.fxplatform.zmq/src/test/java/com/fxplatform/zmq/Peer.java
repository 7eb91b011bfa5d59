package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.AccessCheck;
import com.fxplatform.paper.Broker;
import com.fxplatform.paper.ExpertAdvisor;
import com.fxplatform.paper.Faults;
import com.fxplatform.paper.PaperTerminal;
import com.fxplatform.paper.SeededWalk;
import com.fxplatform.paper.TradeLog;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A paper terminal that tests can freeze, kill and start again on the same port with the same trades. */
final class Peer implements AutoCloseable {
  static final Gate FREE = () -> {};

  final TradeLog log = TradeLog.inMemory();
  final AccessCheck access;
  volatile boolean frozen;
  volatile boolean diesAfterExecuting;
  volatile boolean wedged;
  /** The names of all commands that it took. */
  final List<String> asked = new CopyOnWriteArrayList<>();
  private int port;
  private PaperTerminal terminal;

  Peer(String secret) {
    access = new AccessCheck(Clock.systemUTC(), secret);
  }

  Peer start() {
    Broker broker = new Broker(new SeededWalk(1), Clock.systemUTC(), log, 1_000_000);
    terminal = new PaperTerminal("127.0.0.1", port, Duration.ZERO, new ExpertAdvisor(broker, access), faults()).start();
    await(() -> terminal.state() == PaperTerminal.State.BOUND);
    port = terminal.port();
    return this;
  }

  /** A port on which nobody listens until {@link #start}. */
  Peer reserve() {
    start();
    close();
    return this;
  }

  Settings settings(String secret) {
    return new Settings(
        Optional.of("tcp://127.0.0.1:" + port), secret, Duration.ofSeconds(5), Duration.ofMillis(400), Duration.ofSeconds(5));
  }

  PaperTerminal terminal() {
    return terminal;
  }

  long opens() {
    return log.count(TradeLog.Kind.OPEN);
  }

  private Faults faults() {
    return new Faults() {
      @Override
      public boolean polls() {
        return !frozen;
      }

      @Override
      public void received(String request) {
        asked.add(request.replaceAll("(?s)^\\{\"command\":\"([A-Z_]+)\".*", "$1"));
      }

      @Override
      public Optional<String> answer(String request, String reply) {
        if (diesAfterExecuting && request.contains("_POSITION")) {
          diesAfterExecuting = false;
          throw new IllegalStateException("killed by the test");
        }
        return wedged ? Optional.empty() : Optional.of(reply);
      }
    };
  }

  @Override
  public void close() {
    terminal.close();
  }

  static TerminalRequest open(String id, String symbol) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("symbol", symbol);
    parameters.put("action", "BUY");
    parameters.put("lotSize", new BigDecimal("0.01"));
    return new TerminalRequest(id, CompatDialect.OPEN_POSITION, parameters, Lane.OPEN, Optional.empty());
  }

  static TerminalRequest close(String id, long ticket, Lane lane) {
    return new TerminalRequest(id, CompatDialect.CLOSE_POSITION, Map.of("ticket", ticket), lane, Optional.empty());
  }

  static TerminalRequest read(String id, String name) {
    return new TerminalRequest(id, name, Map.of(), Lane.READ, Optional.empty());
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not happen in time");
      LockSupport.parkNanos(200_000);
    }
  }
}
