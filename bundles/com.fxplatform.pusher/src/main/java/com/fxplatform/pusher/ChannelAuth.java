package com.fxplatform.pusher;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code POST /api/pusher/auth}: where clients of private channels fetch their signature. */
@Component(property = Endpoint.ROUTE + "=POST /api/pusher/auth")
public final class ChannelAuth implements Endpoint {
  static final String MISSING_FIELDS = "MISSING_FIELDS";
  static final String TOO_MANY_ATTEMPTS = "RATE_LIMIT_EXCEEDED";
  static final String BUSY = "BUSY";

  private final Roster<CredentialCheck> credentials = new Roster<>(Duration.ofSeconds(5));
  private final Roster<Authenticator> authenticators = new Roster<>(Authenticator.SCHEME, Duration.ofSeconds(5));
  private final Roster<AuditTrail> audit = new Roster<>(Duration.ofSeconds(5));
  private final ChannelRules rules;

  @Activate
  public ChannelAuth(@Reference ChannelRules rules) {
    this.rules = rules;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindCredentials(CredentialCheck service, Map<String, ?> properties) {
    credentials.bind(service, properties);
  }

  void unbindCredentials(CredentialCheck service) {
    credentials.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindAuthenticator(Authenticator service, Map<String, ?> properties) {
    authenticators.bind(service, properties);
  }

  void unbindAuthenticator(Authenticator service) {
    authenticators.unbind(service);
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
    Map<String, String> form = request.form();
    String socketId = form.getOrDefault("socket_id", "");
    String channel = form.getOrDefault("channel_name", "");
    if (socketId.isEmpty() || channel.isEmpty()) {
      throw new Refusal(400, MISSING_FIELDS, "Missing socket_id or channel_name");
    }
    ChannelRules.checkForm(socketId, channel);
    Caller caller = caller(request);
    try {
      Reply signed = Reply.ok(rules.sign(socketId, channel, caller)).with("Cache-Control", "no-store");
      write(request, channel, caller, AuditTrail.SUCCESS);
      return signed;
    } catch (Refusal no) {
      if (no.status() == 403) {
        write(request, channel, caller, AuditTrail.REFUSED);
      }
      throw no;
    }
  }

  private void write(Request request, String channel, Caller caller, String result) {
    audit.tryCall("", trail -> {
      trail.tally(new AuditTrail.Entry(AuditTrail.CHANNEL_AUTHORIZED, result, Optional.of(caller.userId()),
          caller.executor().map(Executor::id), Optional.of(request.source()), Map.of("channel", channel, "by", caller.scheme())));
      return true;
    });
  }

  /** Whoever sends a key is judged by the key alone: a wrong one must not borrow the cookie of the browser it runs in. */
  private Caller caller(Request request) {
    String key = request.headers().first("X-API-Key").orElse("");
    String secret = request.headers().first("X-API-Secret").orElse("");
    if (key.isEmpty() && secret.isEmpty()) {
      return signedInUser(request);
    }
    if (key.isEmpty() || secret.isEmpty()) {
      throw unauthorized();
    }
    Verdict verdict = credentials.call(check -> check.check(key, secret, request.source()));
    if (verdict instanceof Verdict.Good good) {
      return new Caller(good.executor().userId(), Optional.of(good.executor()), Caller.API_KEY, Set.of());
    }
    if (verdict instanceof Verdict.Throttled throttled) {
      throw new Refusal(429, TOO_MANY_ATTEMPTS, "Too many attempts with wrong credentials. Please wait.")
          .withRetryAfter(throttled.retryAfter());
    }
    if (verdict instanceof Verdict.Busy busy) {
      throw new Refusal(503, BUSY, "The server is busy. Please try again shortly.").withRetryAfter(busy.retryAfter());
    }
    throw unauthorized();
  }

  private Caller signedInUser(Request request) {
    try {
      return authenticators.tryCall(Caller.SESSION, session -> session.authenticate(request)).flatMap(caller -> caller)
          .orElseThrow(ChannelAuth::unauthorized);
    } catch (Refusal no) {
      throw no.status() == 401 ? unauthorized() : no;
    }
  }

  private static Refusal unauthorized() {
    return new Refusal(401, Authenticator.UNAUTHORIZED, "Unauthorized: Invalid credentials");
  }
}
