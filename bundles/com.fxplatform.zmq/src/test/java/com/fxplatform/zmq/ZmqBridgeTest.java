package com.fxplatform.zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.TerminalLink.State;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
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
  void fiftyStartsAndStopsGiveThePortBack() throws Exception {
    int port = freePort();
    for (int i = 0; i < 50; i++) {
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

  private static ZmqBridge.Config config(String host, int port, int commandPort, String secret) {
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
        return "auto";
      }

      @Override
      public int zmqRobustPort() {
        return 5557;
      }

      @Override
      public String[] zmqTerminals() {
        return new String[0];
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
