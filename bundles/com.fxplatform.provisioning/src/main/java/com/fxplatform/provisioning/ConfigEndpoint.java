package com.fxplatform.provisioning;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.provisioning.Provisioned;
import com.fxplatform.api.provisioning.Provisioning;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * {@code GET /api/executor/config} (wire-contract 5.1). One deliberate difference: the quota is counted after the secret
 * was found good, so that a stranger who knows a key cannot use it up.
 */
@Component(property = Endpoint.ROUTE + "=GET /api/executor/config")
public final class ConfigEndpoint implements Endpoint {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Roster<CredentialCheck> credentials = new Roster<>(PATIENCE);
  private final Roster<RateLimiter> limiter = new Roster<>(PATIENCE);
  private final Roster<AuditTrail> audit = new Roster<>(PATIENCE);
  private final Roster<Provisioning> provisioning = new Roster<>(PATIENCE);
  /** By identity: as long as an executor is given the same object, it reads the same text. */
  private final Cache<Provisioned, ConfigReply> replies = Caffeine.newBuilder().weakKeys().maximumSize(10_000).build();

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCredentials(CredentialCheck service, Map<String, ?> properties) {
    credentials.bind(service, properties);
  }

  void unbindCredentials(CredentialCheck service) {
    credentials.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindLimiter(RateLimiter service, Map<String, ?> properties) {
    limiter.bind(service, properties);
  }

  void unbindLimiter(RateLimiter service) {
    limiter.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindProvisioning(Provisioning service, Map<String, ?> properties) {
    provisioning.bind(service, properties);
  }

  void unbindProvisioning(Provisioning service) {
    provisioning.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindAudit(AuditTrail service, Map<String, ?> properties) {
    audit.bind(service, properties);
  }

  void unbindAudit(AuditTrail service) {
    audit.unbind(service);
  }

  @Override
  public Reply handle(Request request) {
    long start = System.nanoTime();
    String key = request.headers().first("X-API-Key").orElse("");
    String secret = request.headers().first("X-API-Secret").orElse("");
    if (key.isEmpty() || secret.isEmpty()) {
      throw new Refusal(401, "MISSING_CREDENTIALS", "API credentials required in headers (X-API-Key, X-API-Secret)");
    }
    if (!key.startsWith("exe_")) {
      throw new Refusal(400, "INVALID_API_KEY_FORMAT", "Invalid API key format. Executor keys should start with \"exe_\"");
    }
    Executor executor = verified(credentials.call(check -> check.check(key, secret, request.source())));
    Permit permit = limiter.call(limits -> limits.ask(RateLimiter.CONFIG, executor.id()));
    if (!permit.granted()) {
      audit.tryCall("", trail -> {
        trail.tally(fetched(executor, request.source(), AuditTrail.REFUSED, Map.of("reason", "quota")));
        return true;
      });
      throw tooMany(permit.retryAfter());
    }
    Provisioned provisioned = provisioning.call(p -> p.configFor(executor));
    ConfigReply reply = replies.get(provisioned, given -> new ConfigReply(executor, given));
    audit.tryCall("", trail -> {
      trail.tally(reply.fetched(executor, request.source()));
      return true;
    });
    if (request.headers().first("If-None-Match").filter(sent -> matches(sent, reply.etag())).isPresent()) {
      return reply.unchanged();
    }
    return reply.full(executor, Instant.now(), (System.nanoTime() - start) / 1_000_000);
  }

  static AuditTrail.Entry fetched(Executor executor, String source, String result, Map<String, Object> details) {
    return new AuditTrail.Entry(AuditTrail.CONFIG_FETCHED, result, Optional.of(executor.userId()), Optional.of(executor.id()),
        Optional.of(source), details);
  }

  private static Executor verified(Verdict verdict) {
    if (verdict instanceof Verdict.Good good) {
      return good.executor();
    }
    if (verdict instanceof Verdict.WrongSecret) {
      throw new Refusal(401, "INVALID_CREDENTIALS", "Invalid API secret");
    }
    if (verdict instanceof Verdict.Throttled throttled) {
      throw tooMany(throttled.retryAfter());
    }
    if (verdict instanceof Verdict.Busy busy) {
      throw new Refusal(503, "BUSY", "The platform is verifying many credentials right now; try again shortly")
          .withRetryAfter(busy.retryAfter());
    }
    throw new Refusal(404, "EXECUTOR_NOT_FOUND", "Executor not found or invalid API key");
  }

  private static Refusal tooMany(Duration wait) {
    return new Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many config requests. Please wait before trying again.")
        .withRetryAfter(wait);
  }

  /** Weak comparison over a list (RFC 9110, 13.1.2). */
  static boolean matches(String ifNoneMatch, String etag) {
    for (String candidate : ifNoneMatch.split(",")) {
      String tag = candidate.trim();
      if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
        return true;
      }
    }
    return false;
  }
}
