package com.fxplatform.credentials;

import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * {@code POST /api/auth/validate} (wire-contract 5.14): whether key and secret belong together, and nothing else. An
 * unknown key answers like a wrong secret.
 */
@Component(property = Endpoint.ROUTE + "=POST /api/auth/validate")
public final class ValidateCredentials implements Endpoint {
  private final Roster<CredentialCheck> credentials = new Roster<>(Duration.ofSeconds(5));

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCredentials(CredentialCheck service, Map<String, ?> properties) {
    credentials.bind(service, properties);
  }

  void unbindCredentials(CredentialCheck service) {
    credentials.unbind(service);
  }

  @Override
  public Reply handle(Request request) {
    String key = request.headers().first("X-API-Key").orElse("");
    String secret = request.headers().first("X-API-Secret").orElse("");
    if (key.isEmpty() || secret.isEmpty()) {
      return no(401, "MISSING_CREDENTIALS", "API credentials required in headers (X-API-Key, X-API-Secret)");
    }
    Verdict verdict = credentials.call(check -> check.check(key, secret, request.source()));
    if (verdict instanceof Verdict.Good good) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("success", true);
      body.put("valid", true);
      body.put("executorId", good.executor().id());
      body.put("executor", Map.of("id", good.executor().id(), "name", good.executor().name()));
      return Reply.ok(body);
    }
    if (verdict instanceof Verdict.Throttled throttled) {
      return later(no(429, "RATE_LIMIT_EXCEEDED", "Too many wrong secrets. Please wait before trying again."), throttled.retryAfter());
    }
    if (verdict instanceof Verdict.Busy busy) {
      return later(no(503, "BUSY", "The platform is verifying many credentials right now; try again shortly"), busy.retryAfter());
    }
    return no(401, "INVALID_CREDENTIALS", "Invalid API credentials");
  }

  private static Reply no(int status, String code, String text) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", false);
    body.put("valid", false);
    body.put("error", text);
    body.put("message", text);
    body.put("code", code);
    return Reply.json(status, body);
  }

  private static Reply later(Reply reply, Duration wait) {
    return reply.with("Retry-After", Long.toString(Math.max(1, (wait.toMillis() + 999) / 1000)));
  }
}
