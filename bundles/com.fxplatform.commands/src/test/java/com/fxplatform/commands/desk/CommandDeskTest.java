package com.fxplatform.commands.desk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.executor.Executor;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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
  void theOwnerIsToldWhenTheExecutorSaysThatItStopped() {
    CommandDesk desk = desk(true);
    List<String> noted = new ArrayList<>();
    desk.bindAudit(trail(noted), Map.of());
    TradingReport active = TradingReport.of(Map.of("tradingState", "active", "tradingReason", "old", "flat", true)).orElseThrow();
    assertEquals(new TradingReport("active", "", "", false), active);
    active.tell(desk, EXECUTOR, Instant.EPOCH, "1.2.3.4");
    assertEquals(List.of(), told, "that it trades is no news of an executor that never said otherwise");
    TradingReport halted = TradingReport.of(Map.of("tradingState", "halted", "tradingReason", "n".repeat(300),
        "tradingSince", "2026-01-02T03:04:05.678Z", "flat", false)).orElseThrow();
    halted.tell(desk, EXECUTOR, Instant.EPOCH, "1.2.3.4");
    assertEquals(List.of("private-user-u1 trading-state", "private-user-u1 emergency-stop"), told.stream().map(CommandDeskTest::channelAndEvent).toList());
    assertEquals(200, halted.reason().length());
    TradingReport flat = new TradingReport("halted", halted.reason(), halted.since(), true);
    told.clear();
    flat.tell(desk, saying(halted), Instant.EPOCH, "1.2.3.4");
    flat.tell(desk, saying(flat), Instant.EPOCH, "1.2.3.4");
    assertEquals(List.of("private-user-u1 trading-state"), told.stream().map(CommandDeskTest::channelAndEvent).toList());
    active.tell(desk, saying(flat), Instant.EPOCH, "1.2.3.4");
    assertEquals(List.of("EXECUTOR_TRADING_HALTED", "EXECUTOR_TRADING_ACTIVE"), noted);
    assertEquals(Optional.empty(), TradingReport.of(Map.of("tradingState", "closed")));
    assertEquals("", TradingReport.of(Map.of("tradingState", "halted", "tradingSince", "yesterday")).orElseThrow().since());
  }

  private static String channelAndEvent(String told) {
    return told.substring(0, told.indexOf(' ', told.indexOf(' ') + 1));
  }

  private static Executor saying(TradingReport report) {
    return new Executor(EXECUTOR.id(), EXECUTOR.userId(), EXECUTOR.name(), EXECUTOR.apiKey(), EXECUTOR.platform(), EXECUTOR.brokerServer(),
        EXECUTOR.accountNumber(), EXECUTOR.status(), EXECUTOR.lastHeartbeat(), EXECUTOR.createdAt(), EXECUTOR.updatedAt(), report.vitals());
  }

  private static AuditTrail trail(List<String> actions) {
    return new AuditTrail() {
      @Override
      public void note(Entry entry) {
        actions.add(entry.action());
      }

      @Override
      public void tally(Entry entry) {
        actions.add(entry.action());
      }

      @Override
      public List<Kept> ofUser(String userId, Optional<Long> before, int limit) {
        return List.of();
      }
    };
  }

  @Test
  void aPageThatAsksTooOftenDoesNotTakeTheStopAway() {
    CommandDesk desk = desk(false);
    Caller owner = new Caller("u1", Optional.empty(), Caller.SESSION, Set.of());
    desk.bindAuthenticator(headers -> Optional.of(owner), Map.of(Authenticator.SCHEME, Caller.SESSION));
    AtomicInteger left = new AtomicInteger(1);
    desk.bindLimiter(new RateLimiter() {
      @Override
      public Permit ask(String bucket, String key) {
        assertEquals("u1", key);
        return new Permit(bucket.equals("closing") && left.getAndDecrement() > 0, 1000, 0, Duration.ofSeconds(55));
      }

      @Override
      public Permit peek(String bucket, String key) {
        return ask(bucket, key);
      }

      @Override
      public void forget(String bucket, String key) {
        left.set(1);
      }
    }, Map.of());
    assertEquals(429, assertThrows(Refusal.class, () -> desk.user(null)).status());
    assertEquals(429, assertThrows(Refusal.class, () -> desk.user(null, () -> false)).status());
    assertEquals(owner, desk.user(null, () -> true));
    assertEquals(429, assertThrows(Refusal.class, () -> desk.user(null, () -> true)).status(), "and that has an end, too");
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
