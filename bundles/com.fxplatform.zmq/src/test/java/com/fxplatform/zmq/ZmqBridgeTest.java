package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.paper.AccessCheck;
import com.fxplatform.paper.Broker;
import com.fxplatform.paper.ExpertAdvisor;
import com.fxplatform.paper.Faults;
import com.fxplatform.paper.PaperTerminal;
import com.fxplatform.paper.RobustTerminal;
import com.fxplatform.paper.SeededWalk;
import com.fxplatform.paper.TradeLog;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ZmqBridgeTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void idlesThenFollowsItsConfiguration() throws Exception {
    Peer peer = new Peer(SECRET).start();
    ZmqBridge bridge = new ZmqBridge(config("", 5555, 0, "$[secret:none]"));
    try {
      TerminalHealth health = new TerminalHealth(bridge);
      PushHealth push = new PushHealth(bridge);
      assertEquals(State.IDLE, bridge.status().state());
      assertEquals(Result.Status.TEMPORARILY_UNAVAILABLE, health.execute().getStatus());
      assertEquals(Result.Status.OK, push.execute().getStatus());
      int free = freePort();
      bridge.modified(config("tcp://localhost", free, peer.terminal().port(), "wrong-secret-wrong-secret"));
      Peer.await(() -> bridge.status().state() == State.AUTHENTICATION_FAILED);
      assertEquals(Result.Status.CRITICAL, health.execute().getStatus());
      Peer.await(() -> bridge.pushPort() == free);
      bridge.modified(config("tcp://localhost", free, peer.terminal().port(), SECRET));
      Peer.await(() -> bridge.status().state() == State.READY);
      assertEquals(Result.Status.OK, health.execute().getStatus());
      assertEquals(Outcome.OK, bridge.submit(Peer.open("b", "EURUSD"), Peer.FREE).get(10, TimeUnit.SECONDS).outcome());
      Peer.await(() -> bridge.account().isPresent());
      bridge.modified(config("", free, peer.terminal().port(), SECRET));
      Peer.await(() -> bridge.status().state() == State.IDLE);
      assertEquals(0, bridge.pushPort());
    } finally {
      bridge.deactivate();
      peer.close();
    }
  }

  @Test
  void aHundredStartsAndStopsGiveThePortBack() throws Exception {
    int port = freePort();
    for (int i = 0; i < 100; i++) {
      ZmqBridge bridge = new ZmqBridge(config("tcp://localhost", port, 1, SECRET));
      Peer.await(() -> bridge.pushPort() == port);
      bridge.deactivate();
    }
    try (ServerSocket again = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
      assertEquals(port, again.getLocalPort());
    }
    Peer.await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(each -> each.getName().startsWith("fx-zmq")));
  }

  @Test
  void hostsAreReadTolerantlyAndNumerically() {
    assertEquals(Optional.of("tcp://127.0.0.1:5556"), Settings.endpoint("tcp://localhost", 5556));
    assertEquals(Optional.of("tcp://127.0.0.1:7"), Settings.endpoint("localhost:7", 5556));
    assertEquals(Optional.of("tcp://10.0.0.5:5556"), Settings.endpoint("10.0.0.5", 5556));
    assertEquals(Optional.empty(), Settings.endpoint("", 5556));
    assertEquals(Optional.empty(), Settings.endpoint("ipc:///tmp/x", 5556));
    assertEquals(Optional.empty(), Settings.endpoint("localhost", 70000));
    assertTrue(new Settings(Optional.empty(), SECRET, Settings.COMMAND_TIMEOUT, Settings.REPLY_TIMEOUT, Settings.ACCOUNT_INTERVAL)
        .toString().indexOf(SECRET) < 0);
  }

  private static int freePort() throws Exception {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return any.getLocalPort();
    }
  }

  @Test
  void aTerminalThatSpeaksProtocolTwoIsSpokenToInIt() throws Exception {
    int robustPort = RobustLinkTest.freePair();
    TradeLog log = TradeLog.inMemory();
    Broker broker = new Broker(new SeededWalk(1), Clock.systemUTC(), log, 1_000_000);
    AccessCheck access = new AccessCheck(Clock.systemUTC(), SECRET);
    Peer other = new Peer(SECRET).start();
    ZmqBridge bridge = null;
    try (PaperTerminal first =
            new PaperTerminal("127.0.0.1", 0, Duration.ZERO, new ExpertAdvisor(broker, access, true), Faults.NONE).start();
        RobustTerminal second =
            RobustTerminal.of(
                    new RobustTerminal.Identity("paper", "900001", "Paper-Demo", "tcp://127.0.0.1:" + robustPort, "", "", ""),
                    broker, log, Clock.systemUTC(), null, () -> SECRET, Faults.NONE)
                .start()) {
      bridge = new ZmqBridge(config("tcp://localhost", 0, first.port(), SECRET, "auto", robustPort));
      ZmqBridge talking = bridge;
      // asked for before anybody knows which protocol it will be
      CompletableFuture<TerminalReply> early = bridge.submit(Peer.open("early", "EURUSD"), Peer.FREE);
      assertEquals(Outcome.OK, early.get(20, TimeUnit.SECONDS).outcome());
      Peer.await(() -> talking.knows("CLOSE_ALL") && talking.status().state() == State.READY);
      assertEquals(1, second.requests(), "the order went by protocol 2");
      Peer.await(() -> talking.account().flatMap(account -> account.number()).equals(Optional.of("900001")));
      bridge.modified(
          config("tcp://localhost", 0, first.port(), SECRET, "compat", robustPort, "777=127.0.0.1:" + other.terminal().port(), "nonsense"));
      Peer.await(() -> talking.status().state() == State.READY && !talking.knows("CLOSE_ALL"));
      assertEquals(Outcome.OK, bridge.submit(Peer.open("plain", "EURUSD"), Peer.FREE).get(20, TimeUnit.SECONDS).outcome());
      assertEquals(1, second.requests());
      // the second terminal of protocol 1 is chosen by its account
      assertEquals(Outcome.OK, bridge.submit(to("777", "there"), Peer.FREE).get(20, TimeUnit.SECONDS).outcome());
      assertEquals(1, other.opens());
      TerminalReply nobody = bridge.submit(to("778", "nowhere"), Peer.FREE).get(20, TimeUnit.SECONDS);
      assertEquals(Outcome.NOT_SENT, nobody.outcome());
      assertTrue(nobody.error().orElseThrow().contains("zmqTerminals"), nobody.toString());
      bridge.modified(config("tcp://localhost", 0, 1, SECRET, "robust", robustPort));
      Peer.await(() -> talking.status().state() == State.READY);
      assertEquals(Outcome.OK, bridge.submit(to("900001", "robust"), Peer.FREE).get(20, TimeUnit.SECONDS).outcome());
      assertEquals(List.of("early", "robust"), log.lines().stream().map(TradeLog.Line::requestId).filter(id -> !id.startsWith("req_")).toList());
    } finally {
      if (bridge != null) {
        bridge.deactivate();
      }
      other.close();
    }
  }

  private static TerminalRequest to(String account, String id) {
    TerminalRequest open = Peer.open(id, "GBPUSD");
    Map<String, Object> parameters = new LinkedHashMap<>(open.parameters());
    parameters.put("account", account);
    return new TerminalRequest(id, open.name(), parameters, open.lane(), open.deadline());
  }

  private static ZmqBridge.Config config(String host, int port, int commandPort, String secret) {
    return config(host, port, commandPort, secret, "auto", 5557);
  }

  private static ZmqBridge.Config config(
      String host, int port, int commandPort, String secret, String protocol, int robustPort, String... terminals) {
    return new ZmqBridge.Config() {
      @Override
      public String zmqHost() {
        return host;
      }

      @Override
      public int zmqPort() {
        return port;
      }

      @Override
      public int zmqCommandPort() {
        return commandPort;
      }

      @Override
      public long commandTimeout() {
        return 5000;
      }

      @Override
      public long replyTimeout() {
        return 1000;
      }

      @Override
      public int accountInterval() {
        return 1;
      }

      @Override
      public String zmqProtocol() {
        return protocol;
      }

      @Override
      public int zmqRobustPort() {
        return robustPort;
      }

      @Override
      public String[] zmqTerminals() {
        return terminals;
      }

      @Override
      public String curvePublicKey() {
        return "";
      }

      @Override
      public String[] curveTerminals() {
        return new String[0];
      }

      @Override
      public String _curveSecretKey() {
        return "";
      }

      @Override
      public String _sharedSecret() {
        return secret;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return ZmqBridge.Config.class;
      }
    };
  }
}
