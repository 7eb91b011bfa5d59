package com.fxplatform.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  private final Path file;
  private boolean loose;

  AuditAnchor(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** Empty if this machine has written none; whoever can make the file unreadable can also remove it. */
  Optional<Point> read() {
    try {
      Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      return line.matches() ? Optional.of(new Point(Long.parseLong(line.group(1)), line.group(2))) : Optional.empty();
    } catch (IOException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  /** After the record is committed: a machine that dies between the two has an anchor that is a little older. */
  void write(Point last) {
    try {
      // in one piece: a verification may read it at the same moment
      Path next = Files.createTempFile(file.getParent(), ".audit-anchor", ".new");
      try {
        Files.writeString(next, last.number() + " " + last.hash() + "\n", StandardCharsets.US_ASCII);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(next);
      }
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
