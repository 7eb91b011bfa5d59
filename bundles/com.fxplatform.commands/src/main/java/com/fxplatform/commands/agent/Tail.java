package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the journal's store was given last, line by line in a file that only grows. A store whose process was killed may
 * come up without its last few commits; these lines bring them back. Not thread-safe: the journal writes one at a time.
 */
final class Tail {
  /** One value of one map; {@code value} null for a removal. */
  interface Line {
    void read(String map, String key, String value);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
  // far more than a store ever loses
  private static final long LONGEST = 8L * 1024 * 1024;

  private final Path now;
  private final Path before;
  private RandomAccessFile file;

  Tail(Path folder) throws IOException {
    now = folder.resolve("commands.tail");
    before = folder.resolve("commands.tail.1");
    open();
  }

  private void open() throws IOException {
    // not a channel: that one is closed when a thread that uses it is interrupted
    file = new RandomAccessFile(now.toFile(), "rw");
    file.seek(file.length());
  }

  /** Reads all lines, oldest first; a torn last one never happened. Returns how many there were. */
  int replay(Line reader) throws IOException {
    int count = 0;
    for (Path each : List.of(before, now)) {
      String text = Files.exists(each) ? Files.readString(each, StandardCharsets.UTF_8) : "";
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
        if (!line.isBlank() && read(line, reader)) {
          count++;
        }
      }
    }
    return count;
  }

  private static boolean read(String line, Line reader) {
    try {
      String[] parts = Journal.JSON.readValue(line, String[].class);
      reader.read(parts[0], parts[1], parts.length > 2 ? parts[2] : null);
      return true;
    } catch (JsonProcessingException | ArrayIndexOutOfBoundsException torn) {
      LOG.warn("A line of the journal's tail cannot be read; the store has it, or a later line says it again.");
      return false;
    }
  }

  /** Whoever is killed from here on has said it. */
  void append(String map, String key, String value) {
    try {
      if (file.getFilePointer() > LONGEST) {
        file.close();
        Files.move(now, before, StandardCopyOption.REPLACE_EXISTING);
        open();
      }
      List<String> parts = value == null ? List.of(map, key) : Arrays.asList(map, key, value);
      file.write((Journal.JSON.writeValueAsString(parts) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException full) {
      throw new UncheckedIOException("The command journal cannot be written: " + full.getMessage(), full);
    }
  }

  /** Even the machine may die now. */
  void force() {
    try {
      file.getFD().sync();
    } catch (IOException broken) {
      throw new UncheckedIOException("The command journal cannot be forced to disk: " + broken.getMessage(), broken);
    }
  }

  /** The store has been closed in order since, and holds all of it. */
  void clear() throws IOException {
    Files.deleteIfExists(before);
    file.setLength(0);
    file.seek(0);
  }

  void close() {
    try {
      file.close();
    } catch (IOException gone) {
      LOG.debug("The journal's tail was closed already.", gone);
    }
  }
}
