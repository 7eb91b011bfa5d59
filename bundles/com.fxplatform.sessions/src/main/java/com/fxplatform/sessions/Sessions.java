package com.fxplatform.sessions;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.user.User;
import com.fxplatform.api.user.UserDirectory;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Sessions: whose a request is, and what the sign-in endpoints share. */
@Component(
    service = {Authenticator.class, Sessions.class},
    property = Authenticator.SCHEME + "=" + Caller.SESSION,
    configurationPid = "com.fxplatform.sessions")
@Designate(ocd = Sessions.Config.class)
public final class Sessions implements Authenticator {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @ObjectClassDefinition(name = "FX Platform sessions")
  @interface Config {
    @AttributeDefinition(description = "Secret of session tokens, at least 32 characters; generated and kept in the folder if empty")
    String _secret() default "";

    @AttributeDefinition(description = "FX_MASTER_KEY: what the secret follows from if it is empty and none is kept yet")
    String _masterKey() default "";

    @AttributeDefinition(description = "Where a generated secret is kept")
    String folder() default "data";

    @AttributeDefinition(description = "Public address of this platform; https makes the cookies Secure")
    String platformUrl() default "";
  }

  /** What follows from the configuration; replaced as a whole. */
  record Rules(SessionToken tokens, SessionCookies cookies, String platformUrl) {}

  final Roster<UserDirectory> users = new Roster<>(PATIENCE);
  final Roster<RateLimiter> limiter = new Roster<>(PATIENCE);
  private final Roster<AuditTrail> audit = new Roster<>(PATIENCE);
  /** How a user stands, so that locked and deleted users lose their session within half a minute. */
  private final Cache<String, UserDirectory.Standing> standings =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(30)).build();
  /** Roles may change as well; a user unknown here keeps the token's. */
  private final Cache<String, Optional<User>> known =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(30)).build();
  private volatile Rules rules;

  @Activate
  public Sessions(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    String configured = value(config._secret());
    if (!configured.isEmpty() && configured.length() < 32) {
      throw new IllegalArgumentException("The session secret (NEXTAUTH_SECRET) must have at least 32 characters");
    }
    String secret = SessionSecret.of(configured, value(config._masterKey()), Path.of(config.folder()));
    String url = value(config.platformUrl());
    rules = new Rules(new SessionToken(secret), new SessionCookies(url.startsWith("https://"), secret), url);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindUsers(UserDirectory service, Map<String, ?> properties) {
    users.bind(service, properties);
  }

  void unbindUsers(UserDirectory service) {
    users.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindLimiter(RateLimiter service, Map<String, ?> properties) {
    limiter.bind(service, properties);
  }

  void unbindLimiter(RateLimiter service) {
    limiter.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindAudit(AuditTrail service, Map<String, ?> properties) {
    audit.bind(service, properties);
  }

  void unbindAudit(AuditTrail service) {
    audit.unbind(service);
  }

  /** Writes down a sign-in or its refusal, or a sign-out. */
  void note(String action, String result, Optional<String> userId, Request request, Map<String, Object> details) {
    audit.tryCall("", trail -> {
      trail.note(new AuditTrail.Entry(action, result, userId, Optional.empty(), Optional.of(request.source()), details));
      return true;
    });
  }

  Rules rules() {
    return rules;
  }

  @Override
  public Optional<Caller> authenticate(Request request) {
    return claims(request).map(claims -> {
      String role = user(claims.userId()).map(User::role).orElse("user");
      return new Caller(claims.userId(), Optional.empty(), Caller.SESSION, "admin".equals(role) ? Set.of("user", "admin") : Set.of("user"));
    });
  }

  /** What the request's token says, if it is good and its user may still come in. */
  Optional<SessionToken.Claims> claims(Request request) {
    Rules now = rules;
    return now.cookies().token(request)
        .flatMap(now.tokens()::read)
        .filter(claims -> switch (standing(claims.userId())) {
          case ACTIVE, UNSEEN -> true;
          case LOCKED, DELETED -> false;
        });
  }

  private UserDirectory.Standing standing(String userId) {
    return standings.get(userId, id -> users.call(directory -> directory.standing(id)));
  }

  private Optional<User> user(String userId) {
    return known.get(userId, id -> users.<Optional<User>>call(directory -> directory.byId(id)));
  }

  static String value(String configured) {
    return configured == null || configured.startsWith("$[") ? "" : configured.trim();
  }
}
