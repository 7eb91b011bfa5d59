package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order on a price that is too old, or that nobody knows. */
@Component(property = SafetyCheck.ID + "=stale-price")
public final class StalePrice implements SafetyCheck {
  private final Limits limits;
  private final Prices prices;

  @Activate
  public StalePrice(@Reference Limits limits, @Reference Prices prices) {
    this.limits = limits;
    this.prices = prices;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<Integer> oldest = limits.maxPriceAge();
    if (oldest.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    String symbol = Order.symbol(command);
    Optional<Prices.Price> price = prices.of(symbol);
    if (price.isEmpty()) {
      return Optional.of("stale-price: the terminal has no price of " + symbol + " now.");
    }
    long age = Duration.between(price.get().at(), Instant.now()).toSeconds();
    return age <= oldest.get()
        ? Optional.empty()
        : Optional.of("stale-price: the price of " + symbol + " has not moved for " + age + " s; " + oldest.get() + " s is the limit.");
  }
}
