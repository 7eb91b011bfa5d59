package com.fxplatform.commands.agent;

import com.fxplatform.api.command.CommandResult;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Where this room's handlers ask the terminal; there is one only where there is a journal. */
@Component(service = TerminalDesk.class)
public final class TerminalDesk {
  private static final Gate OPEN_GATE = () -> {};

  private final Roster<TerminalLink> links = new Roster<>(Duration.ofSeconds(5));
  // completed when those who wait for the terminal shall wait no longer; interrupting them would close the journal's file
  private volatile CompletableFuture<Void> stopping = new CompletableFuture<>();
  // late answers write to the journal, which the link's own threads must not wait for
  private final ExecutorService late = Executors.newSingleThreadExecutor(Agent.named("fx-commands-late"));

  @Activate
  public TerminalDesk(@Reference Journal journal) {}

  @Deactivate
  void close() {
    stop();
    late.shutdown();
  }

  void begin() {
    if (stopping.isDone()) {
      stopping = new CompletableFuture<>();
    }
  }

  void stop() {
    stopping.complete(null);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindLink(TerminalLink service, Map<String, ?> properties) {
    links.bind(service, properties);
  }

  void unbindLink(TerminalLink service) {
    links.unbind(service);
  }

  Optional<Account> account() {
    return links.speaks("") ? links.call(TerminalLink::account) : Optional.empty();
  }

  Optional<TerminalLink.Status> status() {
    return links.speaks("") ? Optional.of(links.call(TerminalLink::status)) : Optional.empty();
  }

  CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
    if (!links.speaks("")) {
      return CompletableFuture.completedFuture(
          new TerminalReply(Outcome.NOT_SENT, Map.of(), Optional.of("No terminal bridge is running on this executor."), Optional.empty()));
    }
    return links.call(link -> link.submit(request, gate));
  }

  /** Asks something that changes nothing. */
  CompletableFuture<TerminalReply> ask(String id, String name, Lane lane) {
    return submit(new TerminalRequest(id, name, Map.of(), lane, Optional.empty()), OPEN_GATE);
  }

  /** The price of a symbol now; waits for at most five seconds. */
  TerminalReply price(String id, String symbol) {
    TerminalRequest request = new TerminalRequest(id, "GET_PRICE", Map.of("symbol", symbol), Lane.READ, Optional.empty());
    return await(submit(request, OPEN_GATE), Duration.ofSeconds(5));
  }

  /** Closes a ticket for a reason of ours. */
  CompletableFuture<TerminalReply> closeNow(String id, String ticket) {
    return submit(close(id, ticket, Lane.EMERGENCY), OPEN_GATE);
  }

  static TerminalRequest close(String id, String ticket, Lane lane) {
    return new TerminalRequest(id, "CLOSE_POSITION", Map.of("ticket", Long.valueOf(ticket)), lane, Optional.empty());
  }

  /** Waits for an answer; one that does not come in time is UNKNOWN and may still settle. */
  TerminalReply await(CompletableFuture<TerminalReply> reply, Duration patience) {
    try {
      CompletableFuture.anyOf(reply, stopping).get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return reply.isDone() ? reply.get() : unknown(reply, "The executor stopped while the terminal worked on it.");
    } catch (TimeoutException none) {
      return unknown(reply, "The terminal did not answer in time.");
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return unknown(reply, "The executor stopped while the terminal worked on it.");
    } catch (ExecutionException bug) {
      return unknown(reply, "The terminal bridge failed.");
    }
  }

  private static TerminalReply unknown(CompletableFuture<TerminalReply> reply, String why) {
    return new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of(why), Optional.of(reply));
  }

  /** Makes a result of a reply, and of its settlement if that comes later. */
  CommandResult result(TerminalReply reply, Function<TerminalReply, CommandResult> known) {
    if (reply.outcome() != Outcome.UNKNOWN) {
      return known.apply(reply);
    }
    Executor room =
        work -> {
          try {
            late.execute(work);
          } catch (RejectedExecutionException closing) {
            // after the end there is no journal to write to; the next start reports it as unknown
            Thread.onSpinWait();
          }
        };
    return CommandResult.unknown(
        reply.error().orElse("The terminal did not answer."),
        reply.settlement().map(later -> later.thenApplyAsync(settled -> result(settled, known), room)).orElse(null));
  }

  /** Waits a little; false if the room closes. */
  boolean pause(long millis) {
    try {
      stopping.get(millis, TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException over) {
      return true;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException never) {
      return false;
    }
  }

  static String error(TerminalReply reply) {
    return reply.error().orElse("The terminal gave no reason.");
  }

  /** A positive whole number, written as one or as text. */
  static Optional<String> ticket(Object value) {
    return number(value)
        .filter(n -> n.signum() > 0 && n.stripTrailingZeros().scale() <= 0 && n.precision() - n.scale() <= 18)
        .map(n -> n.toBigInteger().toString());
  }

  static Optional<BigDecimal> number(Object value) {
    try {
      if (value instanceof Number || (value instanceof String text && text.strip().matches("[0-9]{1,18}(\\.[0-9]{1,10})?"))) {
        return Optional.of(new BigDecimal(String.valueOf(value).strip()));
      }
    } catch (NumberFormatException notFinite) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
