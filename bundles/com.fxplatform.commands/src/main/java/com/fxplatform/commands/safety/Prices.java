package com.fxplatform.commands.safety;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Prices for the checks that need one: as the terminal streams them, or else one question for several checks of one order. */
@Component(service = Prices.class)
public final class Prices {
  private static final Duration FRESH = Duration.ofMillis(500);
  private static final int MOST_SYMBOLS = 500;

  /**
   * @param spread in points, if the terminal tells it
   * @param at when the terminal's last tick was if it tells that ({@code time}), else since when this price has stood
   */
  record Price(BigDecimal bid, BigDecimal ask, Optional<BigDecimal> spread, Instant at, Instant asked) {}

  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final Map<String, Price> known = new ConcurrentHashMap<>();

  @Activate
  public Prices() {}

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTerminal(TerminalLink service, Map<String, ?> properties) {
    terminal.bind(service, properties);
  }

  void unbindTerminal(TerminalLink service) {
    terminal.unbind(service);
  }

  Optional<Price> of(String symbol) {
    Price last = known.get(symbol);
    Instant now = Instant.now();
    if (last != null && Duration.between(last.asked(), now).abs().compareTo(FRESH) < 0) {
      return Optional.of(last);
    }
    Optional<Price> price = streamed(symbol, now).or(() -> ask(symbol, last, now));
    if (known.size() > MOST_SYMBOLS) {
      known.clear();
    }
    price.ifPresent(p -> known.put(symbol, p));
    return price;
  }

  private Optional<Price> streamed(String symbol, Instant now) {
    return terminal.speaks("")
        ? terminal.<Optional<TerminalLink.Quote>>call(link -> link.quote(symbol))
            .map(quote -> new Price(quote.bid(), quote.ask(), Optional.of(quote.spread()), quote.at(), now))
        : Optional.empty();
  }

  private Optional<Price> ask(String symbol, Price last, Instant now) {
    if (!terminal.speaks("")) {
      return Optional.empty();
    }
    TerminalRequest request =
        new TerminalRequest("price-" + now.toEpochMilli(), "GET_PRICE", Map.of("symbol", symbol), Lane.READ, Optional.of(now.plusSeconds(5)));
    CompletableFuture<TerminalReply> asked = terminal.call(link -> link.submit(request, () -> {}));
    try {
      TerminalReply reply = asked.get(5, TimeUnit.SECONDS);
      if (reply.outcome() != Outcome.OK) {
        return Optional.empty();
      }
      BigDecimal bid = number(reply.data().get("bid"));
      BigDecimal ask = number(reply.data().get("ask"));
      if (bid == null || ask == null || bid.signum() <= 0 || ask.signum() <= 0) {
        return Optional.empty();
      }
      boolean stood = last != null && last.bid().compareTo(bid) == 0 && last.ask().compareTo(ask) == 0;
      BigDecimal time = number(reply.data().get("time"));
      Instant at = time != null && time.signum() > 0 ? Instant.ofEpochSecond(time.longValue()) : stood ? last.at() : now;
      return Optional.of(new Price(bid, ask, Optional.ofNullable(number(reply.data().get("spread"))), at, now));
    } catch (TimeoutException | ExecutionException none) {
      return Optional.empty();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static BigDecimal number(Object value) {
    return value instanceof Number number ? new BigDecimal(number.toString()) : null;
  }
}
