package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRegister.Reported;
import com.fxplatform.api.command.CommandRegister.Step;
import com.fxplatform.api.command.CommandRow;
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

/**
 * {@code GET} and {@code DELETE /api/commands} (wire-contract 5.11): a user's own commands, whichever executor they are for; the
 * predecessor showed everybody's. DELETE cancels.
 */
@Component(property = {Endpoint.ROUTE + "=GET /api/commands", Endpoint.ROUTE + "=DELETE /api/commands"})
public final class UserCommands implements Endpoint {
  private static final int MOST = 500;

  private final CommandDesk desk;

  @Activate
  public UserCommands(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    if (request.method().equals("DELETE")) {
      return cancel(request, caller);
    }
    return request.query("commandId").isPresent() ? one(request, caller) : page(request, caller);
  }

  private Reply one(Request request, Caller caller) {
    return Reply.ok(Map.of("command", own(request.query("commandId").orElseThrow(), caller).members()));
  }

  private Reply page(Request request, Caller caller) {
    Fields fields = Fields.of(Map.of());
    int limit = fields.pageSize("limit", request.query("limit"), 50, MOST);
    fields.check();
    List<CommandRow> rows = desk.register.call(register -> register.find(new CommandRegister.Query(
        caller.userId(), request.query("executorId"), request.query("status"), request.query("before"), limit)));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("commands", rows.stream().map(CommandRow::members).toList());
    body.put("pending", rows.stream().filter(row -> row.status().equals(CommandRegister.PENDING)).count());
    body.put("total", rows.size());
    body.put("before", rows.size() < limit ? null : rows.get(rows.size() - 1).id());
    return Reply.ok(body);
  }

  private Reply cancel(Request request, Caller caller) {
    Fields fields = Fields.of(request.query("commandId").map(id -> Map.of("commandId", id)).orElse(Map.of()));
    String id = fields.text("commandId", 1, 64);
    fields.check();
    own(id, caller);
    Reported reported = desk.register.<Optional<Reported>>call(register -> register.cancel(id)).orElseThrow(UserCommands::none);
    CommandRow row = reported.row();
    if (reported.step() == Step.FINAL) {
      throw new Refusal(409, "COMMAND_FINAL", "This command already ended as " + row.status());
    }
    if (reported.step() == Step.CHANGED) {
      desk.cancelled(row, "cancelled by its owner", request);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("message", "Command cancelled");
    body.put("command", row.members());
    return Reply.ok(body);
  }

  private CommandRow own(String id, Caller caller) {
    return desk.register.<Optional<CommandRow>>call(register -> register.byId(id))
        .filter(row -> row.userId().equals(caller.userId()))
        .orElseThrow(UserCommands::none);
  }

  private static Refusal none() {
    return new Refusal(404, "COMMAND_NOT_FOUND", "Command not found");
  }
}
