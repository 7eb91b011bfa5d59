package com.fxplatform.zmq;

import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Protocol 2 as it is written (zmq-bridge 6.5); the signature and the JSON parsing are elsewhere. Pure and thread-safe. */
final class RobustDialect {
  static final String GET_POSITIONS = "GET_POSITIONS";
  static final String MODIFY_POSITION = "MODIFY_POSITION";
  static final String CLOSE_ALL = "CLOSE_ALL";
  static final String QUERY = "QUERY";
  static final String HALT = "HALT";
  static final String RESUME = "RESUME";

  private static final Set<String> KEYS = Set.of("symbol", "which", "key", "ticket", "stopLoss", "takeProfit");
  private static final Map<String, Set<String>> MORE =
      Map.of(
          GET_POSITIONS, Set.of(),
          MODIFY_POSITION, Set.of("ticket", "stopLoss", "takeProfit"),
          CLOSE_ALL, Set.of("symbol", "which"),
          QUERY, Set.of("key"),
          HALT, Set.of(),
          RESUME, Set.of());
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final List<String> ORDER =
      List.of("symbol", "action", "lotSize", "ticket", "stopLoss", "takeProfit", "timeframe", "bars", "which", "key");

  private final CompatDialect first = new CompatDialect();

  /** Whether a request can be written at all; a sentence if not. */
  Optional<String> objection(TerminalRequest request) {
    Set<String> known = MORE.get(request.name());
    if (known == null) {
      return first.objection(request);
    }
    Map<String, Object> given = request.parameters();
    for (String key : given.keySet()) {
      if (!known.contains(key)) {
        return Optional.of(request.name() + " has no parameter " + (KEYS.contains(key) ? key : "of that name") + ".");
      }
    }
    if (request.name().equals(QUERY) && !(given.get("key") instanceof String key && KEY.matcher(key).matches())) {
      return Optional.of("QUERY needs the key, the id of an OPEN_POSITION.");
    }
    Object which = given.getOrDefault("which", "losing");
    if (!which.equals("profitable") && !which.equals("losing")) {
      return Optional.of("The which must be profitable or losing.");
    }
    Optional<String> id = first.objection(with(request, CompatDialect.PING, Map.of()));
    if (id.isPresent()) {
      return id;
    }
    if (given.containsKey("symbol")) {
      id = first.objection(with(request, CompatDialect.GET_PRICE, Map.of("symbol", given.get("symbol"))));
    }
    if (id.isEmpty() && request.name().equals(MODIFY_POSITION)) {
      Map<String, Object> stops = new LinkedHashMap<>(given);
      Object ticket = stops.remove("ticket");
      stops.putAll(Map.of("symbol", "EURUSD", "action", "BUY", "lotSize", BigDecimal.ONE));
      id =
          first
              .objection(with(request, CompatDialect.CLOSE_POSITION, ticket == null ? Map.of() : Map.of("ticket", ticket)))
              .or(() -> first.objection(with(request, CompatDialect.OPEN_POSITION, stops)));
    }
    return id;
  }

  private static TerminalRequest with(TerminalRequest request, String name, Map<String, Object> parameters) {
    return new TerminalRequest(request.id(), name, parameters, request.lane(), request.deadline());
  }

  /** A command without its signature. What it is made of was checked, so that nothing needs an escape. */
  static String command(TerminalRequest request, String wireId, long seq, String epoch, long ts, long ttlMillis) {
    StringBuilder text = new StringBuilder(300);
    text.append("{\"v\":2,\"id\":\"").append(wireId).append("\",\"seq\":").append(seq);
    text.append(",\"epoch\":\"").append(epoch).append("\",\"ts\":").append(ts).append(",\"ttlMs\":").append(ttlMillis);
    text.append(",\"cmd\":\"").append(request.name()).append('"');
    Map<String, Object> given = request.parameters();
    for (String key : ORDER) {
      Object value = given.get(key);
      if (value instanceof String plain) {
        text.append(",\"").append(key).append("\":\"").append(plain).append('"');
      } else if (value instanceof BigDecimal number) {
        text.append(",\"").append(key).append("\":").append(number.toPlainString());
      } else if (value instanceof Number number) {
        text.append(",\"").append(key).append("\":").append(number.longValue());
      }
    }
    if (CompatDialect.OPEN_POSITION.equals(request.name())) {
      Object comment = given.get("comment");
      text.append(",\"comment\":\"");
      text.append(comment == null || "".equals(comment) ? CompatDialect.key(request.id()) : comment).append('"');
    }
    return text.append('}').toString();
  }

  /** What a verified reply says; empty if it cannot be the answer to this request. */
  static Optional<TerminalReply> decode(TerminalRequest request, Map<String, Object> reply) {
    Map<String, Object> data = new LinkedHashMap<>();
    if (reply.get("data") instanceof Map<?, ?> given) {
      given.forEach((key, value) -> {
        if (value != null) {
          data.put((String) key, value);
        }
      });
    }
    Optional<String> message = reply.get("message") instanceof String text ? Optional.of(text) : Optional.empty();
    if ("ERROR".equals(reply.get("status"))) {
      if (reply.get("retcode") instanceof Number retcode) {
        data.put("retcode", retcode);
      }
      return Optional.of(
          new TerminalReply(Outcome.FAILED, data, message.or(() -> Optional.of("The terminal gave no reason")), Optional.empty()));
    }
    if ("EXPIRED".equals(reply.get("status"))) {
      return Optional.of(
          new TerminalReply(
              Outcome.NOT_SENT, Map.of(), Optional.of("The terminal did not execute it: " + message.orElse("it came too late") + "."),
              Optional.empty()));
    }
    if (!"OK".equals(reply.get("status")) || !fits(request, data)) {
      return Optional.empty();
    }
    for (String key : List.of("fillPrice", "fillVolume")) {
      if (reply.get(key) instanceof Number number) {
        data.put(key, number);
      }
    }
    return Optional.of(new TerminalReply(Outcome.OK, data, Optional.empty(), Optional.empty()));
  }

  private static boolean fits(TerminalRequest request, Map<String, Object> data) {
    Map<String, Object> given = request.parameters();
    return switch (request.name()) {
      case CompatDialect.OPEN_POSITION ->
          data.get("ticket") instanceof Number ticket && ticket.longValue() > 0 && given.get("symbol").equals(data.get("symbol"));
      case CompatDialect.CLOSE_POSITION, MODIFY_POSITION ->
          data.get("ticket") instanceof Number ticket && ticket.longValue() == ((Number) given.get("ticket")).longValue();
      case CompatDialect.GET_ACCOUNT -> data.get("balance") instanceof Number && data.get("equity") instanceof Number;
      case CompatDialect.GET_PRICE -> data.get("bid") instanceof Number && given.get("symbol").equals(data.get("symbol"));
      case CompatDialect.GET_BARS -> data.get("bars") instanceof List && given.get("symbol").equals(data.get("symbol"));
      case GET_POSITIONS -> data.get("positions") instanceof List;
      case CLOSE_ALL -> data.get("closed") instanceof List;
      case QUERY -> data.get("known") instanceof Boolean;
      case HALT, RESUME -> data.get("halted") instanceof Boolean halted && halted == HALT.equals(request.name());
      default -> true;
    };
  }
}
