package com.fxplatform.paper;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an Expert Advisor of protocol 2 does with a verified command (zmq-bridge 6.5). A change is done once per id: its
 * result is stored before it is answered, and whoever asks with the same id again is told the stored result.
 */
final class RobustAdvisor implements AutoCloseable {
  static final List<String> COMMANDS =
      List.of(
          "PING", "GET_ACCOUNT", "GET_PRICE", "GET_BARS", "GET_POSITIONS", "QUERY", "OPEN_POSITION", "MODIFY_POSITION",
          "CLOSE_POSITION", "CLOSE_ALL", "HALT", "RESUME");
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> CHANGES =
      Set.of("OPEN_POSITION", "MODIFY_POSITION", "CLOSE_POSITION", "CLOSE_ALL", "HALT", "RESUME");
  private static final String HALTED = "halted";

  private final Broker broker;
  private final ExpertAdvisor first;
  private final StoredResults results;
  private final Clock clock;
  private final Path folder;
  private boolean halted;

  /** @param folder where results and the halt survive; null for memory only */
  RobustAdvisor(Broker broker, TradeLog log, Clock clock, Path folder) {
    this.broker = broker;
    // its answers to what protocol 1 knows as well; the frame was authenticated already
    this.first = new ExpertAdvisor(broker, new AccessCheck(clock, ""));
    this.clock = clock;
    this.folder = folder;
    this.results = folder == null ? StoredResults.inMemory() : StoredResults.in(folder);
    this.halted = folder != null && Files.exists(folder.resolve(HALTED));
    for (TradeLog.Line line : log.lines()) {
      // executed, and died before the result was stored
      if (line.kind() == TradeLog.Kind.OPEN && !line.requestId().isEmpty() && results.of(line.requestId()).isEmpty()) {
        results.put(line.requestId(), opened(result(line.requestId()), line));
      }
    }
  }

  boolean durable() {
    return results.durable();
  }

  boolean halted() {
    return halted;
  }

  /** The result without its seq. {@code fresh} is false for a command whose time is over or that came out of order. */
  ObjectNode process(JsonNode command, Optional<String> staleBecause) {
    String id = command.path("id").asText();
    String name = command.path("cmd").asText();
    long received = clock.millis();
    if (CHANGES.contains(name)) {
      Optional<ObjectNode> known = results.of(id);
      if (known.isPresent()) {
        return known.get().put("replayed", true);
      }
    }
    ObjectNode result = result(id);
    if (staleBecause.isPresent()) {
      // never executed, and never will be
      return result.put("status", "EXPIRED").put("message", staleBecause.get());
    }
    result.put("tsRecv", received);
    execute(name, command, result);
    result.put("tsDone", clock.millis());
    if (CHANGES.contains(name)) {
      results.put(id, result);
    }
    return result;
  }

  private void execute(String name, JsonNode command, ObjectNode result) {
    switch (name) {
      case "OPEN_POSITION" -> open(command, result);
      case "MODIFY_POSITION" -> modify(command, result);
      case "CLOSE_POSITION" -> close(command, result);
      case "CLOSE_ALL" -> closeAll(command, result);
      case "HALT" -> halt(true, result);
      case "RESUME" -> halt(false, result);
      case "GET_POSITIONS" -> positions(ok(result).putObject("data").putArray("positions"));
      case "GET_ACCOUNT" -> account(ok(result).putObject("data"));
      case "QUERY" -> query(command, result);
      case "PING", "GET_PRICE", "GET_BARS" -> asBefore(name, command, result);
      default -> error(result, 0, "Unknown command");
    }
  }

