package com.fxplatform.api.terminal;

import com.fxplatform.api.command.Gate;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The bridge to the MT5 terminal, or to several of them. Thread-safe; nothing here blocks. The queue in front of the terminal is bounded: a
 * request that does not fit is answered {@code NOT_SENT} at once.
 */
@ProviderType
public interface TerminalLink {
  /** How the terminal is, measured and not assumed. */
  enum State {
    /** Not configured yet. */
    IDLE,
    /** No connection. */
    DISCONNECTED,
    /** Connected, but it answers nothing: the Expert Advisor is wedged or the terminal frozen. */
    SILENT,
    /** It refuses our shared secret; nothing is sent until the secret changes or the lock is over. */
    AUTHENTICATION_FAILED,
    /** It answers. */
    READY
  }

  /**
   * What a person wants to know of the link.
   *
   * @param state how it is
   * @param since since when
   * @param detail one sentence with the remedy if there is something to remedy
   */
  record Status(State state, Instant since, String detail) {}

  /**
   * Sends a request as soon as it is its turn.
   *
   * @param gate passed immediately before the request leaves, on the link's own thread; what it throws means NOT_SENT
   * @return completes exactly once, never exceptionally; callbacks must not block
   */
  CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate);

  Status status();

  /**
   * Whether the terminal knows a request that not every Expert Advisor knows (see {@link TerminalRequest}). One it does
   * not know is answered {@code NOT_SENT} at once.
   */
  default boolean knows(String name) {
    return false;
  }

  /**
   * A price that the terminal streams.
   *
   * @param spread in points
   * @param at when the price last moved, by our clock
   */
  record Quote(BigDecimal bid, BigDecimal ask, BigDecimal spread, Instant at) {}

  /**
   * The price of a symbol as the terminal streams it, no older than two seconds of silence; empty for one that streams none. Who
   * asks for a symbol orders it: the first answer is empty, and {@code GET_PRICE} is there for that.
   */
  default Optional<Quote> quote(String symbol) {
    return Optional.empty();
  }

  /** What the terminal last told of the account; of several terminals the one that requests without an account go to. */
  Optional<Account> account();
}
