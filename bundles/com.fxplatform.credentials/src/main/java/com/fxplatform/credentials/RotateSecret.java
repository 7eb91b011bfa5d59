package com.fxplatform.credentials;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/executor/{id}/rotate-secret}, ours: a new secret, shown once. The old one stops at once, or after
 * {@code overlapSeconds} for whoever must change it on the executor first.
 */
@Component(property = Endpoint.ROUTE + "=POST /api/executor/{id}/rotate-secret")
public final class RotateSecret implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(RotateSecret.class);
  private static final int LONGEST_OVERLAP = 3600;

  private final ExecutorDesk desk;

  @Activate
  public RotateSecret(@Reference ExecutorDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    Executor executor = desk.own(request, caller);
    Fields fields = Fields.of(request.body().length == 0 ? Map.of() : request.json());
    int overlap = overlap(fields);
    fields.check();

    String fresh = NewCredentials.generate().apiSecret();
    String hash = Bcrypt.hash(fresh);
    Optional<Instant> oldGoodUntil = overlap == 0 ? Optional.empty() : Optional.of(Instant.now().plusSeconds(overlap));
    desk.directory.run(executors -> executors.rotateSecret(executor.id(), hash, oldGoodUntil));
    LOG.info("An executor's secret was rotated: executor={} overlapSeconds={}", executor.id(), overlap);
    desk.note(AuditTrail.API_KEY_ROTATED, executor, request, Map.of("overlapSeconds", overlap));

    Map<String, Object> view = ExecutorView.of(executor);
    view.put("secretKey", fresh);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("secretKey", fresh);
    body.put("oldSecretValidUntil", oldGoodUntil);
    body.put("executor", view);
    body.put("message", "Save this secret key securely. It will not be shown again!");
    return Reply.ok(body);
  }

  private static int overlap(Fields fields) {
    BigDecimal seconds = fields.maybeNumber("overlapSeconds").orElse(BigDecimal.ZERO);
    if (seconds.signum() < 0) {
      fields.wrong("overlapSeconds", "Number must be greater than or equal to 0");
    } else if (seconds.compareTo(BigDecimal.valueOf(LONGEST_OVERLAP)) > 0) {
      fields.wrong("overlapSeconds", "Number must be less than or equal to " + LONGEST_OVERLAP);
    } else if (seconds.stripTrailingZeros().scale() > 0) {
      fields.wrong("overlapSeconds", "Expected integer, received float");
    } else {
      return seconds.intValue();
    }
    return 0;
  }
}
