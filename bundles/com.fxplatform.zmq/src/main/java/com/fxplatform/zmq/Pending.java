package com.fxplatform.zmq;

import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A request on its way. But for the futures all of it belongs to the I/O thread once it was offered to the queue. */
final class Pending {
  final TerminalRequest request;
  final Gate gate;
  final CompletableFuture<TerminalReply> future;
  final CompletableFuture<TerminalReply> settlement = new CompletableFuture<>();
  /** When its turn must have come. */
  final long limit;

  /** Asked by the link itself: nobody waits for the answer. */
  boolean own;

  /** Sent at least once, in whatever way. */
  boolean sent;

  int attempts;
  long notBefore;

  /** Of the last sending: the order of answers, the connection, the secret, and when what is due. */
  long sequence;

  int connection;
  int secretVersion;
  long sentAt;
  long replyBy;
  long callerBy;
  long giveUpAt;

  /** No answer will come on the connection it went out on. */
  boolean lost;

  /** A read whose caller has been served or has gone to another attempt. */
  boolean abandoned;

  /** Which terminal it is for, where there are several. */
  Optional<String> account = Optional.empty();

  /** Protocol 2: what it is called on the wire, the terminal's epoch it was sent in, and whether an answer is awaited. */
  String wireId = "";

  String epoch = "";
  boolean awaiting;

  /** Protocol 2: the OPEN that this QUERY asks about. */
  Pending about;

  Optional<BigDecimal> marginBefore = Optional.empty();
  Optional<String> hint = Optional.empty();

  Pending(TerminalRequest request, Gate gate, CompletableFuture<TerminalReply> future, long limit, long now) {
    this.request = request;
    this.gate = gate;
    this.future = future;
    this.limit = limit;
    this.notBefore = now;
  }

  /** The same read once more. */
  Pending again(long notBefore) {
    Pending next = new Pending(request, gate, future, limit, notBefore);
    next.attempts = attempts;
    next.sent = true;
    return next;
  }

  boolean emergency() {
    return request.lane() == Lane.EMERGENCY;
  }

  boolean opens() {
    return CompatDialect.OPEN_POSITION.equals(request.name());
  }

  boolean closes() {
    return CompatDialect.CLOSE_POSITION.equals(request.name());
  }

  /** One of the link's own PINGs; a caller's is a read like any other. */
  boolean pings() {
    return own && CompatDialect.PING.equals(request.name());
  }

  boolean trades() {
    return opens() || closes();
  }

  /** Not a read: only of protocol 2, where all of these but an OPEN may be sent again. */
  boolean changes() {
    return trades()
        || switch (request.name()) {
          case RobustDialect.MODIFY_POSITION, RobustDialect.CLOSE_ALL, RobustDialect.HALT, RobustDialect.RESUME -> true;
          default -> false;
        };
  }

  /** Two OPENs of one scope may be the same wish; while the first is unknown the second must not go out. */
  String scope() {
    Map<String, Object> given = request.parameters();
    return given.get("symbol") + "/" + given.getOrDefault(CompatDialect.STRATEGY, "");
  }

  /** When something has to be said about it if it is still in the queue. */
  long queueLimit() {
    if (closes() && sent) {
      return future.isDone() ? giveUpAt : callerBy;
    }
    return limit;
  }

  void notSent(String why) {
    future.complete(new TerminalReply(Outcome.NOT_SENT, Map.of(), Optional.of(why), Optional.empty()));
  }

  void failed(String why) {
    future.complete(new TerminalReply(Outcome.FAILED, Map.of(), Optional.of(why), Optional.empty()));
  }

  void unknown(String why) {
    future.complete(new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of(why), Optional.of(settlement)));
  }

  /** True if it settled what was told to be unknown. */
  boolean answer(TerminalReply reply) {
    return !future.complete(reply) && settlement.complete(reply);
  }
}
