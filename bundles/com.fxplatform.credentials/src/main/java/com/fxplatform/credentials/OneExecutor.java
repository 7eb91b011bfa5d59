package com.fxplatform.credentials;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorChange;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET}, {@code PATCH} and {@code DELETE /api/executor/{id}} (wire-contract 5.5). */
@Component(property = {
  Endpoint.ROUTE + "=GET /api/executor/{id}",
  Endpoint.ROUTE + "=PATCH /api/executor/{id}",
  Endpoint.ROUTE + "=DELETE /api/executor/{id}"
})
public final class OneExecutor implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(OneExecutor.class);

  private final ExecutorDesk desk;

  @Activate
  public OneExecutor(@Reference ExecutorDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    Executor executor = desk.own(request, caller);
    return switch (request.method()) {
      case "PATCH" -> change(request, executor);
      case "DELETE" -> delete(request, executor);
      default -> show(executor);
    };
  }

  private Reply show(Executor executor) {
    Map<String, Object> view = ExecutorView.of(executor);
    view.put("_count", desk.counts(List.of(executor.id())).get(executor.id()));
    view.put("isConnected", ExecutorView.connected(executor));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("executor", view);
    body.put("recentTrades", List.of());
    body.put("recentCommands", desk.recentCommands(executor).stream().map(CommandRow::members).toList());
    return Reply.ok(body);
  }

  private Reply change(Request request, Executor executor) {
    Map<String, Object> sent = request.json();
    Fields fields = Fields.of(sent);
    ExecutorChange change = new ExecutorChange(
        fields.maybeText("name", 3, 100, false),
        fields.maybeOneOf("platform", "MT5", "MT4"),
        fields.maybeText("brokerServer", 0, 200, false),
        fields.maybeText("accountNumber", 0, 100, false),
        fields.maybeOneOf("status", "online", "offline", "error"));
    fields.check();
    Executor changed = desk.directory.call(executors -> executors.change(executor.id(), change));
    List<String> changes = Stream.of("name", "platform", "brokerServer", "accountNumber", "status").filter(sent::containsKey).toList();
    desk.note(AuditTrail.EXECUTOR_UPDATED, changed, request, Map.of("changes", changes));
    return Reply.ok(Map.of("executor", ExecutorView.of(changed)));
  }

  /** A stolen key must be revocable while its thief keeps the executor online, hence {@code ?force=true}. */
  private Reply delete(Request request, Executor executor) {
    boolean force = request.query("force").filter("true"::equals).isPresent();
    if (!force && ExecutorView.connected(executor)) {
      throw new Refusal(400, "EXECUTOR_ONLINE", "Cannot delete an online executor. Please disconnect it first.");
    }
    desk.directory.run(executors -> executors.delete(executor.id()));
    desk.note(AuditTrail.EXECUTOR_DELETED, executor, request, Map.of("name", executor.name(), "force", force));
    LOG.info("An executor was deleted: executor={}", executor.id());
    return Reply.ok(Map.of("success", true, "message", "Executor deleted successfully"));
  }
}
