package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.limit.RateLimiter;
import java.io.IOException;
import java.util.Hashtable;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** A changed value reaches the running component; the component stays. */
@ExtendWith(BundleContextExtension.class)
public class ConfigurationIT {
  @InjectBundleContext
  BundleContext context;

  private House house;

  @BeforeEach
  void enter() {
    house = new House(context);
  }

  @Test
  void aLimitIsChangedWhileItIsAsked() throws Exception {
    RateLimiter limiter = house.service(RateLimiter.class);
    var reference = context.getServiceReference(RateLimiter.class);
    House.until(() -> limiter.peek(RateLimiter.CONFIG, "it").limit() == 10, () -> "Another test's limit is in force");
    var callers = new Callers(() -> {
      long limit = limiter.peek(RateLimiter.CONFIG, "it").limit();
      return limit == 10 || limit == 7 || limit == 8 ? "" : "limit " + limit;
    });
    try (callers) {
      var configuration = house.configure("com.fxplatform.ratelimit", Map.of("limits", "config=7/60"));
      House.until(() -> limiter.peek(RateLimiter.CONFIG, "it").limit() == 7, () -> "The new limit does not arrive");
      // a value that cannot be is refused, and what held before holds on
      configuration.update(new Hashtable<>(Map.of("limits", "config=many")));
      configuration.update(new Hashtable<>(Map.of("limits", "config=8/60")));
      House.until(() -> limiter.peek(RateLimiter.CONFIG, "it").limit() == 8, () -> "The corrected limit does not arrive");
      configuration.delete();
      House.until(() -> limiter.peek(RateLimiter.CONFIG, "it").limit() == 10, () -> "The default does not come back");
    }
    assertEquals(reference, context.getServiceReference(RateLimiter.class), "the service was registered anew");
  }

  @Test
  void theFrontDoorIsConfiguredWithoutMoving() throws Exception {
    Endpoint sized = request -> Reply.ok(Map.of("read", request.body().length));
    house.offer(Endpoint.class, sized, Map.of(Endpoint.ROUTE, "POST /it/sized"));
    House.until(() -> post(2000) == 200, () -> "The front door does not open");
    try (var callers = new Callers(() -> post(1000) == 200 ? "" : "not 200")) {
      var configuration = house.configure("com.fxplatform.web", Map.of("maxBody", 1500));
      House.until(() -> post(2000) == 413, () -> "The new size does not arrive");
      configuration.delete();
      House.until(() -> post(2000) == 200, () -> "The old size does not come back");
      assertTrue(callers.calls() > 0);
    }
  }

  private int post(int bytes) {
    try {
      return house.send("POST", "/it/sized", "x".repeat(bytes)).statusCode();
    } catch (IOException | InterruptedException failed) {
      return 0;
    }
  }
}
