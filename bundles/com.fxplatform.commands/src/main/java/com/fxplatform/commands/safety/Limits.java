package com.fxplatform.commands.safety;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The limits in force: what the platform provisions as {@code safety.*}; none unless it does. */
@Component(service = Limits.class, configurationPid = {"com.fxplatform.commands.safety", "com.fxplatform.provisioned"})
public final class Limits {
  @ObjectClassDefinition(name = "FX Platform safety limits")
  @interface Config {
    @AttributeDefinition(description = "Most lots of one order; 0 for no limit")
    String safety_maxLot() default "0";

    @AttributeDefinition(description = "Most positions open at once; 0 for no limit")
    int safety_maxPositions() default 0;

    @AttributeDefinition(description = "The symbols that may be traded; empty for all")
    String[] safety_allowedSymbols() default {};

    @AttributeDefinition(description = "Most that a day may lose, in the account's currency; 0 for no limit")
    String safety_maxDailyLoss() default "0";

    @AttributeDefinition(description = "Most that the equity may be below its highest, in percent; 0 for no limit")
    String safety_maxDrawdown() default "0";

    @AttributeDefinition(description = "Widest spread, in points as the terminal counts them; 0 for no limit")
    int safety_maxSpread() default 0;

    @AttributeDefinition(description = "When orders may go out, for example MON-FRI 08:00-17:30; empty for always")
    String[] safety_tradingHours() default {};

    @AttributeDefinition(description = "The time zone of the trading hours and of the day, for example Europe/London")
    String safety_timeZone() default "UTC";

    @AttributeDefinition(description = "Oldest price to trade on, in seconds; 0 for no limit")
    int safety_maxPriceAge() default 0;
  }

  private volatile Config config;

  @Activate
  public Limits(Config config) {
    this.config = config;
  }

  @Modified
  void modified(Config changed) {
    config = changed;
  }

  /** @throws IllegalArgumentException if it is no number: then nothing may be opened */
  Optional<BigDecimal> maxLot() {
    return amount("maxLot", config.safety_maxLot());
  }

  Optional<Integer> maxPositions() {
    return Optional.of(config.safety_maxPositions()).filter(n -> n > 0);
  }

  List<String> allowedSymbols() {
    return texts(config.safety_allowedSymbols());
  }

  Optional<BigDecimal> maxDailyLoss() {
    return amount("maxDailyLoss", config.safety_maxDailyLoss());
  }

  Optional<BigDecimal> maxDrawdown() {
    return amount("maxDrawdown", config.safety_maxDrawdown());
  }

  Optional<Integer> maxSpread() {
    return Optional.of(config.safety_maxSpread()).filter(n -> n > 0);
  }

  List<String> tradingHours() {
    return texts(config.safety_tradingHours());
  }

  ZoneId zone() {
    try {
      return config.safety_timeZone().isBlank() ? ZoneOffset.UTC : ZoneId.of(config.safety_timeZone().strip());
    } catch (DateTimeException nonsense) {
      throw new IllegalArgumentException("safety.timeZone is no time zone: " + config.safety_timeZone());
    }
  }

  Optional<Integer> maxPriceAge() {
    return Optional.of(config.safety_maxPriceAge()).filter(n -> n > 0);
  }

  /** Whether a day's loss or a drawdown is limited, so that the equity has to be watched. */
  boolean watchesEquity() {
    return maxDailyLoss().isPresent() || maxDrawdown().isPresent();
  }

  private static Optional<BigDecimal> amount(String name, String text) {
    try {
      return Optional.of(text.isBlank() ? BigDecimal.ZERO : new BigDecimal(text.strip())).filter(n -> n.signum() > 0);
    } catch (NumberFormatException nonsense) {
      throw new IllegalArgumentException("safety." + name + " is no number: " + text);
    }
  }

  /** Lists come as arrays, or as one text with commas. */
  private static List<String> texts(String[] given) {
    return Arrays.stream(given).flatMap(one -> Arrays.stream(one.split(","))).map(String::strip).filter(one -> !one.isEmpty()).toList();
  }
}
