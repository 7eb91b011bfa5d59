package com.fxplatform.sessions;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.user.UserDirectory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the first account, an admin, when there is no user at all and the operator names one. */
@Component(service = FirstAccount.class, immediate = true, configurationPid = "com.fxplatform.sessions.first")
@Designate(ocd = FirstAccount.Config.class)
public final class FirstAccount {
  private static final Logger LOG = LoggerFactory.getLogger(FirstAccount.class);

  @ObjectClassDefinition(name = "FX Platform first account")
  @interface Config {
    @AttributeDefinition(description = "E-mail of the first account (FX_ADMIN_EMAIL)")
    String email() default "";

    @AttributeDefinition(description = "Its password, at least 8 characters (FX_ADMIN_PASSWORD)")
    String _password() default "";
  }

  private final Sessions sessions;

  @Activate
  public FirstAccount(@Reference Sessions sessions, Config config) {
    this.sessions = sessions;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    String email = Sessions.value(config.email());
    String password = Sessions.value(config._password());
    boolean empty = sessions.users.<Boolean>call(UserDirectory::isEmpty);
    if (!empty) {
      return;
    }
    if (email.isEmpty() || password.isEmpty()) {
      LOG.warn("There is no user yet: set FX_ADMIN_EMAIL and FX_ADMIN_PASSWORD and start again to make the first account");
    } else if (password.length() < 8 || !email.contains("@")) {
      LOG.warn("The first account was not made: FX_ADMIN_EMAIL must be an e-mail and FX_ADMIN_PASSWORD have 8 characters or more");
    } else {
      try {
        sessions.users.call(users -> users.create(email, "Admin", "", "admin", Passwords.hash(password)));
        LOG.info("The first account was made: email={}", email);
      } catch (Refusal taken) {
        LOG.info("The first account was made by another node: email={}", email);
      }
    }
  }
}
