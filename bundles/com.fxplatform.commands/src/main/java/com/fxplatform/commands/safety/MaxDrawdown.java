package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order while the equity is too far below its highest. */
@Component(property = SafetyCheck.ID + "=max-drawdown")
public final class MaxDrawdown implements SafetyCheck {
  private final Limits limits;
  private final EquityWatch equity;

  @Activate
  public MaxDrawdown(@Reference Limits limits, @Reference EquityWatch equity) {
    this.limits = limits;
    this.equity = equity;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<BigDecimal> most = limits.maxDrawdown();
    if (most.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    if (account.isEmpty()) {
      return Optional.of("max-drawdown: the terminal has not told the account yet, so the drawdown is not known.");
    }
    BigDecimal peak = equity.look(account.get()).peak();
    if (peak.signum() <= 0) {
      return Optional.of("max-drawdown: the account has no equity.");
    }
    BigDecimal percent =
        peak.subtract(account.get().equity()).multiply(BigDecimal.valueOf(100)).divide(peak, 2, RoundingMode.HALF_UP);
    return percent.compareTo(most.get()) < 0
        ? Optional.empty()
        : Optional.of("max-drawdown: the equity is " + percent.toPlainString() + " % below its highest; " + most.get().toPlainString() + " % is the limit.");
  }
}
