package com.fxplatform.deploy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fxplatform.api.deploy.Deployment;
import com.fxplatform.api.deploy.Deployment.State;
import com.fxplatform.api.metrics.Meter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happened, line by line, on the disk before it happens in the house. */
final class Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final Meter DEPLOYMENTS = Meter.counter("fx_deployments_total", "States that deployments came to.", "state");
  private static final int SHOWN = 500;

  private final Path file;
  private final List<Deployment> lines = new ArrayList<>();
  private long lastId;

  Ledger(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.getParent());
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        read(line);
      }
    }
  }

  private void read(String line) {
    try {
      Map<String, String> values = new HashMap<>();
      try (JsonParser json = JSON.createParser(line)) {
        for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
          if (token == JsonToken.VALUE_STRING) {
            values.put(json.currentName(), json.getText());
          }
        }
      }
      lines.add(new Deployment(values.get("id"), values.get("name"), values.get("version"), values.get("digest"),
          State.valueOf(values.get("state")), values.get("why"), Instant.parse(values.get("at"))));
      lastId = Math.max(lastId, Long.parseLong(values.get("id")));
    } catch (IOException | RuntimeException torn) {
      // the process was killed while it wrote; the line before it counts
      LOG.warn("A line of the ledger cannot be read and is left out. file={} length={}", file, line.length());
    }
  }

  synchronized String nextId() {
    return Long.toString(++lastId);
  }

  synchronized void append(Deployment line) throws IOException {
    StringWriter text = new StringWriter();
    write(line, text);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = channel.size();
      ByteBuffer last = ByteBuffer.allocate(1);
      // a torn line must not spoil the next one
      boolean torn = end > 0 && channel.read(last, end - 1) == 1 && last.get(0) != '\n';
      channel.position(end);
      ByteBuffer bytes = ByteBuffer.wrap(((torn ? "\n" : "") + text + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    lines.add(line);
    DEPLOYMENTS.add(1, line.state().name().toLowerCase(java.util.Locale.ROOT));
  }

  static void write(Deployment line, Writer to) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(to)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeStringField("id", line.id());
      json.writeStringField("name", line.name());
      json.writeStringField("version", line.version());
      json.writeStringField("digest", line.digest());
      json.writeStringField("state", line.state().name());
      json.writeStringField("why", line.why());
      json.writeStringField("at", line.at().toString());
      json.writeEndObject();
    }
  }

  synchronized List<Deployment> lately() {
    return List.copyOf(lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()));
  }

  /** The last word about a jar. */
  synchronized Optional<Deployment> last(String digest) {
    return latest(line -> line.digest().equals(digest));
  }

  /** What stands under a name, if anything does. */
  synchronized Optional<Deployment> standing(String name) {
    return latest(line -> line.name().equals(name) && (line.state() == State.SETTLED || wasStanding(line)))
        .filter(line -> line.state() == State.SETTLED);
  }

  // the jar of a deployment may also be withdrawn before it settled, which ends nothing but that deployment
  private boolean wasStanding(Deployment line) {
    return line.state() == State.REMOVED && line.why().isEmpty();
  }

  /** What settled under a name before the present version did. */
  synchronized Optional<Deployment> before(String name, String presentDigest) {
    return latest(line -> line.name().equals(name) && line.state() == State.SETTLED && !line.digest().equals(presentDigest));
  }

  private Optional<Deployment> latest(java.util.function.Predicate<Deployment> is) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (is.test(lines.get(i))) {
        return Optional.of(lines.get(i));
      }
    }
    return Optional.empty();
  }
}
