package com.fxplatform.commands.safety;

import com.fxplatform.api.command.Command;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.SafetyCheck;
import com.fxplatform.api.terminal.Account;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** No order outside the trading hours. */
@Component(property = SafetyCheck.ID + "=trading-hours")
public final class TradingHours implements SafetyCheck {
  private static final Pattern HOURS =
      Pattern.compile("(?:([A-Z]{3})(?:-([A-Z]{3}))?\\s+)?(\\d{2}:\\d{2})-(\\d{2}:\\d{2})");

  private final Limits limits;
  private final Clock clock;

  @Activate
  public TradingHours(@Reference Limits limits) {
    this(limits, Clock.systemUTC());
  }

  TradingHours(Limits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public Optional<String> veto(Command command, Optional<Account> account) {
    List<String> hours = limits.tradingHours();
    if (hours.isEmpty() || !command.name().equals(CommandNames.OPEN_POSITION)) {
      return Optional.empty();
    }
    ZonedDateTime now = clock.instant().atZone(limits.zone());
    for (String one : hours) {
      if (within(one, now)) {
        return Optional.empty();
      }
    }
    return Optional.of("trading-hours: it is " + now.getDayOfWeek().name().substring(0, 3) + " " + now.toLocalTime().withNano(0)
        + " (" + limits.zone() + "); orders go out " + String.join(", ", hours) + ".");
  }

  /** The end does not count; 22:00-06:00 goes on into the next day. */
  private static boolean within(String hours, ZonedDateTime now) {
    Matcher parts = HOURS.matcher(hours.toUpperCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException("safety.tradingHours has an entry that is no time: " + hours);
    }
    LocalTime from = LocalTime.parse(parts.group(3));
    LocalTime to = parts.group(4).equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(parts.group(4));
    LocalTime time = now.toLocalTime();
    boolean overnight = !to.isAfter(from);
    boolean late = !time.isBefore(from) && (overnight || time.isBefore(to));
    boolean early = overnight && time.isBefore(to);
    return late && day(parts, now.getDayOfWeek()) || early && day(parts, now.getDayOfWeek().minus(1));
  }

  private static boolean day(Matcher parts, DayOfWeek today) {
    if (parts.group(1) == null) {
      return true;
    }
    int first = number(parts.group(1));
    int last = parts.group(2) == null ? first : number(parts.group(2));
    int day = today.getValue();
    return first <= last ? day >= first && day <= last : day >= first || day <= last;
  }

  private static int number(String name) {
    for (DayOfWeek day : DayOfWeek.values()) {
      if (day.name().startsWith(name)) {
        return day.getValue();
      }
    }
    throw new IllegalArgumentException("safety.tradingHours names no day: " + name);
  }
}
