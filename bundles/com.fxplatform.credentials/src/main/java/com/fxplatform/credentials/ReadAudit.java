package com.fxplatform.credentials;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.audit.AuditTrail.Kept;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /api/audit}, ours: what was decided and done about a user's own executors, latest first, page by page. */
@Component(property = Endpoint.ROUTE + "=GET /api/audit")
public final class ReadAudit implements Endpoint {
  private static final int MOST = 200;

  private final ExecutorDesk desk;

  @Activate
  public ReadAudit(@Reference ExecutorDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    Fields fields = Fields.of(Map.of());
    int limit = (int) number(request, "limit", 50, MOST, fields);
    Optional<Long> before = request.query("before").isPresent()
        ? Optional.of(number(request, "before", 1, Long.MAX_VALUE, fields))
        : Optional.empty();
    fields.check();
    List<Kept> records = desk.audit.call(trail -> trail.ofUser(caller.userId(), before, limit));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("records", records.stream().map(ReadAudit::members).toList());
    body.put("before", records.size() < limit ? null : records.get(records.size() - 1).number());
    return Reply.ok(body);
  }

  private static long number(Request request, String name, long otherwise, long most, Fields fields) {
    String text = request.query(name).orElse(Long.toString(otherwise));
    if (text.matches("[0-9]{1,18}") && Long.parseLong(text) > 0) {
      return Math.min(most, Long.parseLong(text));
    }
    fields.wrong(name, "Expected a number from 1");
    return otherwise;
  }

  private static Map<String, Object> members(Kept kept) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("number", kept.number());
    members.put("timestamp", kept.at());
    members.put("action", kept.entry().action());
    members.put("result", kept.entry().result());
    members.put("executorId", kept.entry().executorId());
    members.put("source", kept.entry().source());
    members.put("details", kept.entry().details());
    members.put("hash", kept.hash());
    return members;
  }
}
