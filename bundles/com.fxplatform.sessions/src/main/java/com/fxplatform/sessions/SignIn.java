package com.fxplatform.sessions;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.user.User;
import com.fxplatform.api.user.UserDirectory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /api/auth/callback/credentials} (wire-contract 4): e-mail and password for a session. */
@Component(property = Endpoint.ROUTE + "=POST /api/auth/callback/credentials")
public final class SignIn implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(SignIn.class);

  private final Sessions sessions;
  private final Passwords passwords = new Passwords();

  @Activate
  public SignIn(@Reference Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Reply handle(Request request) {
    Map<String, String> fields = fields(request);
    Sessions.Rules rules = sessions.rules();
    boolean json = "true".equals(fields.get("json"));
    String base = rules.platformUrl().isEmpty() ? "" : rules.platformUrl();
    Optional<String> csrf = rules.cookies().csrfToken(request);
    if (csrf.isEmpty() || !SessionCookies.same(csrf.get(), fields.getOrDefault("csrfToken", ""))) {
      return answer(json, 200, base + "/api/auth/signin?csrf=true");
    }
    Permit permit = sessions.limiter.call(limits -> limits.ask(RateLimiter.SIGN_IN, request.source()));
    if (!permit.granted()) {
      throw new Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many sign-in attempts. Please wait before trying again.")
          .withRetryAfter(permit.retryAfter());
    }
    String email = fields.getOrDefault("email", "");
    String password = fields.getOrDefault("password", "");
    if (email.isBlank() || password.isEmpty()) {
      return refused(json, base, "Missing email or password");
    }
    Optional<User> user = email.length() > 320
        ? Optional.empty()
        : sessions.users.<Optional<User>>call(directory -> directory.byEmail(email));
    // counted by user and source: a stranger cannot lock an account for its owner's address
    String pair = user.map(User::id).orElse(email.substring(0, Math.min(64, email.length()))) + "|" + request.source();
    boolean locked = !sessions.limiter.<Permit>call(limits -> limits.peek(RateLimiter.SIGN_IN_FAILURE, pair)).granted()
        || user.filter(u -> sessions.users.<UserDirectory.Standing>call(d -> d.standing(u.id())) == UserDirectory.Standing.LOCKED)
            .isPresent();
    if (locked) {
      sessions.note(AuditTrail.LOGIN, AuditTrail.REFUSED, user.map(User::id), request, Map.of("reason", "locked"));
      return refused(json, base, "Account is temporarily locked. Please try again later.");
    }
    boolean matches = passwords.matches(password,
        user.flatMap(u -> sessions.users.<Optional<String>>call(directory -> directory.passwordHash(u.id()))));
    if (!matches) {
      sessions.limiter.call(limits -> limits.ask(RateLimiter.SIGN_IN_FAILURE, pair));
      sessions.note(AuditTrail.LOGIN, AuditTrail.REFUSED, user.map(User::id), request,
          Map.of("reason", user.isPresent() ? "wrong-password" : "unknown-user"));
      LOG.info("A sign-in was refused: user={} source={}", user.map(User::id).orElse("-"), request.source());
      return refused(json, base, "Invalid email or password");
    }
    User signedIn = user.orElseThrow();
    sessions.limiter.run(limits -> limits.forget(RateLimiter.SIGN_IN_FAILURE, pair));
    Instant expires = Instant.now().plus(SessionToken.LIFE);
    String token = rules.tokens().issue(
        new SessionToken.Claims(signedIn.id(), signedIn.name(), signedIn.email(), signedIn.role(), expires));
    sessions.note(AuditTrail.LOGIN, AuditTrail.SUCCESS, Optional.of(signedIn.id()), request, Map.of());
    LOG.info("A user signed in: user={} source={}", signedIn.id(), request.source());
    return rules.cookies().withSession(answer(json, 200, target(fields.get("callbackUrl"), base)), token, expires);
  }

  private static Map<String, String> fields(Request request) {
    if (!request.headers().first("Content-Type").orElse("").startsWith("application/json")) {
      return request.form();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    request.json().forEach((name, value) -> {
      if (value instanceof String || value instanceof Boolean) {
        fields.put(name, value.toString());
      }
    });
    return fields;
  }

  /** Only our own pages: the answer must not send anybody elsewhere. Whole addresses, because next-auth's client parses them. */
  private static String target(String wanted, String base) {
    boolean own = wanted != null && !wanted.isBlank() && wanted.length() <= 2000
        && (wanted.startsWith("/") && !wanted.startsWith("//") && !wanted.startsWith("/\\")
            || !base.isEmpty() && (wanted.equals(base) || wanted.startsWith(base + "/")));
    if (!own) {
      return base.isEmpty() ? "/" : base;
    }
    return wanted.startsWith("/") ? base.replaceAll("/+$", "") + wanted : wanted;
  }

  private static Reply refused(boolean json, String base, String why) {
    return answer(json, 401, base + "/api/auth/error?error=" + URLEncoder.encode(why, StandardCharsets.UTF_8).replace("+", "%20"));
  }

  private static Reply answer(boolean json, int status, String url) {
    return json ? Reply.json(status, Map.of("url", url)) : Reply.empty(302).with("Location", url);
  }
}
