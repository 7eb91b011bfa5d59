package com.fxplatform.provisioning.standard;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Limits and the dead man's switch of every executor; says nothing at all until something is set. */
@Component(
    property = {ConfigPlugin.ID + "=fx.safety", "service.ranking:Integer=5"},
    configurationPid = "com.fxplatform.provisioning.safety")
@Designate(ocd = SafetyPlugin.Config.class)
public final class SafetyPlugin implements ConfigPlugin {
  private static final Pattern HOURS = Pattern.compile("(?i)(?:[a-z]{3}(?:-[a-z]{3})?\\s+)?\\d{2}:\\d{2}-\\d{2}:\\d{2}");
  private static final List<String> ACTIONS = List.of("none", "halt", "close-all");

  @ObjectClassDefinition(name = "FX Platform standard settings: safety")
  @interface Config {
    @AttributeDefinition(description = "Most lots of one order; 0 for no limit")
    String maxLot() default "0";

    @AttributeDefinition(description = "Most positions open at once; 0 for no limit")
    int maxPositions() default 0;

    @AttributeDefinition(description = "The symbols that may be traded, separated by commas; empty for all")
    String[] allowedSymbols() default {};

    @AttributeDefinition(description = "Most that a day may lose, in the account's currency; 0 for no limit")
    String maxDailyLoss() default "0";

    @AttributeDefinition(description = "Most that the equity may be below its highest, in percent; 0 for no limit")
    String maxDrawdown() default "0";

    @AttributeDefinition(description = "Widest spread in points; 0 for no limit")
    int maxSpread() default 0;

    @AttributeDefinition(description = "When orders may go out: MON-FRI 08:00-17:30, several separated by commas; empty for always")
    String[] tradingHours() default {};

    @AttributeDefinition(description = "The time zone of the hours and of the day")
    String timeZone() default "UTC";

    @AttributeDefinition(description = "Oldest price to trade on, in seconds; 0 for no limit")
    int maxPriceAge() default 0;

    @AttributeDefinition(description = "Minutes without the platform after which an executor acts by itself; 0 for never")
    int deadManMinutes() default 0;

    @AttributeDefinition(description = "What it does then: none, halt (no new orders) or close-all")
    String deadManAction() default "halt";
  }

  private volatile Map<String, Object> values;

  @Activate
  public SafetyPlugin(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    Map<String, Object> safety = new LinkedHashMap<>();
    amount(safety, "maxLot", config.maxLot());
    count(safety, "maxPositions", config.maxPositions());
    texts(safety, "allowedSymbols", config.allowedSymbols());
    amount(safety, "maxDailyLoss", config.maxDailyLoss());
    amount(safety, "maxDrawdown", config.maxDrawdown());
    count(safety, "maxSpread", config.maxSpread());
    texts(safety, "tradingHours", config.tradingHours());
    count(safety, "maxPriceAge", config.maxPriceAge());
    if (safety.get("tradingHours") instanceof List<?> hours && !hours.stream().allMatch(one -> HOURS.matcher((String) one).matches())) {
      throw new IllegalArgumentException("tradingHours must look like MON-FRI 08:00-17:30, not " + hours);
    }
    if (!safety.isEmpty() && !config.timeZone().isBlank()) {
      safety.put("timeZone", ZoneId.of(config.timeZone().strip()).getId());
    }
    Map<String, Object> next = new LinkedHashMap<>();
    if (!safety.isEmpty()) {
      next.put("safety", safety);
    }
    if (!ACTIONS.contains(config.deadManAction())) {
      throw new IllegalArgumentException("deadManAction must be one of " + ACTIONS + ", not " + config.deadManAction());
    }
    if (config.deadManMinutes() > 0) {
      next.put("deadMan", Map.of("minutes", config.deadManMinutes(), "action", config.deadManAction()));
    }
    values = next;
  }

  private static void amount(Map<String, Object> safety, String name, String text) {
    try {
      BigDecimal amount = text.isBlank() ? BigDecimal.ZERO : new BigDecimal(text.strip());
      if (amount.signum() < 0) {
        throw new IllegalArgumentException(name + " must be at least 0, not " + text);
      }
      if (amount.signum() > 0) {
        safety.put(name, amount);
      }
    } catch (NumberFormatException nonsense) {
      throw new IllegalArgumentException(name + " must be a number, not " + text);
    }
  }

  private static void count(Map<String, Object> safety, String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must be at least 0, not " + value);
    }
    if (value > 0) {
      safety.put(name, value);
    }
  }

  private static void texts(Map<String, Object> safety, String name, String[] given) {
    List<String> all = Arrays.stream(given).flatMap(one -> Arrays.stream(one.split(","))).map(String::strip).filter(one -> !one.isEmpty()).toList();
    if (!all.isEmpty()) {
      safety.put(name, all);
    }
  }

  @Override
  public Map<String, ?> contribute(Executor executor) {
    return values;
  }
}
