package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.command.CommandIntake;
import com.fxplatform.api.vault.SecretVault;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sleep, a platform that is away, configuration by hand, and answers and files that are damaged. */
@Timeout(60)
class CareTest {
  @TempDir Path folder;

  @Test
  void sleepAndAClockThatIsSetAreNoticed() {
    ClockWatch watch = new ClockWatch();
    assertEquals(0, watch.jumped(1_000_000, 0));
    assertEquals(0, watch.jumped(1_000_250, 250_000_000L));
    assertEquals(59_750, watch.jumped(1_060_250, 500_000_000L), "slept");
    assertEquals(0, watch.jumped(1_060_500, 750_000_000L));
    assertEquals(-3_600_000, watch.jumped(1_060_500 - 3_600_000 + 250, 1_000_000_000L), "set back");
  }

  private static DeadManSwitch.Config config(int minutes, String action) {
    return new DeadManSwitch.Config() {
      @Override
      public int deadMan_minutes() {
        return minutes;
      }

      @Override
      public String deadMan_action() {
        return action;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return DeadManSwitch.Config.class;
      }
    };
  }

  @Test
  void theDeadMansSwitchActsOnceAndOnlyWhenItIsOn() {
    Standing standing = new Standing();
    List<Map<String, ?>> done = new CopyOnWriteArrayList<>();
    CommandIntake intake = (raw, via) -> via.equals("local") && done.add(raw);
    DeadManSwitch off = new DeadManSwitch(standing, config(0, "close-all"), Duration.ofMillis(1), Duration.ofMillis(5));
    DeadManSwitch on = new DeadManSwitch(standing, config(2, "close-all"), Duration.ofMillis(200), Duration.ofMillis(5));
    try {
      off.bindIntake((raw, via) -> done.add(Map.of("wrong", true)), Map.of("service.id", 1L));
      on.bindIntake(intake, Map.of("service.id", 2L));
      standing.beatAccepted(1);
      Platform.until(() -> on.execute().getStatus() == Result.Status.CRITICAL, "it does not act");
      assertEquals(1, done.size());
      assertEquals("EMERGENCY_STOP", done.get(0).get("command"));
      on.modified(config(2, "halt"));
      standing.beatAccepted(1);
      Platform.until(() -> done.size() == 2, "it does not act again after the platform was back");
      assertEquals("PAUSE", done.get(1).get("command"));
      assertEquals(Result.Status.OK, off.execute().getStatus());
    } finally {
      off.close();
      on.close();
    }
  }

  private static Provisioner.Pace quick() {
    return new Provisioner.Pace(Duration.ofMillis(40), Duration.ofMillis(400), Duration.ofMillis(1), Duration.ofMinutes(15), Duration.ofMillis(20));
  }

  @Test
  void aConfigurationByHandNeedsNoProvisioningAndKnowsTheVaultsSharedSecret() {
    Platform platform = new Platform();
    PlatformLine line = new PlatformLine(Platform.access(platform.url(), Platform.KEY, "1"));
    SecretVault api = platform.vault();
    line.bindVault(
        new SecretVault() {
          @Override
          public Optional<char[]> read(String name) throws java.io.IOException {
            return name.equals(SHARED_SECRET) ? Optional.of("sh4red".toCharArray()) : api.read(name);
          }

          @Override
          public void write(String name, char[] secret) {}

          @Override
          public void delete(String name) {}

          @Override
          public String place() {
            return "";
          }
        },
        Map.of("service.id", 1L));
    Map<String, Object> settings =
        Map.of("folder", folder.toString(), "autoProvision", "false", "override.executorId", "byhand", "override.zmqPort", "5999");
    Provisioner provisioner = new Provisioner(line, platform.admin(), settings, quick());
    try {
      Platform.until(() -> line.standing().revision().applied(), "not applied");
      assertEquals("manual", line.standing().revision().revision());
      assertEquals("byhand", platform.inForce.get("executorId"));
      assertEquals(5999, platform.inForce.get("zmqPort"));
      assertEquals("sh4red", platform.inForce.get(".sharedSecret"));
      assertTrue(platform.asked("/api/executor/config").isEmpty(), "nobody was asked");
    } finally {
      provisioner.close();
      line.close();
      platform.close();
    }
  }

  @Test
  void aDamagedAnswerIsRefusedAsAWholeOrIsAWholeOne() {
    String good = Platform.answer(",\"acme\":{\"x\":[1,2]}");
    Random random = new Random(20261123);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = good.getBytes(StandardCharsets.UTF_8);
      if (i < bytes.length) {
        bytes = Arrays.copyOf(bytes, i);
      } else {
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      try {
        ProvisionedConfig config = ProvisionedConfig.read(new String(bytes, StandardCharsets.UTF_8), "\"r\"");
        assertTrue(config.flat(Map.of()).get("executorId") instanceof String);
        assertTrue(i >= good.length(), "half an answer was taken");
      } catch (IllegalArgumentException refused) {
        assertTrue(refused.getMessage().endsWith("."), refused.toString());
      }
    }
  }

  @Test
  void aKeptConfigurationThatIsCutAnywhereIsSkippedForTheOneBefore() throws Exception {
    KnownGood known = new KnownGood(Optional.of(folder));
    known.keep("me", ProvisionedConfig.read(Platform.answer(""), "\"r1\""));
    known.keep("me", ProvisionedConfig.read(Platform.answer(",\"more\":1"), "\"r2\""));
    Path newest = folder.resolve("2.json");
    byte[] whole = Files.readAllBytes(newest);
    for (int length = 0; length < whole.length - 1; length += 1 + length / 40) {
      Files.write(newest, Arrays.copyOf(whole, length));
      assertEquals("r1", known.latest("me").orElseThrow().revision(), "cut at " + length);
    }
    Files.write(newest, whole);
    assertEquals("r2", known.latest("me").orElseThrow().revision());
    assertFalse(known.latest("somebody else").isPresent());
  }

  @Test
  void aClockThatIsSetBackDoesNotMakeOldOrdersFresh() {
    PlatformLine line = new PlatformLine(Platform.access("http://127.0.0.1:1", Platform.KEY, "1"));
    // as if this machine's clock had been two hours ahead at the comparison and was set right since
    Instant then = Instant.now().plusSeconds(7_200);
    line.clock(Instant.now(), then, then);
    assertTrue(Math.abs(line.clockOffset().toMillis()) < 2_000, line.clockOffset().toString());
    line.close();
  }
}
