package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;

/** What three witnesses say of the same commands: the server's rows, the executor's journal, the terminal's trade log. */
final class Evidence {
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  /** One line of the referee. */
  record Trade(String kind, String ticket, String symbol, String comment) {}

  private Evidence() {}

  static List<Trade> trades(Path log) throws IOException {
    List<Trade> trades = new ArrayList<>();
    if (Files.exists(log)) {
      String text = Files.readString(log);
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
        String[] part = line.split("\t", -1);
        if (part.length >= 12) {
          trades.add(new Trade(part[1], part[2], part[4], part[10]));
        }
      }
    }
    return trades;
  }

  /** The journal of an executor that has stopped; by command id. */
  static Map<String, JsonNode> journal(Path file) {
    Map<String, JsonNode> entries = new LinkedHashMap<>();
    try (MVStore store = new MVStore.Builder().fileName(file.toString()).readOnly().open()) {
      MVMap<String, String> commands = store.openMap("commands",
          new MVMap.Builder<String, String>().keyType(StringDataType.INSTANCE).valueType(StringDataType.INSTANCE));
      for (Map.Entry<String, String> each : commands.entrySet()) {
        entries.put(each.getKey(), Json.read(each.getValue()));
      }
    }
    return entries;
  }

  /** All rows of an executor, by id. */
  static Map<String, JsonNode> rows(Browser owner, String executor) throws IOException, InterruptedException {
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    String before = "";
    do {
      JsonNode page = owner.get("/api/executor/" + executor + "/command?limit=500" + (before.isEmpty() ? "" : "&before=" + before)).json();
      page.path("commands").forEach(row -> rows.put(row.path("id").asText(), row));
      before = page.path("before").asText("");
    } while (!before.isEmpty() && !before.equals("null"));
    return rows;
  }

  /** The mark that a position carries in its comment. */
  static String tag(String commandId) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(commandId.getBytes(StandardCharsets.UTF_8));
      StringBuilder tag = new StringBuilder("NX");
      for (int i = 0; i < 26; i++) {
        int bit = i * 5;
        int word = (hash[bit / 8] & 0xff) << 8 | hash[bit / 8 + 1] & 0xff;
        tag.append(BASE32.charAt(word >> (11 - bit % 8) & 31));
      }
      return tag.toString();
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * Compares them line by line.
   *
   * @param sent command ids by the key they were sent with
   * @return what is wrong, by kind: DOUBLE, LOST, DISAGREE
   */
  static Map<String, List<String>> compare(
      Map<String, String> sent, Map<String, JsonNode> rows, Map<String, JsonNode> journal, List<Trade> trades) {
    Map<String, List<String>> wrong = new TreeMap<>();
    for (String kind : List.of("DOUBLE", "LOST", "DISAGREE")) {
      wrong.put(kind, new ArrayList<>());
    }
    Map<String, List<Trade>> opened = new LinkedHashMap<>();
    Map<String, List<Trade>> closed = new LinkedHashMap<>();
    for (Trade trade : trades) {
      if (trade.kind().equals("OPEN")) {
        opened.computeIfAbsent(trade.comment().split(" ")[0], tag -> new ArrayList<>()).add(trade);
      } else if (trade.kind().equals("CLOSE")) {
        closed.computeIfAbsent(trade.ticket(), ticket -> new ArrayList<>()).add(trade);
      }
    }
    Map<String, String> known = new LinkedHashMap<>();
    sent.forEach((key, id) -> {
      String twice = known.put(id, key);
      if (twice != null) {
        wrong.get("DISAGREE").add("the keys " + key + " and " + twice + " are the same command " + id);
      }
      if (!rows.containsKey(id)) {
        wrong.get("LOST").add("accepted and forgotten: " + id);
      }
    });
    rows.forEach((id, row) -> {
      if (!known.containsKey(id)) {
        wrong.get("DOUBLE").add("a row that no key stands for, so a key has two: " + row);
      }
      JsonNode entry = journal.get(id);
      String status = row.path("status").asText();
      if (!List.of("executed", "failed", "expired", "cancelled", "unknown").contains(status)) {
        wrong.get("LOST").add("without an end: " + row + " journal=" + entry);
      } else if (entry == null ? !status.equals("expired") : !entry.path("status").asText().equals(status)) {
        wrong.get("DISAGREE").add("row=" + row + " journal=" + entry);
      }
      if (row.path("command").asText().equals("OPEN_POSITION")) {
        List<Trade> done = opened.getOrDefault(tag(id), List.of());
        if (done.size() > 1) {
          wrong.get("DOUBLE").add(done.size() + " positions by " + row);
        }
        boolean agreed = switch (status) {
          case "executed" -> done.size() == 1 && done.get(0).ticket().equals(row.path("result").path("ticket").asText());
          case "unknown" -> true;
          default -> done.isEmpty();
        };
        if (!agreed) {
          wrong.get("DISAGREE").add("the terminal says " + done + ", row=" + row + " journal=" + entry);
        }
      } else if (row.path("command").asText().equals("CLOSE_POSITION") && status.equals("executed")
          && !closed.containsKey(row.path("parameters").path("ticket").asText())) {
        wrong.get("DISAGREE").add("the terminal closed nothing, row=" + row);
      }
    });
    Map<String, JsonNode> byTag = new LinkedHashMap<>();
    rows.forEach((id, row) -> byTag.put(tag(id), row));
    opened.keySet().stream().filter(tag -> !byTag.containsKey(tag)).forEach(tag -> wrong.get("DOUBLE").add("nobody ordered " + opened.get(tag)));
    closed.forEach((ticket, done) -> {
      if (done.size() > 1) {
        wrong.get("DOUBLE").add("closed twice: " + done);
      }
    });
    journal.keySet().stream().filter(id -> !rows.containsKey(id)).forEach(id -> wrong.get("DISAGREE").add("only in the journal: " + journal.get(id)));
    return wrong;
  }
}
