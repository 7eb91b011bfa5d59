package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order while as many positions are open as allowed. */
@Component(property = SafetyCheck.ID + "=max-positions")
public final class MaxPositions implements SafetyCheck {
  private final Limits limits;
  private final OpenCount open;

  @Activate
  public MaxPositions(@Reference Limits limits, @Reference OpenCount open) {
    this.limits = limits;
    this.open = open;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    Optional<Integer> most = limits.maxPositions();
    if (most.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    int count = Math.max(account.flatMap(Account::openPositions).orElse(0), open.openOrOnTheWay(command.id()));
    return count < most.get()
        ? Optional.empty()
        : Optional.of("max-positions: " + count + " positions are open or on their way; " + most.get() + " are allowed.");
  }
}
