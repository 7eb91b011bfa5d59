package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.math.BigDecimal;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order of more lots than allowed. */
@Component(property = SafetyCheck.ID + "=max-lot")
public final class MaxLot implements SafetyCheck {
  private final Limits limits;

  @Activate
  public MaxLot(@Reference Limits limits) {
    this.limits = limits;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<BigDecimal> most = limits.maxLot();
    if (most.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    BigDecimal lots = Order.volume(command);
    return lots.compareTo(most.get()) <= 0
        ? Optional.empty()
        : Optional.of("max-lot: " + lots.toPlainString() + " lots are more than the " + most.get().toPlainString() + " allowed.");
  }
}
