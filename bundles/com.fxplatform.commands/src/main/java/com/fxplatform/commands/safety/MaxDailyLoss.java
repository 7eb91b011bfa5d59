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

/** No order on a day that has lost as much as it may. */
@Component(property = SafetyCheck.ID + "=max-daily-loss")
public final class MaxDailyLoss implements SafetyCheck {
  private final Limits limits;
  private final EquityWatch equity;

  @Activate
  public MaxDailyLoss(@Reference Limits limits, @Reference EquityWatch equity) {
    this.limits = limits;
    this.equity = equity;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<BigDecimal> most = limits.maxDailyLoss();
    if (most.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    if (account.isEmpty()) {
      return Optional.of("max-daily-loss: the terminal has not told the account yet, so the loss of the day is not known.");
    }
    BigDecimal lost = equity.look(account.get()).dayStart().subtract(account.get().equity());
    return lost.compareTo(most.get()) < 0
        ? Optional.empty()
        : Optional.of("max-daily-loss: today lost " + lost.toPlainString() + "; " + most.get().toPlainString() + " is the limit of a day.");
  }
}
