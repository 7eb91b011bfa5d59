package com.fxplatform.provisioning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import com.fxplatform.api.provisioning.Provisioned;
import java.lang.annotation.Annotation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProvisioningServiceTest {
  private static final Executor EXECUTOR = new Executor("c1", "u1", "VPS", "exe_x", "MT5", Optional.empty(), Optional.empty(),
      "offline", Optional.empty(), Instant.EPOCH, Instant.EPOCH, Map.of());

  private final AtomicInteger serviceIds = new AtomicInteger();

  private static ProvisioningService requiring(String required) {
    return new ProvisioningService(new ProvisioningService.Config() {
      @Override
      public String required() {
        return required;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return ProvisioningService.Config.class;
      }
    });
  }

  private ConfigPlugin add(ProvisioningService service, String id, int ranking, ConfigPlugin plugin) {
    service.bindPlugin(plugin, Map.of(ConfigPlugin.ID, id, "service.ranking", ranking, "service.id", (long) serviceIds.incrementAndGet()));
    return plugin;
  }

  @Test
  void mergesInRankingOrderAndRemembersWhoSaidWhat() {
    ProvisioningService service = requiring("a");
    add(service, "b", 1, e -> Map.of("second", 2));
    add(service, "a", 2, e -> Map.of("first", e.name()));
    Provisioned given = service.configFor(EXECUTOR);
    assertEquals(List.of("first", "second"), List.copyOf(given.values().keySet()));
    assertEquals("VPS", given.values().get("first"));
    assertEquals(given.values().keySet(), given.provenance().keySet());
  }

  @Test
  void theRevisionFollowsTheValues() {
    ProvisioningService service = requiring("");
    Map<String, Object> values = new HashMap<>(Map.of("x", 1, "y", Map.of("b", 2, "a", 1)));
    add(service, "a", 0, e -> values);
    String before = service.configFor(EXECUTOR).revision();
    assertEquals(before, service.configFor(EXECUTOR).revision());
    values.put("x", 2);
    service.changed();
    assertNotEquals(before, service.configFor(EXECUTOR).revision());
  }

  @Test
  void whatAPluginSaidCountsForASecondAndNoLongerThanTheExecutorIsTheSame() {
    ProvisioningService service = requiring("");
    AtomicInteger asked = new AtomicInteger();
    add(service, "a", 0, e -> Map.of("x", asked.incrementAndGet()));
    Provisioned first = service.configFor(EXECUTOR);
    assertSame(first, service.configFor(EXECUTOR));
    Executor renamed = new Executor(EXECUTOR.id(), EXECUTOR.userId(), "another", EXECUTOR.apiKey(), EXECUTOR.platform(),
        EXECUTOR.brokerServer(), EXECUTOR.accountNumber(), EXECUTOR.status(), EXECUTOR.lastHeartbeat(), EXECUTOR.createdAt(),
        EXECUTOR.updatedAt(), EXECUTOR.vitals());
    assertEquals(2, service.configFor(renamed).values().get("x"), "asked again for what was written since");
    long end = System.nanoTime() + 5_000_000_000L;
    while (service.configFor(renamed).values().get("x").equals(2)) {
      assertTrue(System.nanoTime() < end, "never asked again");
      Thread.onSpinWait();
    }
  }

  @Test
  void anOptionalPluginThatFailsIsLeftOutAndARequiredOneIsNot() {
    ProvisioningService service = requiring("must");
    add(service, "must", 0, e -> Map.of("x", 1));
    add(service, "may", 0, e -> {
      throw new IllegalStateException("broken");
    });
    assertEquals(Map.of("x", 1), service.configFor(EXECUTOR).values());
    assertTrue(service.complaints().get("may").contains("broken"));

    ProvisioningService other = requiring("must");
    Refusal missing = assertThrows(Refusal.class, () -> other.configFor(EXECUTOR));
    assertEquals(500, missing.status());
    assertEquals("CONFIG_ERROR", missing.code().orElseThrow());
    add(other, "must", 0, e -> null);
    assertThrows(Refusal.class, () -> other.configFor(EXECUTOR));
  }

  @Test
  void twoPluginsThatClaimOneKeyAreTold() {
    ProvisioningService service = requiring("");
    add(service, "better", 5, e -> Map.of("key", "better"));
    add(service, "other", 0, e -> Map.of("key", "other"));
    assertEquals("better", service.configFor(EXECUTOR).values().get("key"));
    assertFalse(service.complaints().isEmpty());
  }

  @Test
  void whatIsNoJsonIsRefused() {
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    for (Object bad : new Object[] {itself, new Object(), Double.NaN, "x".repeat(70_000), Map.of(1, 2)}) {
      assertThrows(IllegalArgumentException.class, () -> JsonValue.checked(Map.of("key", bad)), bad.getClass().getName());
    }
  }

  @Test
  void changesAreTold() {
    ProvisioningService service = requiring("");
    AtomicInteger told = new AtomicInteger();
    service.watch(told::incrementAndGet);
    ConfigPlugin plugin = add(service, "a", 0, e -> Map.of());
    service.unbindPlugin(plugin, Map.of(ConfigPlugin.ID, "a"));
    assertEquals(2, told.get());
  }

  @Test
  void entityTagsAreComparedWeaklyAndInLists() {
    assertTrue(ConfigEndpoint.matches("\"a\"", "\"a\""));
    assertTrue(ConfigEndpoint.matches("\"x\", W/\"a\"", "\"a\""));
    assertTrue(ConfigEndpoint.matches("*", "\"a\""));
    assertFalse(ConfigEndpoint.matches("a", "\"a\""));
  }
}
