package com.fxplatform.paper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What became of the last 1000 changes, by the id they were asked with, on disk before they are answered: asked again, the
 * terminal says the same again and does nothing. Used by one thread.
 */
final class StoredResults implements AutoCloseable {
  static final String FILE = "results.log";
  private static final int MOST = 1000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, ObjectNode> results =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ObjectNode> eldest) {
          return size() > MOST;
        }
      };
  private final FileChannel file;

  private StoredResults(Map<String, ObjectNode> known, FileChannel file) {
    results.putAll(known);
    this.file = file;
  }

  static StoredResults inMemory() {
    return new StoredResults(Map.of(), null);
  }

  /** Those in a folder; a torn last line never happened, and the trade log knows better. */
  static StoredResults in(Path folder) {
    try {
      Files.createDirectories(folder);
      Path path = folder.resolve(FILE);
      StoredResults known = inMemory();
      if (Files.exists(path)) {
        for (String line : Files.readString(path, StandardCharsets.UTF_8).split("\n")) {
          if (read(line) instanceof ObjectNode result && result.hasNonNull("id")) {
            known.results.put(result.get("id").asText(), result);
          }
        }
      }
      Path fresh = folder.resolve(FILE + ".new");
      StringBuilder kept = new StringBuilder();
      known.results.values().forEach(result -> kept.append(result).append('\n'));
      Files.writeString(fresh, kept, StandardCharsets.UTF_8);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new StoredResults(known.results, FileChannel.open(path, StandardOpenOption.APPEND));
    } catch (IOException failed) {
      throw new UncheckedIOException("The results in " + folder + " cannot be opened: " + failed.getMessage(), failed);
    }
  }

  private static Object read(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException torn) {
      return "";
    }
  }

  /** Whether a restarted terminal still knows them. */
  boolean durable() {
    return file != null;
  }

  Optional<ObjectNode> of(String id) {
    return Optional.ofNullable(results.get(id)).map(ObjectNode::deepCopy);
  }

  void put(String id, ObjectNode result) {
    ObjectNode kept = result.deepCopy();
    results.put(id, kept);
    if (file != null) {
      ByteBuffer line = ByteBuffer.wrap((kept + "\n").getBytes(StandardCharsets.UTF_8));
      try {
        while (line.hasRemaining()) {
          file.write(line);
        }
      } catch (IOException failed) {
        throw new UncheckedIOException("The results cannot be written: " + failed.getMessage(), failed);
      }
    }
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
