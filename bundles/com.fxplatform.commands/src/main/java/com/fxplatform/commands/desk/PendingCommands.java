package com.fxplatform.commands.desk;

import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What executors may ask besides heartbeats (wire-contract 5.13, 5.14); all with key and secret. */
@Component(property = {
  Endpoint.ROUTE + "=GET /api/executor/{id}/commands/pending",
  Endpoint.ROUTE + "=GET /api/executor/{id}/ping",
  Endpoint.ROUTE + "=GET /api/executor/{id}/active-strategies"
})
public final class PendingCommands implements Endpoint {
  private static final int MOST = 10;

  private final CommandDesk desk;

  @Activate
  public PendingCommands(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Executor executor = desk.executor(request);
    if (request.path().endsWith("/ping")) {
      return Reply.ok(Map.of("success", true));
    }
    if (request.path().endsWith("/active-strategies")) {
      return Reply.ok(Map.of(
          "success", true, "strategies", List.of(), "count", 0,
          "message", "Strategies are started via Pusher commands from web platform"));
    }
    List<CommandRow> waiting = desk.handOut(executor, MOST, request);
    return Reply.ok(Map.of("success", true, "data", waiting.stream().map(CommandEvent::of).toList()));
  }
}
