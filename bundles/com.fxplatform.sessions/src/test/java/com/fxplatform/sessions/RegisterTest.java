package com.fxplatform.sessions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fxplatform.api.Refusal;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterTest {
  @TempDir Path folder;
  private String stored = "";

  private static <T> T fake(Class<T> type, java.util.function.BiFunction<String, Object[], Object> answer) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
        (proxy, method, arguments) -> answer.apply(method.getName(), arguments)));
  }

  private Reply register(boolean open, Map<String, Object> body) {
    Sessions sessions = new Sessions(fake(Sessions.Config.class, (name, arguments) -> name.equals("folder") ? folder.toString() : ""));
    sessions.bindLimiter(fake(RateLimiter.class, (name, arguments) -> new Permit(true, 30, 29, Duration.ZERO)), Map.of("service.id", 1L));
    sessions.bindUsers(fake(UserDirectory.class, (name, arguments) -> {
      stored = arguments[0] + " " + arguments[3] + " " + new Passwords().matches("12345678", Optional.of(arguments[4].toString()));
      return new User("c1", arguments[0].toString(), "A B", "user", Optional.empty(), Instant.EPOCH);
    }), Map.of("service.id", 2L));
    Request request = fake(Request.class, (name, arguments) -> name.equals("json") ? body : "10.0.0.1");
    return new Register(sessions, fake(Register.Config.class, (name, arguments) -> open)).handle(request);
  }

  private static Map<String, Object> ada() {
    return new HashMap<>(Map.of("firstName", "Ada", "lastName", "Lovelace", "email", "Ada@Example.com", "password", "12345678",
        "confirmPassword", "12345678", "agreeToTerms", true, "role", "admin"));
  }

  @Test
  void closedMeansClosed() {
    assertEquals(403, assertThrows(Refusal.class, () -> register(false, ada())).status());
    assertEquals("", stored);
  }

  @Test
  void anOpenOneMakesAPlainUser() {
    assertEquals(201, register(true, ada()).status());
    assertEquals("ada@example.com user true", stored);
  }

  @Test
  void whatIsWrongIsSaidPerField() {
    for (Map.Entry<String, Object> wrong : Map.<String, Object>of("firstName", "", "email", "ada", "password", "1234567",
        "confirmPassword", "other", "agreeToTerms", "true").entrySet()) {
      Map<String, Object> body = ada();
      body.put(wrong.getKey(), wrong.getValue());
      Reply reply = register(true, body);
      assertEquals(400, reply.status());
      assertEquals(true, ((Map<?, ?>) ((Map<?, ?>) reply.body()).get("errors")).containsKey(wrong.getKey()), wrong.getKey());
    }
    Map<String, Object> body = ada();
    body.put("lastName", 3);
    assertEquals(Map.of("lastName", List.of("Expected string, received number")), ((Map<?, ?>) register(true, body).body()).get("errors"));
    body.remove("lastName");
    assertEquals(Map.of("lastName", List.of("Required")), ((Map<?, ?>) register(true, body).body()).get("errors"));
    assertEquals("", stored);
  }
}
