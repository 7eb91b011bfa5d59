package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's write-ahead log: what its store was given last, line by line in a file that only grows. The store is saved
 * now and then, and may come up without its last commits after a kill; these lines bring back what it lacks. Not
 * thread-safe: the journal writes one at a time.
 */
final class Tail {
  /** One value of one map; {@code value} null for a removal. */
  interface Line {
    void read(String map, String key, String value);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
  private static final long LONGEST = 8L * 1024 * 1024;

  private final Path now;
  private final Path before;
  private RandomAccessFile file;
  private long length;
  // a full disk takes half a line, and the next one must not be its other half
  private boolean torn;

  Tail(Path folder) throws IOException {
    now = folder.resolve("commands.tail");
    before = folder.resolve("commands.tail.1");
    open();
  }

  private void open() throws IOException {
    // not a channel: that one is closed when a thread that uses it is interrupted
    file = new RandomAccessFile(now.toFile(), "rw");
    length = file.length();
    file.seek(length);
  }

  /**
   * Reads all lines, oldest first; a torn last one never happened. Returns how many there were.
   *
   * @throws IOException also for a line inside that cannot be read: it may be the one that says that an order left
   */
  int replay(Line reader) throws IOException {
    int count = 0;
    for (Path each : List.of(before, now)) {
      // not decoded as a whole: what was torn may end inside a character
      String text = Files.exists(each) ? new String(Files.readAllBytes(each), StandardCharsets.UTF_8) : "";
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
        if (!line.isEmpty()) {
          read(line, reader);
          count++;
        }
      }
    }
    return count;
  }

  private static void read(String line, Line reader) throws IOException {
    try {
      String[] parts = Journal.JSON.readValue(line, String[].class);
      reader.read(parts[0], parts[1], parts.length > 2 ? parts[2] : null);
    } catch (JsonProcessingException | RuntimeException damaged) {
      throw new IOException("A line of the journal's tail is damaged", damaged);
    }
  }

  /** Whether it is time for the store to be saved, and then for a {@link #turn}. */
  boolean isLong() {
    return length > LONGEST;
  }

  /** Begins a new file; the one before is kept, the one before that goes. */
  void turn() {
    try {
      file.close();
      try {
        Files.move(now, before, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        // what could not be moved goes on as it is, and the next change tries again
        open();
      }
    } catch (IOException stuck) {
      throw new UncheckedIOException("The command journal cannot be written: " + stuck.getMessage(), stuck);
    }
  }

  /** Whoever is killed from here on has said it. */
  void append(String map, String key, String value) {
    try {
      List<String> parts = value == null ? List.of(map, key) : List.of(map, key, value);
      byte[] line = (Journal.JSON.writeValueAsString(parts) + "\n").getBytes(StandardCharsets.UTF_8);
      if (torn) {
        file.setLength(length);
        file.seek(length);
      }
      torn = true;
      file.write(line);
      torn = false;
      length += line.length;
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
    length = 0;
  }

  void close() {
    try {
      file.close();
    } catch (IOException gone) {
      LOG.debug("The journal's tail was closed already.", gone);
    }
  }
}
