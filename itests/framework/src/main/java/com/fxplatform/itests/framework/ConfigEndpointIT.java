package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.provisioning.ConfigPlugin;
import com.fxplatform.api.provisioning.Provisioning;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** GET /api/executor/config through all its rooms; the directory and the plugins are the test's. */
@ExtendWith(BundleContextExtension.class)
public class ConfigEndpointIT {
  private static final String PATH = "/api/executor/config";

  @InjectBundleContext
  BundleContext context;

  private House house;
  private final FakeDirectory executors = new FakeDirectory();
  private Configuration configuration;
  private String base;

  @BeforeEach
  void enter() throws Exception {
    house = new House(context);
    house.offer(ExecutorDirectory.class, executors, Map.of());
    base = "it.base" + System.nanoTime();
    configuration = house.configure("com.fxplatform.provisioning", Map.of("required", base));
    House.until(() -> ask().statusCode() == 401, () -> "The endpoint does not come");
    // configuration arrives in its own time: ours is there when nothing but our plugin is required
    var probe = executors.add("probe");
    ServiceRegistration<ConfigPlugin> plugin = plugin(base, Map.of());
    House.until(() -> complete(probe), () -> "The configuration does not arrive");
    plugin.unregister();
  }

  @AfterEach
  void leave() throws Exception {
    configuration.delete();
  }

  @Test
  void checksComeInTheirOrder() throws Exception {
    executors.add("ordered");
    refused(401, "MISSING_CREDENTIALS", ask());
    refused(401, "MISSING_CREDENTIALS", ask("X-API-Key", "nonsense"));
    refused(400, "INVALID_API_KEY_FORMAT", ask("X-API-Key", "nonsense", "X-API-Secret", FakeDirectory.SECRET));
    refused(404, "EXECUTOR_NOT_FOUND", ask("X-API-Key", "exe_nobody", "X-API-Secret", FakeDirectory.SECRET));
    refused(401, "INVALID_CREDENTIALS", ask("X-API-Key", "exe_ordered", "X-API-Secret", "wrong"));
    refused(500, "CONFIG_ERROR", fetch("ordered"));
    plugin(base, Map.of("zmqPort", 5555));
    assertEquals(200, fetch("ordered").statusCode());
  }

  @Test
  void whatPluginsSayArrivesWithWhoSaidIt() throws Exception {
    executors.add("told");
    plugin(base, Map.of("zmqPort", 5555));
    plugin("it.more", Map.of("acme.maxSpread", 3));
    var reply = fetch("told");
    assertEquals(200, reply.statusCode(), reply.body());
    assertTrue(reply.body().contains("\"zmqPort\":5555") && reply.body().contains("\"acme.maxSpread\":3"), reply.body());
    assertTrue(reply.body().contains("\"acme.maxSpread\":\"com.fxplatform.itests.framework@"), reply.body());
    assertTrue(reply.headers().firstValue("Cache-Control").orElse("").contains("no-store"));
  }

  @Test
  void theRevisionFollowsTheValues() throws Exception {
    executors.add("revised");
    plugin(base, Map.of("zmqPort", 5555));
    String first = etag(fetch("revised"));
    assertEquals(first, etag(fetch("revised")));
    var same = fetch("revised", "If-None-Match", first);
    assertEquals(304, same.statusCode());
    assertEquals("", same.body());
    assertEquals(first, etag(same));
    var more = plugin("it.more", Map.of("acme.maxSpread", 3));
    var changed = fetch("revised", "If-None-Match", first);
    assertEquals(200, changed.statusCode());
    assertNotEquals(first, etag(changed));
    more.unregister();
    assertEquals(304, fetch("revised", "If-None-Match", first).statusCode());
  }

  @Test
  void theEleventhFetchIsTooMany() throws Exception {
    executors.add("eager");
    executors.add("other");
    plugin(base, Map.of("zmqPort", 5555));
    for (int i = 0; i < 10; i++) {
      // a wrong secret takes nothing from the owner's quota
      refused(401, "INVALID_CREDENTIALS", ask("X-API-Key", "exe_eager", "X-API-Secret", "wrong"));
      assertEquals(200, fetch("eager").statusCode(), "fetch " + (i + 1));
    }
    var eleventh = fetch("eager");
    refused(429, "RATE_LIMIT_EXCEEDED", eleventh);
    int wait = Integer.parseInt(eleventh.headers().firstValue("Retry-After").orElse("0"));
    assertTrue(wait >= 1 && wait <= 60, () -> "Retry-After " + wait);
    assertEquals(200, fetch("other").statusCode());
  }

  private boolean complete(Executor executor) {
    try {
      return house.service(Provisioning.class).configFor(executor) != null;
    } catch (Refusal incomplete) {
      return false;
    }
  }

  private ServiceRegistration<ConfigPlugin> plugin(String id, Map<String, ?> values) {
    return house.offer(ConfigPlugin.class, executor -> values, Map.of(ConfigPlugin.ID, id));
  }

  private HttpResponse<String> fetch(String executor, String... more) {
    String[] headers = Arrays.copyOf(new String[] {"X-API-Key", "exe_" + executor, "X-API-Secret", FakeDirectory.SECRET},
        4 + more.length);
    System.arraycopy(more, 0, headers, 4, more.length);
    return ask(headers);
  }

  private HttpResponse<String> ask(String... headers) {
    try {
      return house.get(PATH, headers);
    } catch (IOException | InterruptedException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String etag(HttpResponse<String> reply) {
    return reply.headers().firstValue("ETag").orElseThrow();
  }

  private static void refused(int status, String code, HttpResponse<String> reply) {
    assertEquals(status, reply.statusCode(), reply.body());
    assertTrue(reply.body().contains("\"code\":\"" + code + "\""), reply.body());
  }
}
