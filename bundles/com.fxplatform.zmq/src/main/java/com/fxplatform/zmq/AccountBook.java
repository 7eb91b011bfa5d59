package com.fxplatform.zmq;

import com.fxplatform.api.terminal.Account;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What the terminal last told of the account, on whichever of its two legs. Thread-safe. */
final class AccountBook {
  private static final Duration POSITIONS_FRESH = Duration.ofSeconds(60);
  private static final int LONGEST_TEXT = 64;

  private Account latest;
  private Instant positionsAt = Instant.EPOCH;

  synchronized Optional<Account> latest() {
    return Optional.ofNullable(latest);
  }

  /** The answer to GET_ACCOUNT, which has figures only. Returns the margin. */
  synchronized Optional<BigDecimal> asked(Map<String, Object> data, Instant at) {
    Optional<Account> before = latest();
    boolean fresh = Duration.between(positionsAt, at).compareTo(POSITIONS_FRESH) < 0;
    latest =
        new Account(
            money(data, "balance"),
            money(data, "equity"),
            money(data, "margin"),
            money(data, "freeMargin"),
            money(data, "profit"),
            before.flatMap(Account::number),
            before.flatMap(Account::server),
            fresh ? before.flatMap(Account::openPositions) : Optional.empty(),
            at);
    return Optional.of(latest.margin());
  }

  /** An {@code account_info} that the terminal pushed. */
  synchronized void pushed(Map<String, Object> data, Instant at) {
    Optional<Integer> positions =
        data.get("openPositions") instanceof Number count ? Optional.of(count.intValue()) : Optional.empty();
    if (positions.isPresent()) {
      positionsAt = at;
    }
    latest =
        new Account(
            money(data, "balance"),
            money(data, "equity"),
            money(data, "margin"),
            money(data, "freeMargin"),
            money(data, "profit"),
            text(data, "accountNumber"),
            text(data, "server"),
            positions,
            at);
  }

  private static BigDecimal money(Map<String, Object> data, String key) {
    Object value = data.get(key);
    if (value instanceof BigDecimal exact) {
      return Math.abs((long) exact.scale()) > 20 || exact.precision() > 40 ? BigDecimal.ZERO : exact;
    }
    return value instanceof Integer || value instanceof Long ? BigDecimal.valueOf(((Number) value).longValue()) : BigDecimal.ZERO;
  }

  private static Optional<String> text(Map<String, Object> data, String key) {
    Object value = data.get(key);
    String text = value == null ? "" : value.toString();
    return text.isEmpty() ? Optional.empty() : Optional.of(text.substring(0, Math.min(text.length(), LONGEST_TEXT)));
  }
}
