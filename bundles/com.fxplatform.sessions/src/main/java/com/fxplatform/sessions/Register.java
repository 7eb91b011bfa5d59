package com.fxplatform.sessions;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.user.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** {@code POST /api/auth/register} (wire-contract 4): refused unless the operator opens it. */
@Component(property = Endpoint.ROUTE + "=POST /api/auth/register", configurationPid = "com.fxplatform.sessions.register")
@Designate(ocd = Register.Config.class)
public final class Register implements Endpoint {
  private static final Pattern EMAIL = Pattern.compile("[^@\\s]{1,64}@[^@\\s.]+(\\.[^@\\s.]+)+");

  @ObjectClassDefinition(name = "FX Platform registration")
  @interface Config {
    @AttributeDefinition(description = "Whether strangers may make themselves an account")
    boolean open() default false;
  }

  private final Sessions sessions;
  private volatile boolean open;

  @Activate
  public Register(@Reference Sessions sessions, Config config) {
    this.sessions = sessions;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    open = config.open();
  }

  @Override
  public Reply handle(Request request) {
    if (!open) {
      throw new Refusal(403, "REGISTRATION_DISABLED", "Registration is not open on this platform; ask its operator for an account");
    }
    Permit permit = sessions.limiter.call(limits -> limits.ask(RateLimiter.SIGN_IN, request.source()));
    if (!permit.granted()) {
      throw new Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many attempts. Please wait before trying again.").withRetryAfter(permit.retryAfter());
    }
    Map<String, Object> body = request.json();
    Map<String, Object> errors = new LinkedHashMap<>();
    String firstName = text(body, "firstName", 1, 100, errors);
    String lastName = text(body, "lastName", 1, 100, errors);
    String email = text(body, "email", 1, 320, errors).toLowerCase(Locale.ROOT);
    if (!errors.containsKey("email") && !EMAIL.matcher(email).matches()) {
      errors.put("email", List.of("Invalid email"));
    }
    String password = text(body, "password", 8, 1000, errors);
    if (!password.equals(text(body, "confirmPassword", 0, 1000, errors)) && !errors.containsKey("confirmPassword")) {
      errors.put("confirmPassword", List.of("Passwords do not match"));
    }
    if (!Boolean.TRUE.equals(body.get("agreeToTerms"))) {
      errors.put("agreeToTerms", List.of("You must agree to the terms"));
    }
    if (!errors.isEmpty()) {
      return Reply.json(400, Map.of("message", "Validation error", "error", "Validation error", "code", "VALIDATION_ERROR", "errors", errors));
    }
    User user = sessions.users.call(users -> users.create(email, firstName, lastName, "user", Passwords.hash(password)));
    sessions.note("USER_REGISTERED", AuditTrail.SUCCESS, Optional.of(user.id()), request, Map.of());
    return Reply.json(201, Map.of("message", "Registration successful",
        "user", Map.of("id", user.id(), "email", user.email(), "firstName", firstName, "lastName", lastName)));
  }

  private static String text(Map<String, Object> body, String name, int min, int max, Map<String, Object> errors) {
    if (!(body.get(name) instanceof String text)) {
      errors.put(name, List.of(body.containsKey(name) ? "Expected string" : "Required"));
      return "";
    }
    if (text.length() < min || text.length() > max) {
      errors.put(name, List.of(text.length() < min
          ? "String must contain at least " + min + " character(s)"
          : "String must contain at most " + max + " character(s)"));
    }
    return text;
  }
}
