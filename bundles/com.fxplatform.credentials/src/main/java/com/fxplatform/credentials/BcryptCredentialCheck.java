package com.fxplatform.credentials;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Key and secret against the stored bcrypt hash. */
@Component
public final class BcryptCredentialCheck implements CredentialCheck {
  private static final Logger LOG = LoggerFactory.getLogger(BcryptCredentialCheck.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int LONGEST = 256;

  /** The hash of nothing anybody knows: what unknown keys are verified against, so that they take as long. */
  private static final String NOBODY = "$2a$10$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  /** Which of an executor's secrets it was. */
  private enum Match {
    CURRENT,
    RETIRED,
    NONE
  }

  private final Roster<ExecutorDirectory> directory = new Roster<>(PATIENCE);
  private final Roster<RateLimiter> limiter = new Roster<>(PATIENCE);
  private final Roster<AuditTrail> audit = new Roster<>(PATIENCE);
  private final VerifiedSecrets verified = new VerifiedSecrets();
  private final VerificationPool pool = new VerificationPool();

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
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

  @Deactivate
  void close() {
    pool.close();
  }

  @Override
  public Verdict check(String apiKey, String apiSecret, String source) {
    Optional<Executor> executor = apiKey.length() > LONGEST
        ? Optional.empty()
        : directory.call(executors -> executors.byKey(apiKey));
    Verdict verdict = decide(executor, apiKey, apiSecret, source);
    audit.tryCall("", trail -> {
      write(trail, verdict, executor, apiKey, source);
      return true;
    });
    return verdict;
  }

  /** Each refusal is a record; what is good, and what is not even looked at, is one with a count. */
  private static void write(AuditTrail trail, Verdict verdict, Optional<Executor> executor, String apiKey, String source) {
    Map<String, Object> details;
    if (verdict instanceof Verdict.Good) {
      details = Map.of();
    } else if (verdict instanceof Verdict.WrongSecret) {
      details = Map.of("reason", "wrong-secret");
    } else if (verdict instanceof Verdict.Throttled) {
      details = Map.of("reason", "throttled");
    } else if (verdict instanceof Verdict.Busy) {
      details = Map.of("reason", "busy");
    } else {
      // no more of it: somebody may have put a secret where the key belongs
      details = Map.of("reason", "unknown-key", "key", apiKey.substring(0, Math.min(8, apiKey.length())));
    }
    AuditTrail.Entry entry = new AuditTrail.Entry(AuditTrail.CREDENTIALS_CHECKED,
        verdict instanceof Verdict.Good ? AuditTrail.SUCCESS : AuditTrail.REFUSED,
        executor.map(Executor::userId), executor.map(Executor::id), Optional.of(source), details);
    if (verdict instanceof Verdict.WrongSecret || verdict instanceof Verdict.UnknownKey) {
      trail.note(entry);
    } else {
      trail.tally(entry);
    }
  }

  private Verdict decide(Optional<Executor> executor, String apiKey, String apiSecret, String source) {
    if (apiKey.length() > LONGEST) {
      return new Verdict.UnknownKey();
    }
    String hash = executor
        .flatMap(e -> directory.<Optional<String>>call(executors -> executors.secretHash(e.id())))
        .orElse(NOBODY);
    if (executor.isPresent() && verified.knows(executor.get().id(), hash, apiSecret)) {
      return new Verdict.Good(executor.get());
    }
    // the secret before a rotation, while its overlap lasts
    Optional<String> retired = executor
        .flatMap(e -> directory.<Optional<String>>call(executors -> executors.retiredSecretHash(e.id())));
    if (retired.isPresent() && verified.knows(executor.get().id() + "|retired", retired.get(), apiSecret)) {
      return new Verdict.Good(executor.get());
    }
    String pair = apiKey + "|" + source;
    Permit wrongLeft = limiter.call(limits -> limits.peek(RateLimiter.SECRET, pair));
    Optional<Match> matches = pool.verify(!wrongLeft.granted(), () -> verify(executor, hash, retired, apiSecret));
    if (matches.isEmpty()) {
      return wrongLeft.granted() ? new Verdict.Busy(PATIENCE) : new Verdict.Throttled(wrongLeft.retryAfter());
    }
    if (executor.isPresent() && matches.get() != Match.NONE) {
      return new Verdict.Good(executor.get());
    }
    Permit counted = limiter.call(limits -> limits.ask(RateLimiter.SECRET, pair));
    LOG.info("Credentials were refused: reason={} executor={} source={}",
        executor.isPresent() ? "wrong-secret" : "unknown-key", executor.map(Executor::id).orElse("-"), source);
    if (!counted.granted()) {
      return new Verdict.Throttled(counted.retryAfter());
    }
    return executor.isPresent() ? new Verdict.WrongSecret() : new Verdict.UnknownKey();
  }

  /** On a thread of the pool: who waited there while somebody proved the same secret need not prove it again. */
  private Match verify(Optional<Executor> executor, String hash, Optional<String> retired, String secret) {
    String id = executor.map(Executor::id).orElse("");
    if (executor.isPresent() && verified.knows(id, hash, secret)) {
      return Match.CURRENT;
    }
    if (Bcrypt.matches(secret, hash)) {
      executor.ifPresent(e -> verified.remember(id, hash, secret));
      return Match.CURRENT;
    }
    if (retired.isPresent() && Bcrypt.matches(secret, retired.get())) {
      verified.remember(id + "|retired", retired.get(), secret);
      return Match.RETIRED;
    }
    return Match.NONE;
  }
}
