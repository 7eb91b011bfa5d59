package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Hold;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.cm.Configuration;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** A room's jar is installed a second time, takes over, and gives back, while eight executors fetch their configuration. */
@ExtendWith(BundleContextExtension.class)
public class SideBySideIT {
  private static final long PLENTY = 1_000_000;

  @InjectBundleContext
  BundleContext context;

  private House house;
  private final FakeDirectory executors = new FakeDirectory();
  private List<Configuration> configurations = List.of();

  @BeforeEach
  void enter() throws Exception {
    house = new House(context);
    executors.add("swapped");
    house.offer(ExecutorDirectory.class, executors, Map.of());
    String base = "it.base" + System.nanoTime();
    house.offer(ConfigPlugin.class, executor -> Map.of("zmqPort", 5555), Map.of(ConfigPlugin.ID, base));
    configurations = List.of(
        house.configure("com.fxplatform.provisioning", Map.of("required", base)),
        house.configure("com.fxplatform.ratelimit", Map.of("limits", "config=" + PLENTY + "/60")));
    House.until(() -> limit() == PLENTY, () -> "The limit does not arrive");
    House.until(() -> fetch().isEmpty(), () -> "The configuration is not served: " + fetch());
  }

  @AfterEach
  void leave() throws Exception {
    for (Configuration configuration : configurations) {
      configuration.delete();
    }
    House.until(() -> limit() != PLENTY, () -> "The limit does not go back");
  }

  private long limit() {
    return house.service(RateLimiter.class).peek(RateLimiter.CONFIG, "it").limit();
  }

  @ParameterizedTest
  @ValueSource(strings = {"com.fxplatform.ratelimit", "com.fxplatform.credentials", "com.fxplatform.provisioning"})
  void nobodyNotices(String room) throws Exception {
    Bundle resident = house.bundle(room);
    try (var callers = new Callers(this::fetch)) {
      for (int round = 0; round < 5; round++) {
        Bundle newcomer = house.twin(resident);
        newcomer.start();
        callers.more(16);
        resident.stop();
        callers.more(16);
        resident.start();
        callers.more(16);
        newcomer.uninstall();
        callers.more(16);
      }
    }
    assertEquals(Bundle.ACTIVE, resident.getState());
  }

  /** As the caretaker renews a room that owns a port: the old one goes before the new one comes. */
  @ParameterizedTest
  @ValueSource(strings = {"com.fxplatform.ratelimit", "com.fxplatform.credentials", "com.fxplatform.provisioning"})
  void nobodyNoticesThatAnExclusiveOneWasAway(String room) throws Exception {
    Bundle resident = house.bundle(room);
    try (var callers = new Callers(this::fetch)) {
      for (int round = 0; round < 5; round++) {
        Bundle newcomer = house.twin(resident);
        exclusively(resident, newcomer);
        callers.more(16);
        exclusively(newcomer, resident);
        callers.more(16);
        newcomer.uninstall();
      }
    }
    assertEquals(Bundle.ACTIVE, resident.getState());
  }

  private void exclusively(Bundle leaving, Bundle coming) throws BundleException {
    try (Hold hold = Hold.begin(Duration.ofSeconds(5))) {
      leaving.stop();
      coming.start();
      House.until(() -> fetch().isEmpty(), this::fetch);
    }
  }

  private String fetch() {
    try {
      var reply = house.get("/api/executor/config", "X-API-Key", "exe_swapped", "X-API-Secret", FakeDirectory.SECRET);
      return reply.statusCode() == 200 ? "" : reply.statusCode() + " " + reply.body();
    } catch (IOException | InterruptedException failed) {
      return failed.toString();
    }
  }
}
