package com.fxplatform.commands.desk;

import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
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

/** {@code GET /api/executor/{id}/command} (wire-contract 5.8); {@code before} asks for the next page and is ours. */
@Component(property = Endpoint.ROUTE + "=GET /api/executor/{id}/command")
public final class ListCommands implements Endpoint {
  private static final int MOST = 500;

  private final CommandDesk desk;

  @Activate
  public ListCommands(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    Executor executor = desk.own(request, caller);
    Fields fields = Fields.of(Map.of());
    int limit = fields.pageSize("limit", request.query("limit"), 50, MOST);
    fields.check();
    List<CommandRow> rows = desk.register.call(register -> register.find(new CommandRegister.Query(
        caller.userId(), Optional.of(executor.id()), request.query("status"), request.query("before"), limit)));
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("total", rows.size());
    for (String status : List.of(CommandRegister.PENDING, CommandRegister.EXECUTED, CommandRegister.FAILED)) {
      stats.put(status, rows.stream().filter(row -> row.status().equals(status)).count());
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("commands", rows.stream().map(CommandRow::members).toList());
    body.put("stats", stats);
    body.put("before", rows.size() < limit ? null : rows.get(rows.size() - 1).id());
    return Reply.ok(body);
  }
}
