package com.fxplatform.sessions;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** NextAuth's small endpoints: csrf, providers, session, signout (wire-contract 4). */
@Component(property = {
  Endpoint.ROUTE + "=GET /api/auth/csrf",
  Endpoint.ROUTE + "=GET /api/auth/providers",
  Endpoint.ROUTE + "=GET /api/auth/session",
  Endpoint.ROUTE + "=POST /api/auth/signout"
})
public final class SessionEndpoints implements Endpoint {
  private final Sessions sessions;

  @Activate
  public SessionEndpoints(@Reference Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Reply handle(Request request) {
    Sessions.Rules rules = sessions.rules();
    return switch (request.path().substring("/api/auth/".length())) {
      case "csrf" -> csrf(request, rules);
      case "providers" -> providers(rules);
      case "session" -> session(request, rules);
      default -> signOut(request, rules);
    };
  }

  private static Reply csrf(Request request, Sessions.Rules rules) {
    Optional<String> known = rules.cookies().csrfToken(request);
    String token = known.orElseGet(SessionCookies::newCsrfToken);
    Reply reply = Reply.ok(Map.of("csrfToken", token));
    return known.isPresent() ? reply : rules.cookies().withCsrf(reply, token);
  }

  private static Reply providers(Sessions.Rules rules) {
    Map<String, Object> provider = new LinkedHashMap<>();
    provider.put("id", "credentials");
    provider.put("name", "Credentials");
    provider.put("type", "credentials");
    provider.put("signinUrl", rules.platformUrl() + "/api/auth/signin/credentials");
    provider.put("callbackUrl", rules.platformUrl() + "/api/auth/callback/credentials");
    return Reply.ok(Map.of("credentials", provider));
  }

  /** The only place where a session is prolonged. */
  private Reply session(Request request, Sessions.Rules rules) {
    Optional<SessionToken.Claims> claims = sessions.claims(request);
    if (claims.isEmpty()) {
      Reply nobody = Reply.ok(Map.of());
      // NextAuth takes back a cookie that is no session any more
      return rules.cookies().sent(request) ? rules.cookies().withoutSession(nobody, request) : nobody;
    }
    SessionToken.Claims old = claims.get();
    Instant expires = Instant.now().plus(SessionToken.LIFE);
    Map<String, Object> user = new LinkedHashMap<>();
    user.put("name", old.name());
    user.put("email", old.email());
    user.put("id", old.userId());
    user.put("role", old.role());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("user", user);
    body.put("expires", expires);
    String token = rules.tokens().issue(new SessionToken.Claims(old.userId(), old.name(), old.email(), old.role(), expires));
    return rules.cookies().withSession(Reply.ok(body), token, expires);
  }

  private Reply signOut(Request request, Sessions.Rules rules) {
    String sent = request.headers().first("Content-Type").orElse("").startsWith("application/json")
        ? String.valueOf(request.json().get("csrfToken"))
        : request.form().getOrDefault("csrfToken", "");
    String home = rules.platformUrl().isEmpty() ? "/" : rules.platformUrl();
    if (rules.cookies().csrfToken(request).filter(token -> SessionCookies.same(token, sent)).isEmpty()) {
      return Reply.ok(Map.of("url", rules.platformUrl() + "/api/auth/signout?csrf=true"));
    }
    sessions.claims(request).ifPresent(
        claims -> sessions.note(AuditTrail.LOGOUT, AuditTrail.SUCCESS, Optional.of(claims.userId()), request, Map.of()));
    return rules.cookies().withoutSession(Reply.ok(Map.of("url", home)), request);
  }
}
