package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** The real front door behind the real Jetty; the endpoints are the test's. */
@ExtendWith(BundleContextExtension.class)
public class FrontDoorIT {
  @InjectBundleContext
  BundleContext context;

  private House house;

  @BeforeEach
  void enter() {
    house = new House(context);
    // the whiteboard registers the servlet in its own time
    House.until(() -> status("/nowhere") == 404, () -> "The front door does not open");
  }

  @Test
  void endpointsComeAndGo() throws Exception {
    assertEquals(404, status("/it/coming"));
    ServiceRegistration<Endpoint> endpoint = route("GET /it/coming", request -> Reply.ok(Map.of("here", true)));
    assertEquals("{\"here\":true}", house.get("/it/coming").body());
    endpoint.unregister();
    var gone = house.get("/it/coming");
    assertEquals(404, gone.statusCode());
    assertTrue(gone.body().contains("\"code\":\"NOT_FOUND\""), gone.body());
  }

  @Test
  void valuesOfThePathArrive() throws Exception {
    route("GET /it/{id}/of/*", request -> Reply.ok(Map.of("id", request.pathValue("id"), "rest", request.pathValue("*"))));
    var reply = house.get("/it/a%20b/of/c/d");
    assertTrue(reply.body().contains("\"id\":\"a b\"") && reply.body().contains("\"rest\":\"c/d\""), reply.body());
  }

  @Test
  void anotherMethodIs405WithAllow() throws Exception {
    route("POST /it/posted", request -> Reply.empty(204));
    var reply = house.get("/it/posted");
    assertEquals(405, reply.statusCode());
    assertEquals("OPTIONS, POST", reply.headers().firstValue("Allow").orElse(""));
    assertTrue(reply.body().contains("\"code\":\"METHOD_NOT_ALLOWED\""), reply.body());
  }

  @Test
  void tooLargeABodyIs413() throws Exception {
    route("POST /it/body", request -> Reply.ok(Map.of("read", request.body().length)));
    assertEquals("{\"read\":65536}", house.send("POST", "/it/body", "x".repeat(65536)).body());
    var reply = house.send("POST", "/it/body", "x".repeat(65537));
    assertEquals(413, reply.statusCode());
    assertTrue(reply.body().contains("\"code\":\"" + Request.BODY_TOO_LARGE + "\""), reply.body());
  }

  @Test
  void brokenJsonIs400() throws Exception {
    route("POST /it/json", request -> Reply.ok(request.json()));
    assertEquals("{\"a\":1}", house.send("POST", "/it/json", "{\"a\":1}", "Content-Type", "application/json").body());
    for (String body : new String[] {"{\"a\":", "[1]", "null", "", "{\"a\":1}x", "{\"a\":1,\"a\":2}"}) {
      var reply = house.send("POST", "/it/json", body, "Content-Type", "application/json");
      assertEquals(400, reply.statusCode(), body);
      assertTrue(reply.body().contains("\"code\":\"" + Request.INVALID_JSON + "\""), reply.body());
    }
  }

  @Test
  void aBugIs500AndTellsNothing() throws Exception {
    route("GET /it/bug", request -> {
      throw new IllegalStateException("secret of the house");
    });
    var reply = house.get("/it/bug");
    assertEquals(500, reply.statusCode());
    assertTrue(reply.body().contains("\"code\":\"INTERNAL_ERROR\""), reply.body());
    assertFalse(reply.body().contains("secret of the house") || reply.body().contains("IllegalState"), reply.body());
  }

  @Test
  void aRefusalKeepsItsStatusAndCode() throws Exception {
    route("GET /it/no", request -> {
      throw new Refusal(429, "SLOWLY", "Not so fast").withRetryAfter(Duration.ofMillis(1500));
    });
    var reply = house.get("/it/no");
    assertEquals(429, reply.statusCode());
    assertEquals("2", reply.headers().firstValue("Retry-After").orElse(""));
    assertTrue(reply.body().contains("\"error\":\"Not so fast\"") && reply.body().contains("\"code\":\"SLOWLY\""), reply.body());
  }

  /** An endpoint of which somebody has said that it is gone must never be called again, nor be left in a call. */
  private static final class Speaker implements Endpoint {
    final AtomicLong answered = new AtomicLong();
    volatile boolean gone;

    @Override
    public Reply handle(Request request) {
      LockSupport.parkNanos(300_000);
      if (gone) {
        throw new IllegalStateException("called after it had left");
      }
      answered.incrementAndGet();
      return Reply.ok(Map.of("ok", true));
    }
  }

  @Test
  void endpointsAreSwappedSideBySideAndNobodyNotices() throws Exception {
    var incumbent = new Speaker();
    ServiceRegistration<Endpoint> registration = route("GET /it/swapped", incumbent);
    try (var callers = new Callers(() -> {
      var reply = house.get("/it/swapped");
      return reply.statusCode() == 200 ? "" : reply.statusCode() + " " + reply.body();
    })) {
      for (int round = 0; round < 15; round++) {
        var newcomer = new Speaker();
        ServiceRegistration<Endpoint> trial = route("GET /it/swapped", newcomer);
        callers.more(20);
        assertEquals(0, newcomer.answered.get(), "a newcomer on trial was heard");
        registration.unregister();
        incumbent.gone = true;
        callers.more(20);
        assertTrue(newcomer.answered.get() > 0, "the newcomer does not speak");
        incumbent = newcomer;
        registration = trial;
      }
    }
  }

  private ServiceRegistration<Endpoint> route(String route, Endpoint endpoint) {
    return house.offer(Endpoint.class, endpoint, Map.of(Endpoint.ROUTE, route));
  }

  private int status(String path) {
    try {
      return house.get(path).statusCode();
    } catch (IOException notYet) {
      return 0;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }
}
