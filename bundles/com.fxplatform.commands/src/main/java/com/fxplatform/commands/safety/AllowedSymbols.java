package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order for a symbol that is not on the list. */
@Component(property = SafetyCheck.ID + "=allowed-symbols")
public final class AllowedSymbols implements SafetyCheck {
  private final Limits limits;

  @Activate
  public AllowedSymbols(@Reference Limits limits) {
    this.limits = limits;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    List<String> allowed = limits.allowedSymbols();
    if (allowed.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    String symbol = Order.symbol(command);
    return allowed.stream().anyMatch(symbol::equalsIgnoreCase)
        ? Optional.empty()
        : Optional.of("allowed-symbols: " + symbol + " is not among the symbols allowed here (" + String.join(", ", allowed) + ").");
  }
}