  private void open(JsonNode command, ObjectNode result) {
    String symbol = command.path("symbol").asText();
    String action = command.path("action").asText();
    if (halted) {
      error(result, 0, "Trading is halted");
    } else if (!action.equals("BUY") && !action.equals("SELL")) {
      error(result, 0, "Invalid action: " + action.replaceAll("[^A-Za-z]", "?"));
    } else {
      double lots = command.path("lotSize").asDouble();
      Broker.Fill fill =
          broker.open(
              new Broker.Order(
                  symbol, action.equals("BUY"), lots, command.path("stopLoss").asDouble(), command.path("takeProfit").asDouble(),
                  command.path("comment").asText(), command.path("id").asText()));
      if (fill.retcode() != Broker.DONE) {
        error(result, fill.retcode(), "Trade failed: " + fill.retcode());
        return;
      }
      ok(result).put("retcode", fill.retcode()).put("ticket", fill.ticket()).put("fillPrice", fill.price()).put("fillVolume", lots);
      result.putObject("data")
          .put("ticket", fill.ticket()).put("symbol", symbol).put("action", action).put("lotSize", lots)
          .put("openPrice", fill.price()).put("stopLoss", command.path("stopLoss").asDouble())
          .put("takeProfit", command.path("takeProfit").asDouble());
    }
  }

  private static ObjectNode opened(ObjectNode result, TradeLog.Line line) {
    ok(result).put("retcode", Broker.DONE).put("ticket", line.ticket()).put("fillPrice", line.price()).put("fillVolume", line.lots());
    result.putObject("data")
        .put("ticket", line.ticket()).put("symbol", line.symbol()).put("action", line.action()).put("lotSize", line.lots())
        .put("openPrice", line.price()).put("stopLoss", line.stopLoss()).put("takeProfit", line.takeProfit());
    return result;
  }

  private void modify(JsonNode command, ObjectNode result) {
    long ticket = command.path("ticket").asLong();
    double stopLoss = command.path("stopLoss").asDouble();
    double takeProfit = command.path("takeProfit").asDouble();
    Broker.Fill fill = broker.modify(ticket, stopLoss, takeProfit, asked(command));
    if (fill.retcode() == Broker.DONE) {
      ok(result).put("retcode", fill.retcode()).put("ticket", ticket);
      result.putObject("data").put("ticket", ticket).put("stopLoss", stopLoss).put("takeProfit", takeProfit);
    } else {
      error(
          result, fill.retcode(), fill.retcode() == Broker.POSITION_CLOSED ? "Position not found" : "Modify failed: " + fill.retcode());
    }
  }

  private void close(JsonNode command, ObjectNode result) {
    long ticket = command.path("ticket").asLong();
    Optional<Position> position = broker.positions().stream().filter(each -> each.ticket() == ticket).findFirst();
    double profit = position.map(broker::profit).orElse(0.0);
    Broker.Fill fill = broker.close(ticket, asked(command));
    if (fill.retcode() == Broker.DONE) {
      ok(result).put("retcode", fill.retcode()).put("ticket", ticket).put("fillPrice", fill.price());
      result.putObject("data").put("ticket", ticket).put("closePrice", fill.price()).put("profit", profit);
    } else {
      error(
          result, fill.retcode(), fill.retcode() == Broker.POSITION_CLOSED ? "Position not found" : "Close failed: " + fill.retcode());
    }
  }

  private void closeAll(JsonNode command, ObjectNode result) {
    String symbol = command.path("symbol").asText();
    String which = command.path("which").asText();
    ObjectNode data = ok(result).putObject("data");
    ArrayNode closed = data.putArray("closed");
    ObjectNode failed = data.putObject("failed");
    for (Position each : broker.positions()) {
      double profit = broker.profit(each);
      boolean meant =
          (symbol.isEmpty() || each.instrument().name().equalsIgnoreCase(symbol))
              && (which.isEmpty() || which.equals("profitable") && profit > 0 || which.equals("losing") && profit < 0);
      if (meant) {
        Broker.Fill fill = broker.close(each.ticket(), asked(command));
        if (fill.retcode() == Broker.DONE) {
          closed.add(each.ticket());
        } else {
          failed.put(Long.toString(each.ticket()), "Close failed: " + fill.retcode());
        }
      }
    }
  }

