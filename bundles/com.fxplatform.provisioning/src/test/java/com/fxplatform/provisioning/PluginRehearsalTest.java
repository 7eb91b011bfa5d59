package com.fxplatform.provisioning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PluginRehearsalTest {
  private final ProvisioningService provisioning = new ProvisioningService(new ProvisioningService.Config() {
    @Override
    public String required() {
      return "";
    }

    @Override
    public Class<? extends Annotation> annotationType() {
      return ProvisioningService.Config.class;
    }
  });
  private final PluginRehearsal rehearsal = new PluginRehearsal(provisioning);

  /** Comes from another class than the candidates, hence from another bundle as far as a test can tell. */
  private static final class Incumbent implements ConfigPlugin {
    @Override
    public Map<String, ?> contribute(Executor executor) {
      return Map.of("zmqPort", 5555);
    }
  }

  @BeforeEach
  void incumbent() {
    provisioning.bindPlugin(new Incumbent(), Map.of(ConfigPlugin.ID, "fx.zmq", "service.id", 1L));
  }

  private void directory(int size) {
    List<Executor> all = IntStream.range(0, size).mapToObj(i -> new Executor("c" + i, "u", "VPS " + i, "exe_" + i, "MT5", Optional.empty(),
        Optional.empty(), "online", Optional.empty(), Instant.EPOCH, Instant.EPOCH, Map.of())).toList();
    rehearsal.bindDirectory((ExecutorDirectory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ExecutorDirectory.class},
        (proxy, method, args) -> method.getName().equals("heardSince") ? all.subList(0, Math.min(size, (int) args[1])) : null), Map.of());
  }

  private String bounces(ConfigPlugin plugin) {
    return assertThrows(IllegalArgumentException.class, () -> rehearsal.rehearse(plugin)).getMessage();
  }

  @Test
  void aGoodOneIsAskedForFiftyExecutors() {
    directory(80);
    List<String> asked = new ArrayList<>();
    rehearsal.rehearse((ConfigPlugin) executor -> {
      asked.add(executor.id());
      return Map.of("acme.maxSpread", 3);
    });
    assertEquals(50, asked.stream().distinct().count());
  }

  @Test
  void withoutExecutorsAMadeUpOneDoes() {
    directory(0);
    assertTrue(bounces(executor -> Map.of("acme.x", new Object())).contains("no JSON value"));
  }

  @Test
  void anothersKeyBounces() {
    String why = bounces(executor -> Map.of("zmqPort", 1));
    assertTrue(why.startsWith("it sets zmqPort, which ") && why.contains("Incumbent"), why);
  }

  @Test
  void theSlowTheLargeAndTheCircularBounce() {
    CountDownLatch never = new CountDownLatch(1);
    assertTrue(bounces(executor -> {
      try {
        never.await(250, TimeUnit.MILLISECONDS);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
      return Map.of();
    }).contains("200 ms are allowed"));
    assertTrue(bounces(executor -> Map.of("acme.x", "x".repeat(5 << 20))).contains("larger than 64 kB"));
    Map<String, Object> circle = new HashMap<>();
    circle.put("acme.self", circle);
    assertTrue(bounces(executor -> circle).contains("contains itself"));
  }

  @Test
  void aVetoIsNoFailure() {
    rehearsal.rehearse((ConfigPlugin) executor -> {
      throw new Refusal(403, "NOT_YOU", "no");
    });
  }
}
