package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /api/command/{id}} (wire-contract 5.11). */
@Component(property = Endpoint.ROUTE + "=GET /api/command/{id}")
public final class OneCommand implements Endpoint {
  private final CommandDesk desk;

  @Activate
  public OneCommand(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    CommandRow row = desk.register.<Optional<CommandRow>>call(register -> register.byId(request.pathValue("id")))
        .filter(found -> found.userId().equals(caller.userId()))
        .orElseThrow(() -> new Refusal(404, "COMMAND_NOT_FOUND", "Command not found"));
    Map<String, Object> members = row.members();
    desk.directory.<Optional<Executor>>call(executors -> executors.byId(row.executorId()))
        .ifPresent(executor -> members.put("executor", about(executor)));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("command", members);
    return Reply.ok(body);
  }

  private static Map<String, Object> about(Executor executor) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", executor.id());
    about.put("name", executor.name());
    about.put("status", executor.status());
    about.put("lastHeartbeat", executor.lastHeartbeat());
    about.put("isOnline", CommandDesk.connected(executor));
    return about;
  }
}
