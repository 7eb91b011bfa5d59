package com.fxplatform.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last audit record that this machine wrote, beside the database and not in it: whoever can rewrite the whole chain, or
 * take its end away, cannot make it lead to this record again. Not thread-safe: the trail is written by one thread.
 */
final class AuditAnchor {
  /** A record of the chain. */
  record Point(long number, String hash) {}

  private static final Logger LOG = LoggerFactory.getLogger(AuditAnchor.class);
  private static final Pattern LINE = Pattern.compile("([0-9]{1,19}) ([0-9a-f]{64})\\s*");
  private static final Point UNREADABLE = new Point(Long.MAX_VALUE, "");

  private final Path file;
  private boolean loose;

  AuditAnchor(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** Empty if this machine has written none; what cannot be read is a record that no chain has. */
  Optional<Point> read() {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.US_ASCII));
      return Optional.of(line.matches() ? new Point(Long.parseLong(line.group(1)), line.group(2)) : UNREADABLE);
    } catch (IOException | NumberFormatException unreadable) {
      return Optional.of(UNREADABLE);
    }
  }

  /** After the record is committed: a machine that dies between the two has an anchor that is a little older. */
  void write(Point last) {
    byte[] line = String.format("%019d %s%n", last.number(), last.hash()).getBytes(StandardCharsets.US_ASCII);
    // always as long, and in one piece: a process that dies leaves the one before or this one
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(line), 0);
    } catch (IOException notNow) {
      LOG.debug("The audit trail's anchor stays where it was.", notNow);
    }
  }

  /** The chain no longer has the record: the anchor stays, so that verification says so until somebody has looked. */
  void lost() {
    if (!loose) {
      loose = true;
      LOG.error("The audit trail no longer has the last record that this machine wrote: run fx audit verify. anchor={}", file);
    }
  }
}
