package com.fxplatform.sessions;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.user.User;
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
    Fields fields = Fields.of(body);
    String firstName = fields.text("firstName", 1, 100);
    String lastName = fields.text("lastName", 1, 100);
    String email = fields.text("email", 0, 320).toLowerCase(Locale.ROOT);
    if (body.get("email") instanceof String && !EMAIL.matcher(email).matches()) {
      fields.wrong("email", "Invalid email");
    }
    String password = fields.text("password", 8, 1000);
    String confirmed = fields.text("confirmPassword", 0, 1000);
    if (body.get("confirmPassword") instanceof String && !password.equals(confirmed)) {
      fields.wrong("confirmPassword", "Passwords do not match");
    }
    if (!Boolean.TRUE.equals(body.get("agreeToTerms"))) {
      fields.wrong("agreeToTerms", "You must agree to the terms");
    }
    try {
      fields.check();
    } catch (Refusal wrong) {
      // here the predecessor calls them errors, everywhere else meta
      return Reply.json(400, Map.of("message", wrong.getMessage(), "error", wrong.getMessage(), "code", Fields.VALIDATION_ERROR,
          "errors", wrong.meta()));
    }
    User user = sessions.users.call(users -> users.create(email, firstName, lastName, "user", Passwords.hash(password)));
    sessions.note("USER_REGISTERED", AuditTrail.SUCCESS, Optional.of(user.id()), request, Map.of());
    return Reply.json(201, Map.of("message", "Registration successful",
        "user", Map.of("id", user.id(), "email", user.email(), "firstName", firstName, "lastName", lastName)));
  }
}
