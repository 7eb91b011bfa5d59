package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order while the spread is too wide. */
@Component(property = SafetyCheck.ID + "=max-spread")
public final class MaxSpread implements SafetyCheck {
  private final Limits limits;
  private final Prices prices;

  @Activate
  public MaxSpread(@Reference Limits limits, @Reference Prices prices) {
    this.limits = limits;
    this.prices = prices;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<Integer> most = limits.maxSpread();
    if (most.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    return prices
        .of(Order.symbol(command))
        .flatMap(Prices.Price::spread)
        .map(
            spread ->
                spread.intValue() <= most.get()
                    ? Optional.<String>empty()
                    : Optional.of("max-spread: the spread is " + spread.toPlainString() + " points; " + most.get() + " is the limit."))
        .orElseGet(() -> Optional.of("max-spread: the terminal does not tell the spread of " + Order.symbol(command) + " now."));
  }
}
