package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import java.math.BigDecimal;

/** What a check wants to know of an order; the handler refuses what is nonsense, so that here it only must not pass. */
final class Order {
  private Order() {}

  static String symbol(Command command) {
    return command.parameters().get("symbol") instanceof String text ? text.strip() : "";
  }

  /** @throws IllegalArgumentException if there is none */
  static BigDecimal volume(Command command) {
    for (String name : new String[] {"volume", "lotSize"}) {
      Object value = command.parameters().get(name);
      if (value != null && !"".equals(value)) {
        return new BigDecimal(String.valueOf(value).strip());
      }
    }
    throw new IllegalArgumentException("The order has no volume.");
  }
}
