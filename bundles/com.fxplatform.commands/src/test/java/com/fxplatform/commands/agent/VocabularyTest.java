package com.fxplatform.commands.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.StrategyRunner;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every command name of the wire is done or refused with a reason; the emergency stop goes on until it is proven. */
@Timeout(60)
class VocabularyTest {
  @TempDir Path folder;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(folder);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Entry run(String id, String name, String parameters) {
    rig.event("{\"id\":\"" + id + "\",\"command\":\"" + name + "\",\"parameters\":{" + parameters + "}}");
    return rig.reported(id);
  }

  private String open(String id, String type, String strategy) {
    rig.event(
        "{\"id\":\"" + id + "\",\"command\":\"OPEN_POSITION\",\"parameters\":{\"symbol\":\"EURUSD\",\"type\":\"" + type
            + "\",\"volume\":0.1" + (strategy.isEmpty() ? "" : ",\"strategyId\":\"" + strategy + "\"") + "}}");
    return String.valueOf(rig.reported(id).result().get("ticket"));
  }

  @Test
  void everyNameOfTheWireEndsWithAWordAndAReason() {
    TreeSet<String> names = new TreeSet<>(CommandNames.SENDABLE);
    names.addAll(List.of("EMERGENCY_STOP", "PING", "GET_POSITIONS", "GET_ACCOUNT_INFO"));
    assertEquals(22, names.size());
    for (String name : names) {
      Entry entry = run("all-" + name, name, "");
      assertTrue(List.of("executed", "failed").contains(entry.status()), name + ": " + entry);
      String error = String.valueOf(entry.result().get("error"));
      assertFalse(error.contains("does not know the command"), name + ": " + error);
      assertTrue(entry.status().equals("executed") || error.endsWith("."), name + ": " + error);
    }
  }

  @Test
  void modifyMovesTheStops() {
    assertEquals("executed", run("m", "MODIFY_POSITION", "\"ticket\":7,\"stopLoss\":1.05").status());
    assertEquals(Map.of("ticket", 7L, "stopLoss", new BigDecimal("1.05")), rig.terminal.sent("MODIFY_POSITION").get(0).parameters());
    assertEquals("failed", run("m2", "MODIFY_POSITION", "\"ticket\":7").status());
    rig.terminal.answers = r -> Rig.failed("Unknown command");
    assertEquals("Unknown command", run("m3", "MODIFY_POSITION", "\"ticket\":7,\"takeProfit\":2").result().get("error"));
  }

  @Test
  void aPauseKeepsOrdersBackOverARestartButNotClosing() {
    String ticket = open("o", "BUY", "");
    assertEquals("executed", run("p", "PAUSE", "").status());
    rig.close();
    rig = new Rig(folder);
    rig.event(Rig.open("o2"));
    assertTrue(String.valueOf(rig.reported("o2").result().get("error")).contains("paused"));
    assertEquals("executed", run("c", "CLOSE_POSITION", "\"ticket\":" + ticket).status());
    assertEquals("executed", run("r", "RESUME", "").status());
    rig.event(Rig.open("o3"));
    assertEquals("executed", rig.reported("o3").status());
  }

  @Test
  void profitsAndLossesAreToldApartByThePriceWhereTheTerminalListsNothing() {
    String winner = open("w", "BUY", "");
    String loser = open("l", "SELL", "");
    rig.terminal.answers = r -> r.name().equals("GET_PRICE") ? price("1.20", "1.21") : Rig.FakeTerminal.usual(r);
    assertEquals("failed", run("much", "CLOSE_PROFITABLE", "\"minProfit\":50").status(), "amounts are not known here");
    assertEquals(List.of(winner), closed(run("cp", "CLOSE_PROFITABLE", "\"minProfit\":0")));
    assertEquals(List.of(loser), closed(run("cl", "CLOSE_LOSING", "")));
    assertTrue(rig.journal.positions().isEmpty());
  }

  @Test
  void aTerminalThatListsIsBelieved() {
    String ours = open("o", "BUY", "s1");
    List<Map<String, Object>> listed = new CopyOnWriteArrayList<>();
    listed.add(row(ours, "7.5"));
    listed.add(row("77", "-60"));
    listed.add(row("78", "-5"));
    rig.terminal.answers = listing(listed, rig.terminal.answers);
    assertEquals(3, ((List<?>) data(run("gp", "GET_POSITIONS", "")).get("positions")).size());
    assertEquals(List.of("77"), closed(run("cl", "CLOSE_LOSING", "\"maxLoss\":-50")));
    listed.removeIf(r -> r.get("ticket").equals(77L));
    assertEquals(List.of(ours), closed(run("cs", "CLOSE_BY_STRATEGY", "\"strategyId\":\"s1\"")));
    listed.removeIf(r -> r.get("ticket").equals(Long.valueOf(ours)));
    assertEquals(List.of("78"), closed(run("ca", "CLOSE_ALL_POSITIONS", "")), "also what we did not open");
  }

