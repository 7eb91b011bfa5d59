package com.fxplatform.api.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionGuardTest {
  private static SessionGuard guard(Permit permit) {
    Roster<Authenticator> authenticators = new Roster<>(Authenticator.SCHEME, Duration.ofSeconds(1));
    authenticators.bind(request -> Optional.empty(), Map.of("service.id", 1L, Authenticator.SCHEME, Caller.SESSION));
    Roster<RateLimiter> limiter = new Roster<>(Duration.ofSeconds(1));
    limiter.bind(new RateLimiter() {
      @Override
      public Permit ask(String bucket, String key) {
        assertEquals(RateLimiter.ANONYMOUS + " 10.0.0.1", bucket + " " + key);
        return permit;
      }

      @Override
      public Permit peek(String bucket, String key) {
        return permit;
      }

      @Override
      public void forget(String bucket, String key) {
        throw new AssertionError("nothing is forgotten here");
      }
    }, Map.of("service.id", 2L));
    return new SessionGuard(authenticators, limiter);
  }

  private static Refusal refused(Permit permit) {
    Request request = (Request) Proxy.newProxyInstance(SessionGuardTest.class.getClassLoader(), new Class<?>[] {Request.class},
        (proxy, method, arguments) -> method.getName().equals("source") ? "10.0.0.1" : null);
    return assertThrows(Refusal.class, () -> guard(permit).require(request));
  }

  @Test
  void tooManyIsSaidInThePredecessorsMembersAndHeaders() {
    Refusal no = refused(new Permit(false, 100, 0, Duration.ofMillis(41_200)));
    assertEquals(429, no.status());
    assertEquals("Too Many Requests", no.getMessage());
    assertEquals("Rate limit exceeded. Try again in 42 seconds.", no.members().get("message"));
    assertEquals(42L, no.members().get("retryAfter"));
    assertEquals("api", no.members().get("type"));
    assertEquals(100L, no.members().get("limit"));
    assertTrue(no.members().get("resetTime").toString().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.000Z"));
    assertEquals("100", no.headers().get("X-RateLimit-Limit"));
    assertEquals("0", no.headers().get("X-RateLimit-Remaining"));
    assertEquals(no.members().get("resetTime"), no.headers().get("X-RateLimit-Reset"));
    assertEquals(Duration.ofMillis(41_200), no.retryAfter().orElseThrow());
  }

  @Test
  void theLimitComesBeforeTheQuestionWhoAsks() {
    assertEquals(401, refused(new Permit(true, 100, 99, Duration.ZERO)).status());
  }
}
