package com.fxplatform.sessions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.http.Headers;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.user.User;
import com.fxplatform.api.user.UserDirectory;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignInTest {
  private static final String BASE = "https://fx.example.com";
  private static final String HASH = Passwords.hash("right");
  private static final User ADA = new User("c1", "ada@example.com", "Ada", "user", Optional.empty(), Instant.EPOCH);

  @TempDir Path folder;
  private final Map<String, Integer> failures = new HashMap<>();

  private static <T> T fake(Class<T> type, BiFunction<String, Object[], Object> answer) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
        (proxy, method, arguments) -> answer.apply(method.getName(), arguments)));
  }

  private Reply signIn(String password, String callbackUrl) {
    Sessions sessions = new Sessions(fake(Sessions.Config.class,
        (name, arguments) -> name.equals("folder") ? folder.toString() : name.equals("platformUrl") ? BASE : ""));
    sessions.bindLimiter(fake(RateLimiter.class, (name, arguments) -> {
      if (!arguments[0].equals(RateLimiter.SIGN_IN_FAILURE)) {
        return new Permit(true, 30, 29, Duration.ZERO);
      }
      if (name.equals("forget")) {
        return failures.remove(arguments[1].toString());
      }
      int count = failures.getOrDefault(arguments[1].toString(), 0);
      if (name.equals("ask")) {
        failures.put(arguments[1].toString(), count + 1);
      }
      return new Permit(count < 5, 5, Math.max(0, 5 - count), Duration.ZERO);
    }), Map.of("service.id", 1L));
    sessions.bindUsers(fake(UserDirectory.class, (name, arguments) -> switch (name) {
      case "byEmail" -> Optional.of(ADA);
      case "passwordHash" -> Optional.of(HASH);
      default -> UserDirectory.Standing.ACTIVE;
    }), Map.of("service.id", 2L));
    String token = "a".repeat(64);
    String cookie = token + "%7C" + sessions.rules().cookies().csrfHash(token);
    Request request = fake(Request.class, (name, arguments) -> switch (name) {
      case "headers" -> fake(Headers.class, (header, of) -> Optional.empty());
      case "form" -> Map.of("csrfToken", token, "email", ADA.email(), "password", password, "callbackUrl", callbackUrl, "json", "true");
      case "cookie" -> Optional.of(cookie);
      default -> "10.0.0.1";
    });
    return new SignIn(sessions).handle(request);
  }

  private String sentTo(String callbackUrl) {
    return ((Map<?, ?>) signIn("right", callbackUrl).body()).get("url").toString();
  }

  @Test
  void whereToGoIsAWholeAddressOfOurOwn() {
    // next-auth's client does new URL(answer.url), which throws at "/dashboard"
    assertEquals(BASE + "/dashboard?a=b", sentTo("/dashboard?a=b"));
    assertEquals(BASE + "/x", sentTo(BASE + "/x"));
    assertEquals(BASE, sentTo(""));
    for (String elsewhere : new String[] {"https://evil.example/x", "//evil.example", "/\\evil.example", BASE + ".evil.example"}) {
      assertEquals(BASE, sentTo(elsewhere), elsewhere);
    }
  }

  @Test
  void aSuccessForgetsTheFailuresBeforeIt() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 4; i++) {
        assertEquals(401, signIn("wrong", "/").status());
      }
      assertEquals(200, signIn("right", "/").status(), "four slips of the finger, round " + round);
    }
    for (int i = 0; i < 5; i++) {
      signIn("wrong", "/");
    }
    assertTrue(signIn("right", "/").body().toString().contains("temporarily%20locked"));
  }

  @Test
  void datesOfCookiesHaveTwoDigitsForTheDay() {
    SessionCookies cookies = new SessionCookies(false, "s");
    Reply reply = cookies.withSession(Reply.json(200, Map.of()), "t", Instant.parse("2026-12-03T04:05:06Z"));
    assertTrue(reply.headers().toString().contains("Expires=Thu, 03 Dec 2026 04:05:06 GMT"), reply.headers().toString());
  }
}
