package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.command.CommandRegister.Reported;
import com.fxplatform.api.command.CommandRegister.Step;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor's word about its command, at each address a client may use (wire-contract 5.9, 5.14, 15 #3), always with
 * the executor's own key and secret: the predecessor asked for none.
 */
@Component(property = {
  Endpoint.ROUTE + "=PATCH /api/executor/{id}/command",
  Endpoint.ROUTE + "=PATCH /api/executor/{id}/command/{commandId}",
  Endpoint.ROUTE + "=POST /api/executor/{id}/command/{commandId}/result",
  Endpoint.ROUTE + "=PATCH /api/command/{commandId}"
})
public final class ReportCommand implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(ReportCommand.class);
  private static final Map<String, String> OTHER_WORDS =
      Map.of("completed", CommandRegister.EXECUTED, "acknowledged", CommandRegister.RECEIVED);
  private static final Set<String> WORDS = Set.of(
      CommandRegister.PENDING, CommandRegister.RECEIVED, CommandRegister.EXECUTING, CommandRegister.EXECUTED, CommandRegister.FAILED,
      CommandRegister.CANCELLED, CommandRegister.EXPIRED, CommandRegister.UNKNOWN);

  private final CommandDesk desk;

  @Activate
  public ReportCommand(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    boolean direct = request.path().startsWith("/api/command/");
    Executor executor = direct ? desk.anyExecutor(request) : desk.executor(request);
    boolean collective = !direct && request.path().endsWith("/command");
    Map<String, Object> body = request.json();
    String commandId = collective ? text(body.get("commandId")) : request.pathValue("commandId");
    String status = text(body.get("status"));
    if (commandId.isEmpty() || status.isEmpty()) {
      throw new Refusal(400, Fields.VALIDATION_ERROR, "Command ID and status are required");
    }
    String word = OTHER_WORDS.getOrDefault(status, status);
    if (!WORDS.contains(word)) {
      Fields fields = Fields.of(Map.of("status", status));
      fields.oneOf("status", WORDS.stream().sorted().toArray(String[]::new));
      fields.check();
    }
    Reported reported = desk.register.<Optional<Reported>>call(register ->
            register.report(executor.id(), commandId, word, result(body)))
        .orElseThrow(() -> new Refusal(404, "COMMAND_NOT_FOUND", "Command not found"));
    CommandRow row = reported.row();
    if (reported.step() == Step.FINAL) {
      throw new Refusal(409, "COMMAND_FINAL", "This command already ended as " + row.status());
    }
    if (reported.step() == Step.CHANGED) {
      desk.note(AuditTrail.COMMAND_STATUS, row, Optional.of(request.source()));
    }
    if (reported.step() == Step.CHANGED && CommandRegister.FINAL.contains(row.status())) {
      LOG.info("A command ended: command={} status={} late={} executor={}", row.id(), row.status(), row.late(), executor.id());
      desk.tell(row);
    }
    return request.method().equals("POST")
        ? Reply.ok(Map.of("success", true, "commandId", row.id(), "receivedAt", Instant.now()))
        : patched(row);
  }

  private static Reply patched(CommandRow row) {
    Map<String, Object> members = row.members();
    members.put("user", Map.of("id", row.userId()));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("command", members);
    return Reply.ok(body);
  }

  private static Optional<Map<String, Object>> result(Map<String, Object> body) {
    Object sent = body.get("result");
    Map<String, Object> result = new LinkedHashMap<>();
    if (sent instanceof Map<?, ?> map) {
      map.forEach((key, value) -> result.put(key.toString(), value));
    } else if (sent != null) {
      result.put("value", sent);
    }
    if (body.get("executionTime") instanceof Number time) {
      result.putIfAbsent("executionTime", time);
    }
    return result.isEmpty() ? Optional.empty() : Optional.of(result);
  }

  private static String text(Object value) {
    return value instanceof String text && text.length() <= 64 ? text : "";
  }
}
