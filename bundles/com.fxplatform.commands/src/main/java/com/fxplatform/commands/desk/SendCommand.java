package com.fxplatform.commands.desk;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.CommandRegister;
import com.fxplatform.api.command.CommandRegister.NewCommand;
import com.fxplatform.api.command.CommandRow;
import com.fxplatform.api.command.Priority;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /api/executor/{id}/command} (wire-contract 5.7): a row first, an event second. */
@Component(property = Endpoint.ROUTE + "=POST /api/executor/{id}/command")
public final class SendCommand implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(SendCommand.class);
  private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");
  private static final String[] NAMES = CommandNames.SENDABLE.stream().sorted().toArray(String[]::new);

  private final CommandDesk desk;

  @Activate
  public SendCommand(@Reference CommandDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request, () -> closes(request));
    Executor executor = desk.own(request, caller);
    Map<String, Object> body = request.json();
    Fields fields = Fields.of(body);
    String name = fields.oneOf("command", NAMES);
    Map<String, Object> parameters = fields.maybeObject("parameters");
    String priority = fields.maybeOneOf("priority", "LOW", "NORMAL", "HIGH", "URGENT").orElse("NORMAL");
    Optional<Instant> wanted = fields.maybeText("expiresAt", 0, 40, true)
        .filter(text -> body.get("expiresAt") instanceof String)
        .flatMap(text -> instant(text, fields));
    Optional<String> idempotencyKey = request.headers().first("Idempotency-Key").map(String::trim).filter(key -> !key.isEmpty());
    if (idempotencyKey.filter(key -> key.length() > 200).isPresent()) {
      fields.wrong("Idempotency-Key", "String must contain at most 200 character(s)");
    }
    fields.check();

    Optional<Instant> expiresAt = wanted.isPresent() ? wanted : desk.expiry(name, Instant.now());
    CommandRow row = desk.register.call(register -> register.create(new NewCommand(
        executor.userId(), executor.id(), name, parameters, Priority.valueOf(priority), expiresAt, idempotencyKey)));
    if (!row.command().equals(name) || row.priority() != Priority.valueOf(priority) || !same(row.parameters(), parameters)) {
      throw new Refusal(409, "IDEMPOTENCY_CONFLICT", "This Idempotency-Key was used for another command; use a new one");
    }
    if (!CommandRegister.PENDING.equals(row.status())) {
      // asked again after it was begun or had ended: a cancelled order must not reach anybody now
      return Reply.json(201, answer(row, executor, "This command was sent before and is " + row.status()));
    }
    desk.note(AuditTrail.COMMAND_SENT, row, Optional.of(request.source()));
    boolean announced = desk.announce(row);
    LOG.info("A command was sent: command={} name={} executor={} announced={}", row.id(), name, executor.id(), announced);
    return Reply.json(201, answer(row, executor, message(CommandDesk.connected(executor), announced)));
  }

  private static Map<String, Object> answer(CommandRow row, Executor executor, String message) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", executor.id());
    about.put("name", executor.name());
    about.put("status", executor.status());
    about.put("isOnline", CommandDesk.connected(executor));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", true);
    body.put("command", row.members());
    body.put("executor", about);
    body.put("message", message);
    return body;
  }

  private static boolean closes(Request request) {
    return request.json().get("command") instanceof String name && CommandNames.CLOSING.contains(name);
  }

  private static String message(boolean online, boolean announced) {
    if (!online) {
      return "⚠️ Warning: Executor is offline. Command queued and will be delivered when executor reconnects.";
    }
    return announced
        ? "Command sent successfully via real-time channel"
        : "Command queued and will be delivered with the executor's next heartbeat";
  }

  /** Whether two JSON values mean the same, however their numbers are kept. */
  private static boolean same(Object a, Object b) {
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return left.keySet().equals(right.keySet()) && left.keySet().stream().allMatch(name -> same(left.get(name), right.get(name)));
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      return left.size() == right.size() && IntStream.range(0, left.size()).allMatch(i -> same(left.get(i), right.get(i)));
    }
    if (a instanceof Number && b instanceof Number) {
      return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
    }
    return Objects.equals(a, b);
  }

  private static Optional<Instant> instant(String text, Fields fields) {
    try {
      Instant at = Instant.parse(text);
      // years of four digits, as everywhere on the wire; no database keeps all that Instant can say
      if (!at.isBefore(Instant.EPOCH) && at.isBefore(YEAR_10000)) {
        return Optional.of(at);
      }
    } catch (DateTimeParseException malformed) {
      // said below
    }
    fields.wrong("expiresAt", "Invalid datetime");
    return Optional.empty();
  }
}