  @Test
  void strategiesAreHandedToARunnerAndAgainAfterARestart() {
    Entry refused = run("s0", "START_STRATEGY", "\"strategyId\":\"s1\",\"symbol\":\"EURUSD\"");
    assertTrue(String.valueOf(refused.result().get("error")).contains("runs no strategies"));
    List<String> told = new CopyOnWriteArrayList<>();
    StrategyRunner runner = s -> {
      told.add(s.id() + " " + s.wanted() + " " + s.definition().get("symbol"));
      return s.id().equals("bad") ? Optional.of("No such rule.") : Optional.empty();
    };
    rig.strategies.bindRunner(runner, Map.of("service.id", 50L));
    assertEquals("executed", run("s1", "START_STRATEGY", "\"strategyId\":\"s1\",\"symbol\":\"EURUSD\"").status());
    assertEquals("executed", run("s2", "PAUSE_STRATEGY", "\"strategyId\":\"s1\"").status());
    assertEquals("No such rule.", run("s3", "START_STRATEGY", "\"strategy\":{\"id\":\"bad\"}").result().get("error"));
    assertEquals(List.of("s1 RUNNING EURUSD", "s1 PAUSED EURUSD", "bad RUNNING null"), told);
    told.clear();
    rig.close();
    rig = new Rig(folder);
    rig.strategies.bindRunner(runner, Map.of("service.id", 51L));
    Rig.until(() -> told.contains("s1 PAUSED EURUSD"), () -> "not handed over: " + told);
    String ticket = open("so", "BUY", "s1");
    assertEquals(List.of(ticket), closed(run("s5", "STOP_STRATEGY", "\"strategyId\":\"s1\"")), "its positions are closed");
  }

  @Test
  void anEmergencyStopGoesOnUntilTheTerminalProvesItAndOverARestart() {
    String ticket = open("o", "BUY", "");
    Function<com.fxplatform.api.terminal.TerminalRequest, TerminalReply> away =
        r -> new TerminalReply(Outcome.NOT_SENT, Map.of(), Optional.of("The terminal is away."), Optional.empty());
    rig.terminal.answers = away;
    rig.event("{\"id\":\"stop\",\"command\":\"EMERGENCY_STOP\"}");
    Entry told = rig.reported("stop");
    assertEquals("unknown", told.status());
    assertTrue(told.result().get("error").toString().contains("goes on"), told.toString());
    assertEquals(org.apache.felix.hc.api.Result.Status.CRITICAL, rig.stop.execute().getStatus());
    rig.close();
    rig = new Rig(folder, List.of(), r -> r.terminal.answers = away);
    Rig.until(() -> rig.terminal.sent("CLOSE_POSITION").size() > 1, () -> "it does not go on after a restart");
    assertFalse(rig.journal.halted().orElseThrow().flat());
    rig.terminal.answers = Rig.FakeTerminal::usual;
    Rig.until(() -> rig.entry("stop").status().equals("executed"), () -> "not settled: " + rig.entry("stop"));
    assertEquals(Map.of(ticket, "closed"), data(rig.reported("stop")).get("positions"));
    assertTrue(rig.journal.halted().orElseThrow().flat());
    assertTrue(rig.journal.positions().isEmpty());
    rig.event(Rig.open("no"));
    assertEquals("failed", rig.reported("no").status(), "halted until resumed");
  }

  @Test
  void marginInUseIsNoProof() {
    rig.terminal.answers =
        r -> r.name().equals("GET_ACCOUNT") ? Rig.ok(Map.of("balance", 1, "equity", 1, "margin", new BigDecimal("12.5"))) : Rig.FakeTerminal.usual(r);
    rig.event("{\"id\":\"stop\",\"command\":\"EMERGENCY_STOP\"}");
    assertEquals("unknown", rig.reported("stop").status());
    assertTrue(rig.stop.report().get("detail").toString().contains("12.5"), rig.stop.report().toString());
    rig.terminal.answers = Rig.FakeTerminal::usual;
    Rig.until(() -> rig.entry("stop").status().equals("executed"), () -> "not settled: " + rig.entry("stop"));
  }

  @Test
  void aNoteLeftWhileNothingRanHaltsFirst() throws Exception {
    rig.close();
    Files.writeString(folder.resolve(Journal.STOP_NOTE), "left overnight");
    rig = new Rig(folder);
    Rig.until(() -> rig.journal.halted().isPresent(), () -> "not halted");
    assertEquals("left overnight", rig.journal.halted().orElseThrow().reason());
    Rig.until(() -> !Files.exists(folder.resolve(Journal.STOP_NOTE)), () -> "the note stays");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> data(Entry entry) {
    return (Map<String, Object>) entry.result().getOrDefault("data", new LinkedHashMap<>());
  }

  private static List<String> closed(Entry entry) {
    return ((List<?>) data(entry).get("closed")).stream().map(String::valueOf).toList();
  }

  private static TerminalReply price(String bid, String ask) {
    return Rig.ok(Map.of("symbol", "EURUSD", "bid", new BigDecimal(bid), "ask", new BigDecimal(ask), "spread", 2));
  }

  private static Map<String, Object> row(String ticket, String profit) {
    return Map.of("ticket", Long.valueOf(ticket), "symbol", "EURUSD", "type", "BUY", "volume", new BigDecimal("0.1"), "profit", new BigDecimal(profit));
  }

  private static Function<com.fxplatform.api.terminal.TerminalRequest, TerminalReply> listing(
      List<Map<String, Object>> listed, Function<com.fxplatform.api.terminal.TerminalRequest, TerminalReply> usual) {
    return r -> r.name().equals("GET_POSITIONS") ? Rig.ok(Map.of("positions", new ArrayList<>(listed))) : usual.apply(r);
  }
}
