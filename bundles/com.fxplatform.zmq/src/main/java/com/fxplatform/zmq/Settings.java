package com.fxplatform.zmq;

import com.fxplatform.api.terminal.TerminalRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a link needs to know, checked.
 *
 * @param endpoint where the terminal listens; empty while nobody told us
 * @param secret empty for no authentication
 * @param commandTimeout the longest a request without a deadline waits for its turn, and a close for its answer
 * @param replyTimeout how long an answer may take
 * @param accountInterval how often the account is asked for when nothing else is to do; zero for never
 */
record Settings(
    Optional<String> endpoint, String secret, Duration commandTimeout, Duration replyTimeout, Duration accountInterval) {
  static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
  static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);
  static final Duration ACCOUNT_INTERVAL = Duration.ofSeconds(5);

  private static final Pattern HOST = Pattern.compile("(?:tcp://)?([A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+])(?::(\\d{1,5}))?/?");

  private static final Duration OPEN_STALE = Duration.ofSeconds(10);

  /** How long a request may wait for its turn, in nanoseconds. */
  static long patience(TerminalRequest request, Duration commandTimeout, Instant now) {
    if (request.deadline().isPresent()) {
      Duration left = Duration.between(now, request.deadline().get());
      // a day is for ever here, and nanoseconds overflow after 292 years
      return left.compareTo(Duration.ofDays(1)) > 0 ? Duration.ofDays(1).toNanos() : left.toNanos();
    }
    boolean opens = CompatDialect.OPEN_POSITION.equals(request.name());
    return (opens && commandTimeout.compareTo(OPEN_STALE) > 0 ? OPEN_STALE : commandTimeout).toNanos();
  }

  static Settings idle() {
    return new Settings(Optional.empty(), "", COMMAND_TIMEOUT, REPLY_TIMEOUT, ACCOUNT_INTERVAL);
  }

  /** Empty for no or no sensible host. A port written with the host wins over the other one. */
  static Optional<String> endpoint(String host, int port) {
    Matcher parts = HOST.matcher(host);
    if (!parts.matches()) {
      return Optional.empty();
    }
    // "localhost" may be ::1, where no Expert Advisor listens
    String name = "localhost".equalsIgnoreCase(parts.group(1)) ? "127.0.0.1" : parts.group(1);
    int chosen = parts.group(2) == null ? port : Integer.parseInt(parts.group(2));
    return chosen < 1 || chosen > 65535 ? Optional.empty() : Optional.of("tcp://" + name + ":" + chosen);
  }

  @Override
  public String toString() {
    return "Settings[endpoint=" + endpoint.orElse("none") + ", secret=" + (secret.isEmpty() ? "none" : "set") + "]";
  }
}
