package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The caretaker's ledger as it grows on the disk. */
public final class LedgerFile {
  /** One line. */
  public record Line(String name, String version, String state, String why, Instant at) {}

  private final Path file;
  private final List<Line> lines = new ArrayList<>();
  private long read;

  /** @param instance the instance's folder */
  public LedgerFile(Path instance) {
    file = instance.resolve("data/deploy/ledger.jsonl");
  }

  /** All lines that are whole, from the first. */
  public List<Line> lines() throws IOException {
    if (!Files.exists(file) || Files.size(file) == read) {
      return lines;
    }
    try (RandomAccessFile from = new RandomAccessFile(file.toFile(), "r")) {
      from.seek(read);
      byte[] more = new byte[(int) (from.length() - read)];
      from.readFully(more);
      String text = new String(more, StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n') + 1;
      read += text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
      for (String line : text.substring(0, end).split("\n")) {
        if (line.startsWith("{") && line.endsWith("}")) {
          JsonNode json = Json.read(line);
          lines.add(new Line(json.path("name").asText(), json.path("version").asText(), json.path("state").asText(),
              json.path("why").asText(), Instant.parse(json.path("at").asText())));
        }
      }
    }
    return lines;
  }

  /** The lines about one jar. */
  public List<Line> of(String name, String version) throws IOException {
    return lines().stream().filter(line -> line.name().equals(name) && line.version().equals(version)).toList();
  }

  /** The last state of one jar; empty if there is none yet. */
  public String state(String name, String version) throws IOException {
    List<Line> all = of(name, version);
    return all.isEmpty() ? "" : all.get(all.size() - 1).state();
  }

  /** When a jar came to a state. */
  public Instant when(String name, String version, String state) throws IOException {
    return of(name, version).stream().filter(line -> line.state().equals(state)).map(Line::at).findFirst().orElse(Instant.MAX);
  }
}
