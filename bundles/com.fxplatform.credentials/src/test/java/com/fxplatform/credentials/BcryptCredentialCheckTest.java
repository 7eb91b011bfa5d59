package com.fxplatform.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BcryptCredentialCheckTest {
  private static final String SECRET = "f".repeat(64);
  /** From bcryptjs 2.4.3, wire-contract 16. */
  private static final String HASH = "$2a$10$abcdefghijklmnopqrstuur9JPjFpP6sgFeqYKNdGIOgUAbc9Crs6";

  private final Map<String, String> hashes = new HashMap<>(Map.of("exe_a", HASH));
  private volatile String retired;
  private final Map<String, AtomicInteger> wrong = new ConcurrentHashMap<>();
  private final BcryptCredentialCheck check = new BcryptCredentialCheck();

  @BeforeEach
  void bind() {
    ExecutorDirectory directory = (ExecutorDirectory) Proxy.newProxyInstance(getClass().getClassLoader(),
        new Class<?>[] {ExecutorDirectory.class}, (proxy, method, arguments) -> switch (method.getName()) {
          case "byKey" -> Optional.of(arguments[0]).filter(hashes::containsKey).map(key -> executor(key.toString()));
          case "secretHash" -> Optional.ofNullable(hashes.get(arguments[0].toString().substring(3)));
          case "retiredSecretHash" -> Optional.ofNullable(retired);
          default -> throw new AssertionError(method);
        });
    check.bindDirectory(directory, Map.of("service.id", 1L));
    check.bindLimiter(new RateLimiter() {
      @Override
      public Permit ask(String bucket, String key) {
        int count = wrong.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
        return new Permit(count <= 3, 3, Math.max(0, 3 - count), count <= 3 ? Duration.ZERO : Duration.ofSeconds(60));
      }

      @Override
      public Permit peek(String bucket, String key) {
        int count = wrong.getOrDefault(key, new AtomicInteger()).get();
        return new Permit(count < 3, 3, Math.max(0, 3 - count), count < 3 ? Duration.ZERO : Duration.ofSeconds(60));
      }

      @Override
      public void forget(String bucket, String key) {
        wrong.remove(key);
      }
    }, Map.of("service.id", 2L));
  }

  @AfterEach
  void close() {
    check.close();
  }

  private static Executor executor(String key) {
    return new Executor("id_" + key, "user", "name", key, "MT5", Optional.empty(), Optional.empty(), "offline",
        Optional.empty(), Instant.EPOCH, Instant.EPOCH, Map.of());
  }

  @Test
  void thePredecessorsHashesVerifyUnderAllThreePrefixes() {
    for (String prefix : new String[] {"$2a$", "$2b$", "$2y$"}) {
      assertTrue(Bcrypt.matches(SECRET, prefix + HASH.substring(4)), prefix);
      assertFalse(Bcrypt.matches("e" + SECRET.substring(1), prefix + HASH.substring(4)), prefix);
    }
    assertFalse(Bcrypt.matches(SECRET, "no hash at all"));
    assertFalse(Bcrypt.matches(SECRET, "$2a$99$" + HASH.substring(7)));
    String longSecret = "ab".repeat(64);
    assertTrue(Bcrypt.matches(longSecret.substring(0, 72), Bcrypt.hash(longSecret)), "cut at 72 bytes, not refused");
  }

  @Test
  void aGoodSecretIsGoodAndSoonKnown() {
    assertInstanceOf(Verdict.Good.class, check.check("exe_a", SECRET, "1.1.1.1"));
    hashes.put("exe_a", Bcrypt.hash("another"));
    assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_a", SECRET, "1.1.1.1"), "rotation ends it at once");
    hashes.remove("exe_a");
    assertInstanceOf(Verdict.UnknownKey.class, check.check("exe_a", SECRET, "1.1.1.1"), "so does deletion");
  }

  @Test
  void aSecretThatIsTooLongIsAWrongOne() {
    assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_a", "a".repeat(300), "1.1.1.1"), "not: no such executor");
    assertInstanceOf(Verdict.UnknownKey.class, check.check("exe_" + "a".repeat(300), SECRET, "1.1.1.1"));
  }

  @Test
  void duringAnOverlapBothSecretsAreGood() {
    check.check("exe_a", SECRET, "1.1.1.1");
    retired = HASH;
    hashes.put("exe_a", Bcrypt.hash("second"));
    for (int i = 0; i < 2; i++) {
      assertInstanceOf(Verdict.Good.class, check.check("exe_a", SECRET, "1.1.1.1"), "the old one, time " + i);
      assertInstanceOf(Verdict.Good.class, check.check("exe_a", "second", "1.1.1.1"), "the new one, time " + i);
    }
    assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_a", "third", "1.1.1.1"));
    retired = null;
    assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_a", SECRET, "1.1.1.1"), "the overlap is over, the memory too");
    assertInstanceOf(Verdict.Good.class, check.check("exe_a", "second", "1.1.1.1"));
  }

  @Test
  void aKnownSecretCostsNoBcrypt() {
    check.check("exe_a", SECRET, "1.1.1.1");
    long start = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      assertInstanceOf(Verdict.Good.class, check.check("exe_a", SECRET, "1.1.1.1"));
    }
    // 200 verifications by bcrypt would take ten seconds and more
    assertTrue(System.nanoTime() - start < 3_000_000_000L);
  }

  @Test
  void guessesAreThrottledPerSourceAndDoNotLockTheOwnerOut() {
    for (int i = 0; i < 3; i++) {
      assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_a", "guess" + i, "6.6.6.6"));
    }
    assertInstanceOf(Verdict.Throttled.class, check.check("exe_a", "guess3", "6.6.6.6"));
    assertInstanceOf(Verdict.Good.class, check.check("exe_a", SECRET, "1.1.1.1"), "the owner from elsewhere");
    hashes.put("exe_a", Bcrypt.hash("fresh"));
    assertInstanceOf(Verdict.Good.class, check.check("exe_a", "fresh", "6.6.6.6"), "the owner behind the same address");
  }

  @Test
  void unknownKeysAreVerifiedToo() {
    long start = System.nanoTime();
    assertInstanceOf(Verdict.UnknownKey.class, check.check("exe_nobody", SECRET, "1.1.1.1"));
    assertTrue(System.nanoTime() - start > 5_000_000L, "an unknown key answered without bcrypt");
    assertEquals(1, wrong.size());
  }
}
