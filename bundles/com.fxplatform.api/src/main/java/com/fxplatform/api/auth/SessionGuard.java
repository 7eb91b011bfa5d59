package com.fxplatform.api.auth;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Lets signed-in users in: counts the request against the user, or against the source of somebody who is not signed in,
 * and only then says 401 (wire-contract 3.4). Thread-safe.
 */
@ProviderType
public final class SessionGuard {
  /** Refusal 429: more requests than the user or the source may make. */
  public static final String RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED";

  private final Roster<Authenticator> authenticators;
  private final Roster<RateLimiter> limiter;

  /** @param authenticators by {@link Authenticator#SCHEME} */
  public SessionGuard(Roster<Authenticator> authenticators, Roster<RateLimiter> limiter) {
    this.authenticators = authenticators;
    this.limiter = limiter;
  }

  /** @throws Refusal 429 {@link #RATE_LIMIT_EXCEEDED}, 401 {@link Authenticator#UNAUTHORIZED} */
  public Caller require(Request request) {
    Optional<Caller> caller =
        authenticators.<Optional<Caller>>call(Caller.SESSION, authenticator -> authenticator.authenticate(request));
    Permit permit = limiter.call(limits -> caller.isPresent()
        ? limits.ask(RateLimiter.SESSION, caller.get().userId())
        : limits.ask(RateLimiter.ANONYMOUS, request.source()));
    if (!permit.granted()) {
      throw tooMany(permit);
    }
    return caller.orElseThrow(() -> new Refusal(401, Authenticator.UNAUTHORIZED, "Unauthorized"));
  }

  /** In the predecessor's words (wire-contract 3.4). */
  private static Refusal tooMany(Permit permit) {
    long seconds = Math.max(1, (permit.retryAfter().toMillis() + 999) / 1000);
    String reset = Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".000Z");
    return new Refusal(429, RATE_LIMIT_EXCEEDED, "Too Many Requests")
        .withRetryAfter(permit.retryAfter())
        .with(
            Map.of("message", "Rate limit exceeded. Try again in " + seconds + " seconds.", "retryAfter", seconds, "type", "api",
                "limit", permit.limit(), "resetTime", reset),
            Map.of("X-RateLimit-Limit", Long.toString(permit.limit()), "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset));
  }
}
