package com.fxplatform.credentials;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.executor.NewExecutor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/executor} (wire-contract 5.3): the only time that secrets are shown. Beside it {@code GET /api/beta/config},
 * what the beta mode that bounds creation is.
 */
@Component(
    property = {Endpoint.ROUTE + "=POST /api/executor", Endpoint.ROUTE + "=GET /api/beta/config"},
    configurationPid = "com.fxplatform.credentials")
@Designate(ocd = CreateExecutor.Config.class)
public final class CreateExecutor implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(CreateExecutor.class);

  @ObjectClassDefinition(name = "FX Platform credentials")
  @interface Config {
    @AttributeDefinition(description = "Executors a user may have; 0 for no limit. Does not bind admins")
    int executorsPerUser() default 5;

    @AttributeDefinition(description = "Beta mode (BETA_MODE): true allows 2 executors per user and tells pages the beta's limits")
    String betaMode() default "";
  }

  private final ExecutorDesk desk;
  private volatile int limit;
  private volatile boolean beta;

  @Activate
  public CreateExecutor(@Reference ExecutorDesk desk, Config config) {
    this.desk = desk;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    beta = "true".equalsIgnoreCase(config.betaMode());
    limit = beta ? Beta.EXECUTORS : config.executorsPerUser();
  }

  @Override
  public Reply handle(Request request) {
    return request.method().equals("POST") ? create(request) : betaMode();
  }

  private Reply betaMode() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("enabled", beta);
    body.put("limits", beta ? Beta.limits() : null);
    return Reply.ok(body);
  }

  private Reply create(Request request) {
    Caller caller = desk.user(request);
    Fields fields = Fields.of(request.json());
    String name = fields.text("name", 3, 100);
    String platform = fields.oneOf("platform", "MT5", "MT4");
    Optional<String> brokerServer = fields.maybeText("brokerServer", 0, 200, true);
    Optional<String> accountNumber = fields.maybeText("accountNumber", 0, 100, true);
    fields.check();

    NewCredentials fresh = NewCredentials.generate();
    String hash = Bcrypt.hash(fresh.apiSecret());
    Executor executor = create(new NewExecutor(
        caller.userId(), name, platform, brokerServer, accountNumber, fresh.apiKey(), hash, fresh.sharedSecret(),
        caller.roles().contains("admin") ? 0 : limit));
    LOG.info("An executor was created: executor={} user={}", executor.id(), caller.userId());
    desk.note(AuditTrail.API_KEY_CREATED, executor, request, Map.of("executorName", name, "platform", platform, "betaMode", beta));

    Map<String, Object> view = new LinkedHashMap<>(ExecutorView.of(executor));
    view.put("apiKey", fresh.apiKey());
    view.put("sharedSecret", fresh.sharedSecret());
    view.put("secretKey", fresh.apiSecret());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("executor", view);
    body.put("message", "⚠️ Save these credentials securely. The secret key and shared secret will not be shown again!");
    body.put("betaMode", beta);
    body.put("betaLimits", beta ? Beta.limits() : null);
    return Reply.json(201, body);
  }

  private Executor create(NewExecutor wanted) {
    try {
      return desk.directory.call(executors -> executors.create(wanted));
    } catch (Refusal no) {
      if (beta && no.code().filter(ExecutorDirectory.EXECUTOR_LIMIT::equals).isPresent()) {
        throw new Refusal(403, ExecutorDirectory.EXECUTOR_LIMIT, "Executor limit reached (maximum " + wanted.limit() + " executors during beta)");
      }
      throw no;
    }
  }
}
