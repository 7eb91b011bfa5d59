package com.fxplatform.sessions;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.user.UserDirectory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the first account, an admin, when there is no user at all and the operator names one. */
@Component(
    immediate = true,
    property = {"hc.name=first-account", "hc.tags=live"},
    configurationPid = "com.fxplatform.sessions.first")
@Designate(ocd = FirstAccount.Config.class)
public final class FirstAccount implements HealthCheck {
  private static final Logger LOG = LoggerFactory.getLogger(FirstAccount.class);

  @ObjectClassDefinition(name = "FX Platform first account")
  @interface Config {
    @AttributeDefinition(description = "E-mail of the first account (FX_ADMIN_EMAIL)")
    String email() default "";

    @AttributeDefinition(description = "Its password, at least 8 characters (FX_ADMIN_PASSWORD)")
    String _password() default "";
  }

  private final Sessions sessions;
  /** bcrypt and the database take their time; the house starts meanwhile. */
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-sessions-first-account");
    worker.setDaemon(true);
    return worker;
  });
  private volatile boolean looked;

  @Activate
  public FirstAccount(@Reference Sessions sessions, Config config) {
    this.sessions = sessions;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    thread.execute(() -> look(config));
  }

  private void look(Config config) {
    try {
      make(Sessions.value(config.email()), Sessions.value(config._password()));
      looked = true;
    } catch (Refusal notYet) {
      // the database is being opened, or away: there is nothing to sign in to before it answers
      thread.schedule(() -> look(config), 1, TimeUnit.SECONDS);
    } catch (RuntimeException failed) {
      LOG.error("Whether a first account is needed could not be found out; this is tried again", failed);
      thread.schedule(() -> look(config), 10, TimeUnit.SECONDS);
    }
  }

  @Deactivate
  void close() {
    thread.shutdownNow();
  }

  @Override
  public Result execute() {
    return looked
        ? new Result(Result.Status.OK, "There is an account, or none was asked for")
        : new Result(Result.Status.CRITICAL, "It is not known yet whether there is an account");
  }

  private void make(String email, String password) {
    if (!sessions.users.<Boolean>call(UserDirectory::isEmpty)) {
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
