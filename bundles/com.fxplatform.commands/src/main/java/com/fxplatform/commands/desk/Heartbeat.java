package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code POST /api/executor/{id}/heartbeat} (wire-contract 5.6): a sign of life in, waiting commands out. */
@Component(property = Endpoint.ROUTE + "=POST /api/executor/{id}/heartbeat")
public final class Heartbeat implements Endpoint {
  private static final int MOST_COMMANDS = 10;
  private static final int LONGEST = 200;

  private final CommandDesk desk;

  @Activate
  public Heartbeat(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Executor known = desk.executor(request);
    Map<String, Object> sent = body(request);
    Fields fields = Fields.of(sent);
    Optional<String> status = fields.maybeOneOf("status", "online", "offline", "error");
    Map<String, Object> metadata = fields.maybeObject("metadata");
    Map<String, Object> vitals = vitals(fields, metadata);
    Optional<TradingReport> trading = TradingReport.of(metadata);
    fields.check();
    trading.ifPresent(report -> vitals.putAll(report.vitals()));

    Instant now = Instant.now();
    Executor executor = desk.directory.call(executors -> executors.heard(known.id(), now, status, vitals));
    desk.tellStatus(executor, Map.of("executorId", executor.id(), "status", executor.status(), "timestamp", CommandEvent.text(now)));
    trading.ifPresent(report -> report.tell(desk, known, now, request.source()));
    List<CommandRow> waiting = "offline".equals(status.orElse(""))
        ? List.of()
        : desk.handOut(executor, MOST_COMMANDS, request);

    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", executor.id());
    about.put("name", executor.name());
    about.put("status", executor.status());
    about.put("lastHeartbeat", executor.lastHeartbeat());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("executor", about);
    body.put("pendingCommands", waiting.stream().map(CommandEvent::of).toList());
    body.put("timestamp", now);
    body.put("serverTime", now);
    revision(executor).ifPresent(revision -> body.put("configRevision", revision));
    return Reply.ok(body);
  }

  /** Missing and malformed JSON count as an empty object; a body that is too large does not. */
  private static Map<String, Object> body(Request request) {
    try {
      return request.body().length == 0 ? Map.of() : request.json();
    } catch (Refusal no) {
      if (Request.INVALID_JSON.equals(no.code().orElse(""))) {
        return Map.of();
      }
      throw no;
    }
  }

  private static Map<String, Object> vitals(Fields fields, Map<String, Object> given) {
    Map<String, Object> vitals = new LinkedHashMap<>();
    Fields metadata = Fields.of(given);
    for (String name : List.of("version", "platform")) {
      metadata.maybeText(name, 0, 200, false).ifPresent(value -> vitals.put(name, value));
    }
    for (String name : List.of("accountBalance", "accountEquity", "openPositions", "cpuUsage", "memoryUsage")) {
      metadata.maybeNumber(name).ifPresent(value -> vitals.put(name, value));
    }
    // ours, after the predecessor's: what its pages promised and never showed
    for (String name : List.of("brokerServer", "accountNumber")) {
      metadata.maybeText(name, 0, name.equals("accountNumber") ? 100 : LONGEST, true).ifPresent(value -> vitals.put(name, value));
    }
    fields.nested("metadata", metadata);
    // a sign of life is not refused for the length of what else it says
    for (String name : List.of("configRevision", "configState", "terminalState", "realtimeState")) {
      if (given.get(name) instanceof String text) {
        vitals.put(name, cut(text));
      }
    }
    return vitals;
  }

  /** A text, and no more of it than is kept; empty for anything else. */
  static String cut(Object given) {
    return given instanceof String text ? text.substring(0, Math.min(LONGEST, text.length())) : "";
  }

  private Optional<String> revision(Executor executor) {
    try {
      return desk.provisioning.tryCall("", provisioning -> provisioning.configFor(executor).revision());
    } catch (RuntimeException notNow) {
      // a heartbeat is accepted whatever provisioning says
      return Optional.empty();
    }
  }
}
