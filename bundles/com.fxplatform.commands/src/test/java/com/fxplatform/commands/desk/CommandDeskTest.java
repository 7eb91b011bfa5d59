package com.fxplatform.commands.desk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.executor.Executor;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandDeskTest {
  private static final Executor EXECUTOR = new Executor("c1", "u1", "VPS", "exe_1", "MT5", Optional.empty(), Optional.empty(), "online",
      Optional.of(Instant.now()), Instant.now(), Instant.now(), Map.of());

  private final List<String> told = new ArrayList<>();

  private static CommandDesk.Config config(int timeout, boolean broadcast) {
    return new CommandDesk.Config() {
      @Override
      public int commandTimeout() {
        return timeout;
      }

      @Override
      public int lease() {
        return 3000;
      }

      @Override
      public int otherHours() {
        return 24;
      }

      @Override
      public boolean publicBroadcast() {
        return broadcast;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return CommandDesk.Config.class;
      }
    };
  }

  private CommandDesk desk(boolean broadcast) {
    CommandDesk desk = new CommandDesk(config(30_000, broadcast));
    desk.bindPublisher((channel, event, data) -> told.add(channel + " " + event + " " + data), Map.of());
    return desk;
  }

  @Test
  void statusEventsGoToTheOwnerAndToNobodyElseUnlessTheOperatorWants() {
    desk(false).tellStatus(EXECUTOR, Map.of("status", "online"));
    assertEquals(List.of("private-user-u1 status-update {status=online}"), told);
    told.clear();
    desk(true).tellStatus(EXECUTOR, Map.of("status", "online"));
    assertEquals(List.of("private-user-u1 status-update {status=online}", "executors status-update {status=online}"), told);
  }

  @Test
  void whatClosesNeverExpiresAndWhatDependsOnThePriceSoon() {
    CommandDesk desk = desk(false);
    Instant now = Instant.now();
    CommandNames.CLOSING.forEach(name -> assertEquals(Optional.empty(), desk.expiry(name, now), name));
    assertEquals(Optional.of(now.plusSeconds(30)), desk.expiry(CommandNames.OPEN_POSITION, now));
    assertEquals(Optional.of(now.plusSeconds(30)), desk.expiry(CommandNames.MODIFY_POSITION, now));
    assertEquals(Optional.of(now.plus(Duration.ofHours(24))), desk.expiry(CommandNames.GET_STATUS, now));
    assertTrue(CommandDesk.connected(EXECUTOR));
    assertThrows(IllegalArgumentException.class, () -> new CommandDesk(config(10, false)));
  }

  @Test
  void timesOfEventsAlwaysHaveTheirMilliseconds() {
    assertEquals("2026-01-01T00:00:00.000Z", CommandEvent.text(Instant.parse("2026-01-01T00:00:00Z")));
    assertEquals("2026-01-01T00:00:00.120Z", CommandEvent.text(Instant.parse("2026-01-01T00:00:00.120987Z")));
  }
}