  private void halt(boolean on, ObjectNode result) {
    if (folder != null) {
      try {
        if (on) {
          Files.write(folder.resolve(HALTED), new byte[0]);
        } else {
          Files.deleteIfExists(folder.resolve(HALTED));
        }
      } catch (IOException failed) {
        throw new UncheckedIOException("The halt cannot be written: " + failed.getMessage(), failed);
      }
    }
    halted = on;
    ok(result).putObject("data").put("halted", on);
  }

  private void query(JsonNode command, ObjectNode result) {
    Optional<ObjectNode> known = results.of(command.path("key").asText());
    ObjectNode data = ok(result).putObject("data").put("known", known.isPresent());
    known.ifPresent(stored -> data.set("result", stored));
  }

  private void positions(ArrayNode to) {
    for (Position each : broker.positions()) {
      to.addObject()
          .put("ticket", each.ticket()).put("symbol", each.instrument().name()).put("action", each.buy() ? "BUY" : "SELL")
          .put("lotSize", each.lots()).put("openPrice", each.openPrice()).put("stopLoss", each.stopLoss())
          .put("takeProfit", each.takeProfit()).put("profit", broker.profit(each)).put("comment", each.comment())
          .put("requestId", each.requestId()).put("openTime", each.openedAt().toEpochMilli());
    }
  }

  /** What a heartbeat tells of the account as well. */
  void account(ObjectNode to) {
    Broker.Figures figures = broker.account();
    to.put("balance", cents(figures.balance())).put("equity", cents(figures.equity())).put("margin", cents(figures.margin()))
        .put("freeMargin", cents(figures.freeMargin())).put("profit", cents(figures.profit()))
        .put("currency", "USD").put("leverage", Broker.LEVERAGE);
  }

  private static double cents(double amount) {
    return Math.rint(amount * 100) / 100;
  }

  /** As protocol 1 answers it: the substring reader needs its own way of writing. */
  private void asBefore(String name, JsonNode command, ObjectNode result) {
    StringBuilder request = new StringBuilder("{\"command\":\"").append(name).append('"');
    for (String key : List.of("symbol", "timeframe")) {
      String value = command.path(key).asText().replaceAll("[^A-Za-z0-9._#+-]", "?");
      if (!value.isEmpty()) {
        request.append(",\"").append(key).append("\":\"").append(value).append('"');
      }
    }
    request.append(",\"bars\":").append(command.path("bars").asInt()).append('}');
    try {
      ObjectNode answer = (ObjectNode) JSON.readTree(first.process(request.toString()));
      if (!answer.path("status").asText().equals("OK")) {
        error(result, answer.path("error").asInt(), answer.path("message").asText());
        return;
      }
      ok(result);
      if (answer.has("data")) {
        result.set("data", answer.get("data"));
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static ObjectNode result(String id) {
    return JSON.createObjectNode().put("v", 2).put("id", id);
  }

  private static ObjectNode ok(ObjectNode result) {
    return result.put("status", "OK");
  }

  private static void error(ObjectNode result, int retcode, String message) {
    result.put("status", "ERROR").put("retcode", retcode).put("message", message);
  }

  /** What the platform calls it: behind the tilde the bridge counts how often it was asked for. */
  private static String asked(JsonNode command) {
    String id = command.path("id").asText();
    int at = id.indexOf('~');
    return at < 0 ? id : id.substring(0, at);
  }

  /** Why a command comes too late; empty if it does not. */
  Optional<String> expired(JsonNode command) {
    long now = clock.millis();
    long sent = command.path("ts").asLong();
    if (Math.abs(now - sent) > Duration.ofSeconds(30).toMillis()) {
      return Optional.of("The clocks of terminal and executor differ by " + Math.abs(now - sent) / 1000 + " s: set them");
    }
    return now > sent + command.path("ttlMs").asLong(Long.MAX_VALUE / 2) ? Optional.of("Its time was over") : Optional.empty();
  }

  @Override
  public void close() {
    results.close();
  }
}
