package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** The bridge goes and comes a hundred times while people use it: nobody hangs, and its ports and threads go with it. */
@ExtendWith(BundleContextExtension.class)
public class BridgeRestartIT {
  private static final int RESTARTS = 100;

  @InjectBundleContext
  BundleContext context;

  private House house;
  private int push;
  private List<Configuration> configurations = List.of();

  @BeforeEach
  void enter() throws Exception {
    house = new House(context);
    int terminal = free();
    push = free();
    configurations = List.of(
        house.configure("com.fxplatform.paper", Map.of("port", terminal, "tickMillis", 0)),
        house.configure("com.fxplatform.zmq", Map.of("zmqHost", "127.0.0.1", "zmqCommandPort", terminal, "zmqPort", push)));
    House.until(() -> ask().equals("OK"), () -> "The terminal does not answer");
  }

  @AfterEach
  void leave() throws Exception {
    for (Configuration configuration : configurations) {
      configuration.delete();
    }
  }

  private static int free() throws Exception {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  /** What became of a question: an outcome, or "absent" where nobody offers a link. */
  private String ask() {
    ServiceReference<TerminalLink> found = context.getServiceReference(TerminalLink.class);
    TerminalLink link = found == null ? null : context.getService(found);
    if (link == null) {
      LockSupport.parkNanos(1_000_000);
      return "absent";
    }
    try {
      TerminalRequest request = new TerminalRequest("it", "PING", Map.of(), Lane.READ, Optional.empty());
      TerminalReply reply = link.submit(request, () -> { }).get(10, TimeUnit.SECONDS);
      return reply.outcome().name();
    } catch (TimeoutException hangs) {
      return "hangs";
    } catch (ExecutionException | InterruptedException odd) {
      return odd.toString();
    } finally {
      context.ungetService(found);
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("fx-zmq")).count();
  }

  @Test
  @Timeout(120)
  void aHundredRestartsUnderTraffic() throws Exception {
    Bundle bridge = house.bundle("com.fxplatform.zmq");
    long threads = threads();
    AtomicLong answered = new AtomicLong();
    long longest = 0;
    // a question on its way when the bridge leaves may be unanswered, but nobody may hang
    var callers = new Callers(() -> {
      String outcome = ask();
      answered.addAndGet(outcome.equals("OK") ? 1 : 0);
      return List.of("OK", "NOT_SENT", "UNKNOWN", "FAILED", "absent").contains(outcome) ? "" : outcome;
    });
    try (callers) {
      for (int i = 0; i < RESTARTS; i++) {
        long began = System.nanoTime();
        bridge.stop();
        long took = System.nanoTime() - began;
        longest = Math.max(longest, took);
        assertTrue(took < TimeUnit.SECONDS.toNanos(2), "stopping took " + took / 1_000_000 + " ms in round " + i);
        House.until(() -> threads() == 0, () -> "Threads stay behind");
        new ServerSocket(push, 1, InetAddress.getLoopbackAddress()).close();
        bridge.start();
        long before = answered.get();
        House.until(() -> answered.get() > before, () -> "The link is not back");
      }
    }
    assertEquals(threads, threads());
    System.out.println(RESTARTS + " restarts of the bridge, the longest stop " + longest / 1_000_000 + " ms, " + answered + " answers meanwhile");
  }
}
