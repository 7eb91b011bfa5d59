package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandRegister.NewCommand;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.command.Priority;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/executor/emergency-stop} (wire-contract 5.10): a row and two events for each of the user's executors,
 * on the executor's own channel; what is pending and would open, modify or start anything is cancelled. {@code PUT
 * /api/commands} with the action {@code emergency_stop} is the same, for one executor if it names one (5.11).
 */
@Component(property = {Endpoint.ROUTE + "=POST /api/executor/emergency-stop", Endpoint.ROUTE + "=PUT /api/commands"})
public final class EmergencyStop implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(EmergencyStop.class);
  private static final Set<String> STARTING = CommandNames.SENDABLE.stream()
      .filter(name -> !CommandNames.CLOSING.contains(name) && !name.equals(CommandNames.GET_STATUS))
      .collect(Collectors.toUnmodifiableSet());

  private final CommandDesk desk;

  @Activate
  public EmergencyStop(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request, () -> true);
    Fields fields = Fields.of(request.json());
    boolean older = request.method().equals("PUT");
    if (older) {
      fields.oneOf("action", "emergency_stop");
    }
    // half a character (a page cut the text in the middle of an emoji) becomes a question mark: it must not stop the stop
    String reason = new String((older ? fields.maybeText("reason", 1, 500, true).orElse("Emergency stop") : fields.text("reason", 1, 500))
        .getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    Optional<String> only = older ? fields.maybeText("executorId", 1, 64, true) : Optional.empty();
    fields.check();
    List<Executor> executors = desk.directory.<List<Executor>>call(all -> all.ofUser(caller.userId())).stream()
        .filter(executor -> only.isEmpty() || only.get().equals(executor.id()))
        .toList();
    if (executors.isEmpty()) {
      throw only.isPresent()
          ? new Refusal(404, ExecutorDirectory.EXECUTOR_NOT_FOUND, "Executor not found")
          : new Refusal(404, "NO_EXECUTORS", "No executors found");
    }
    List<Map<String, Object>> stopped = new ArrayList<>();
    List<Map<String, Object>> commands = new ArrayList<>();
    for (Executor executor : executors) {
      CommandRow row = stop(executor, reason, request);
      stopped.add(Map.of("id", executor.id(), "name", executor.name()));
      commands.add(Map.of("id", row.id(), "executorId", executor.id()));
    }
    LOG.warn("An emergency stop was ordered: user={} executors={}", caller.userId(), executors.size());
    desk.note(new AuditTrail.Entry(AuditTrail.EMERGENCY_STOP_TRIGGERED, AuditTrail.SUCCESS, Optional.of(caller.userId()),
        Optional.empty(), Optional.of(request.source()), Map.of("reason", reason, "executorCount", executors.size())));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("message", "Emergency stop sent to " + executors.size() + " executor(s)");
    body.put("executors", stopped);
    body.put("commands", commands);
    return Reply.ok(body);
  }

  private CommandRow stop(Executor executor, String reason, Request request) {
    CommandRow row = desk.register.call(register -> register.create(new NewCommand(
        executor.userId(), executor.id(), CommandNames.EMERGENCY_STOP, Map.of("reason", reason), Priority.URGENT,
        Optional.empty(), Optional.empty())));
    desk.note(AuditTrail.COMMAND_SENT, row, Optional.of(request.source()));
    desk.publisher.tryCall("", p -> p.publish("private-executor-" + executor.id(), "emergency-stop",
        Map.of("reason", reason, "initiator", "user", "commandId", row.id())));
    desk.announce(row);
    for (CommandRow cancelled : desk.register.<List<CommandRow>>call(register -> register.cancelPending(executor.id(), STARTING))) {
      desk.cancelled(cancelled, "emergency stop", request);
    }
    return row;
  }
}
