package com.fxplatform.paper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PaperTest {
  @TempDir Path folder;

  @Test
  void aSecretThatAppearsAndChangesAppliesAtOnce() throws Exception {
    Path file = folder.resolve("secret");
    Paper paper = new Paper(config(0, "", file.toString()));
    try {
      assertEquals(Result.Status.OK, paper.execute().getStatus());
      assertTrue(ping(paper, "").contains("authEnabled\":false"));
      Files.writeString(file, "first-secret\n");
      await(() -> ping(paper, "first-secret").contains("authEnabled\":true"));
      assertTrue(ping(paper, "other").contains("Authentication failed"));
      int port = paper.port();
      Files.writeString(file, "second-secret");
      await(() -> ping(paper, "second-secret").contains("PONG"));
      paper.modified(config(0, "$[secret:none]", file.toString()));
      assertEquals(port, paper.port(), "a secret does not move the port");
    } finally {
      paper.deactivate();
    }
  }

  @Test
  void aTakenPortIsOneSentence() {
    Paper first = new Paper(config(0, "", ""));
    Paper second = new Paper(config(first.port(), "", ""));
    try {
      assertEquals(Result.Status.CRITICAL, second.execute().getStatus());
      assertTrue(second.execute().toString().contains("cannot bind 127.0.0.1:" + first.port()), second.execute().toString());
    } finally {
      second.deactivate();
      first.deactivate();
    }
  }

  private static String ping(Paper paper, String token) {
    try (ZContext context = new ZContext()) {
      ZMQ.Socket req = context.createSocket(SocketType.REQ);
      // JeroMQ 0.6.0 stalls in some handshakes; the timeout makes it connect anew
      req.setHandshakeIvl(500);
      req.setReceiveTimeOut(5000);
      req.connect("tcp://127.0.0.1:" + paper.port());
      req.send("{\"command\":\"PING\",\"token\":\"" + token + "\"}");
      return String.valueOf(req.recvStr());
    }
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not happen in time");
      // more than five wrong guesses would lock the terminal
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250));
    }
  }

  private static Paper.Config config(int port, String secret, String secretFile) {
    return new Paper.Config() {
      @Override
      public String host() {
        return "127.0.0.1";
      }

      @Override
      public int port() {
        return port;
      }

      @Override
      public String _sharedSecret() {
        return secret;
      }

      @Override
      public String secretFile() {
        return secretFile;
      }

      @Override
      public long seed() {
        return 1;
      }

      @Override
      public double balance() {
        return 10_000;
      }

      @Override
      public int tickMillis() {
        return 1;
      }

      @Override
      public String prices() {
        return "";
      }

      @Override
      public int spread() {
        return 0;
      }

      @Override
      public boolean compat() {
        return true;
      }

      @Override
      public String executor() {
        return "";
      }

      @Override
      public String terminal() {
        return "paper";
      }

      @Override
      public String account() {
        return "900001";
      }

      @Override
      public String server() {
        return "Paper-Demo";
      }

      @Override
      public String curveServerKey() {
        return "";
      }

      @Override
      public String curvePublicKey() {
        return "";
      }

      @Override
      public String _curveSecretKey() {
        return "";
      }

      @Override
      public String faults() {
        return "";
      }

      @Override
      public String faultCommands() {
        return "";
      }

      @Override
      public String folder() {
        return "";
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Paper.Config.class;
      }
    };
  }
}
