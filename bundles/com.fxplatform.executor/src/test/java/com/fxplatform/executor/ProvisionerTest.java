package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.executor.Platform.Says;
import com.fxplatform.executor.Standing.Talk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvisionerTest {
  private static final Provisioner.Pace QUICK =
      new Provisioner.Pace(Duration.ofMillis(80), Duration.ofMillis(400), Duration.ofMillis(1), Duration.ofMinutes(15), Duration.ofMillis(20));

  @TempDir Path folder;
  private final Platform platform = new Platform();
  private PlatformLine line = platform.line(platform.url());
  private Provisioner provisioner;

  @AfterEach
  void stop() {
    provisioner.close();
    line.close();
    platform.close();
  }

  private void start(String... overrides) {
    provisioner = new Provisioner(line, platform.admin(), settings(overrides), QUICK);
  }

  private Map<String, Object> settings(String... overrides) {
    Map<String, Object> settings = new HashMap<>(Map.of("folder", folder.toString(), "service.pid", "x"));
    for (String override : overrides) {
      String[] pair = override.split("=", 2);
      settings.put("override." + pair[0], pair[1]);
    }
    return settings;
  }

  private Standing.Revision revision() {
    return line.standing().revision();
  }

  private void untilState(String revision, String state) {
    Platform.until(() -> revision().revision().equals(revision) && revision().state().startsWith(state), "not " + state);
  }

  @Test
  void appliesOneFlatConfigurationAndAcknowledgesIt() throws IOException {
    platform.config = a -> Platform.good("\"r1\"", ",\"acme\":{\"deep\":{\"x\":1.5}},\"acme.list\":[\"a\",2],\"nothing\":null");
    start();
    untilState("r1", "applied");
    assertEquals(1, platform.applied.size());
    Map<String, Object> flat = platform.inForce;
    assertEquals("cexec1", flat.get("executorId"));
    assertEquals(5555, flat.get("zmqPort"));
    assertEquals(true, flat.get("features.safetyChecks"));
    assertEquals("s3cr3t", flat.get(".sharedSecret"));
    assertEquals(1.5, flat.get("acme.deep.x"));
    assertEquals(List.of("a", "2"), List.of((String[]) flat.get("acme.list")));
    for (String absent : new String[] {"sharedSecret", "serverTime", "executorStatus", "nothing", "features"}) {
      assertFalse(flat.containsKey(absent), absent);
    }
    assertEquals("cexec1", line.executorId());
    assertEquals(Duration.ofSeconds(3), line.patience());
    assertTrue(Math.abs(line.clockOffset().toMillis()) < 5_000);
    Path kept = folder.resolve("1.json");
    Platform.until(() -> Files.exists(kept), "not kept");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)));
    assertFalse(Files.readString(kept).contains(Platform.SECRET));
  }

  @Test
  void isNotAcknowledgedBeforeItLookedHealthyForAWhile() {
    platform.config = a -> Platform.good("\"r1\"", "");
    Provisioner.Pace slow = new Provisioner.Pace(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofMinutes(15), Duration.ofMillis(20));
    long start = System.nanoTime();
    provisioner = new Provisioner(line, platform.admin(), settings(), slow);
    untilState("r1", "applied");
    assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() >= 1_000);
  }

  @Test
  void asksWithTheEtagAndLeavesThingsAloneOn304() {
    platform.config = a -> "\"r1\"".equals(a.headers().get("if-none-match")) ? new Says(304, Map.of(), "") : Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    provisioner.nudge();
    Platform.until(() -> platform.asked.size() >= 2, "not asked again");
    assertEquals("\"r1\"", platform.asked.get(1).headers().get("if-none-match"));
    assertNull(platform.asked.get(0).headers().get("if-none-match"));
    Platform.until(() -> line.standing().platform().talk() == Talk.OK, "not ok");
    assertEquals(1, platform.applied.size());
  }

  @Test
  void worksWithAServerThatHasNoEtag() {
    platform.config = a -> Platform.good("", "");
    start();
    Platform.until(() -> revision().applied(), "not applied");
    String first = revision().revision();
    assertTrue(first.matches("[0-9a-f]{16}"), first);
    provisioner.nudge();
    Platform.until(() -> platform.asked.size() >= 2, "not asked");
    platform.config = a -> Platform.good("", ",\"zmqCommandPort\":5599");
    provisioner.nudge();
    Platform.until(() -> revision().applied() && !revision().revision().equals(first), "no new revision");
    assertEquals(2, platform.applied.size(), "clock members make no revision");
    assertEquals(5599, platform.inForce.get("zmqCommandPort"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zmqPort | -1 | zmqPort", "zmqCommandPort | 0 | zmqCommandPort", "zmqRobustPort | 65535 | zmqRobustPort",
        "zmqPort | \"abc\" | zmqPort", "zmqPort | 5.5 | zmqPort", "heartbeatInterval | 0 | heartbeatInterval",
        "heartbeatInterval | 1e9 | heartbeatInterval", "executorId | \"../x\" | executorId", "executorId | 5 | executorId", "executorId | null | executorId",
        "pusherCluster | \"evil.com/\" | pusherCluster", "pusherHost | \"a b\" | pusherHost", "connectionTimeout | 1 | connectionTimeout",
        "pusherTls | \"maybe\" | pusherTls", "acme | \"$[env:HOME]\" | placeholder", "bad key | 1 | key"
      })
  void refusesAConfigurationAsAWhole(String key, String value, String reason) {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    Map<String, Object> before = platform.inForce;
    platform.config = a -> Platform.good("\"r2\"", ",\"zmqCommandPort\":5599,\"" + key + "\":" + value);
    provisioner.nudge();
    untilState("r2", "rejected: ");
    assertTrue(revision().state().contains(reason), revision().state());
    assertEquals(before, platform.inForce, "nothing of it is in force");
  }

  @Test
  void aFirstConfigurationThatIsRefusedIsWhatTheHealthSays() {
    platform.config = a -> Platform.good("\"r1\"", "");
    start("zmqPort=nonsense");
    untilState("r1", "rejected: ");
    Result sick = new PlatformHealth(line).execute();
    assertEquals(Result.Status.CRITICAL, sick.getStatus());
    assertTrue(sick.toString().contains("zmqPort must be a whole number"), sick.toString());
    provisioner.modified(settings("zmqPort=0"));
    untilState("r1", "applied");
    assertEquals(0, platform.inForce.get("zmqPort"), "no port for terminals that push");
  }

  @Test
  void whatOsgiReadsIsNotTheServersToSet() {
    platform.config = a -> Platform.good("\"r1\"", ",\"vault.target\":\"(x=y)\",\"service.ranking\":5,\"component\":{\"name\":\"x\"},\"vault.cardinality.minimum\":3");
    start();
    untilState("r1", "applied");
    for (String key : platform.inForce.keySet()) {
      assertFalse(key.contains("target") || key.startsWith("service") || key.startsWith("component") || key.contains("cardinality"), key);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"not json", "{}", "{\"success\":false,\"config\":{}}", "{\"success\":true}", "[]"})
  void refusesWhatIsNoConfiguration(String text) {
    platform.config = a -> new Says(200, Map.of("ETag", "\"x\""), text);
    start();
    untilState("x", "rejected: ");
    assertTrue(platform.applied.isEmpty());
  }

  @Test
  void goesBackWhenTheNewOneMakesSomebodySick() {
    Map<String, String> sick = new ConcurrentHashMap<>(Map.of("elsewhere", "was sick before"));
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    provisioner.judgedBy(() -> new TreeMap<>(sick));
    untilState("r1", "applied");
    provisioner.judgedBy(
        () -> {
          Map<String, String> now = new TreeMap<>(sick);
          if (Integer.valueOf(6666).equals(platform.inForce.get("zmqPort"))) {
            now.put("zmq", "Port 6666 is taken.");
          }
          return now;
        });
    platform.config = a -> "\"r2\"".equals(a.headers().get("if-none-match")) ? new Says(304, Map.of(), "") : Platform.good("\"r2\"", ",\"zmqPort\":6666");
    provisioner.nudge();
    untilState("r2", "rejected: Port 6666 is taken.");
    assertEquals(5555, platform.inForce.get("zmqPort"), "the last that worked is back");
    assertFalse(Files.exists(folder.resolve("2.json")), "what was refused is not kept");
    int asked = platform.asked.size();
    provisioner.nudge();
    Platform.until(() -> platform.asked.size() > asked, "not asked");
    assertEquals(5555, platform.inForce.get("zmqPort"), "the same one is not tried again");
    platform.config = a -> Platform.good("\"r3\"", ",\"zmqPort\":7777");
    provisioner.nudge();
    untilState("r3", "applied");
    assertEquals(7777, platform.inForce.get("zmqPort"));
  }

  @Test
  void goesBackWhenSomebodyFallsSickSoonAfterItWasAcknowledged() throws Exception {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    provisioner.judgedBy(() -> Integer.valueOf(6666).equals(platform.inForce.get("zmqPort"))
        && line.standing().revision().state().equals("applied") ? Map.of("zmq", "Port 6666 is taken.") : Map.of());
    platform.config = a -> "\"r2\"".equals(a.headers().get("if-none-match"))
        ? new Says(304, Map.of(), "") : Platform.good("\"r2\"", ",\"zmqPort\":6666");
    provisioner.nudge();
    untilState("r2", "rejected: Port 6666 is taken.");
    assertEquals(5555, platform.inForce.get("zmqPort"), "the last that worked is back");
    provisioner.close();
    line.close();
    platform.server.stop(0);
    line = platform.line(platform.url());
    start();
    untilState("r1", "applied");
    assertEquals(5555, platform.inForce.get("zmqPort"), "the next start begins with the last that worked");
  }

  @Test
  void aFewChangesFollowEachOtherAtOnceAndManyWait() {
    Provisioner.Pace paced = new Provisioner.Pace(
        Duration.ofMillis(20), Duration.ofMillis(400), Duration.ofSeconds(20), Duration.ofMinutes(15), Duration.ofMillis(20));
    AtomicInteger revision = new AtomicInteger();
    platform.config = a -> Platform.good("\"r" + revision.get() + "\"", ",\"zmqPort\":" + (6000 + revision.get()));
    provisioner = new Provisioner(line, platform.admin(), settings(), paced);
    untilState("r0", "applied");
    for (int i = 1; i < 5; i++) {
      revision.set(i);
      provisioner.nudge();
      untilState("r" + i, "applied");
    }
    int asked = platform.asked.size();
    assertEquals(5, asked);
    revision.set(5);
    provisioner.nudge();
    long end = System.nanoTime() + 300_000_000L;
    while (System.nanoTime() < end) {
      assertEquals(asked, platform.asked.size(), "more than the platform allows in a minute");
      Thread.onSpinWait();
    }
  }

  @Test
  void startsOnTheLastThatWorkedWithoutThePlatform() {
    platform.config = a -> Platform.good("\"r1\"", ",\"zmqPort\":5777");
    start();
    untilState("r1", "applied");
    Platform.until(() -> Files.exists(folder.resolve("1.json")), "not kept");
    provisioner.close();
    line.close();
    platform.server.stop(0);
    platform.inForce = null;
    line = platform.line(platform.url());
    start();
    untilState("r1", "applied");
    assertEquals(5777, platform.inForce.get("zmqPort"));
    assertEquals("s3cr3t", platform.inForce.get(".sharedSecret"));
    assertEquals(Talk.UNREACHABLE, line.standing().platform().talk());
    assertTrue(line.standing().platform().detail().contains("takes no connections"), line.standing().platform().detail());
  }

  @Test
  void theLastThatWorkedOfAnotherExecutorIsNotOurs() {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    provisioner.close();
    platform.inForce = null;
    line.modified(Platform.access(platform.url(), Platform.KEY.replace('0', '9'), "2"));
    platform.config = a -> Says.json(503, "{}");
    start();
    Platform.until(() -> platform.asked.size() >= 4, "not asked");
    assertNull(platform.inForce);
  }

  @Test
  void keepsTheLastThree() {
    for (int i = 1; i <= 5; i++) {
      int port = 6000 + i;
      platform.config = a -> Platform.good("\"r" + port + "\"", ",\"zmqPort\":" + port);
      if (provisioner == null) {
        start();
      } else {
        provisioner.nudge();
      }
      untilState("r" + port, "applied");
      int n = i;
      Platform.until(() -> Files.exists(folder.resolve(n + ".json")), "not kept");
    }
    Platform.until(() -> !Files.exists(folder.resolve("2.json")), "too many kept");
    assertTrue(Files.exists(folder.resolve("3.json")) && Files.exists(folder.resolve("5.json")));
  }

  @Test
  void aDamagedFileIsSkipped() throws IOException {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    Platform.until(() -> Files.exists(folder.resolve("1.json")), "not kept");
    provisioner.close();
    Files.writeString(folder.resolve("2.json"), "{\"identity\":");
    platform.inForce = null;
    platform.config = a -> Says.json(503, "{}");
    start();
    Platform.until(() -> platform.inForce != null, "not applied");
    assertEquals("cexec1", platform.inForce.get("executorId"));
  }

  @ParameterizedTest
  @CsvSource({"401", "404", "400"})
  void refusedCredentialsWaitForANewSetup(int status) {
    platform.config = a -> a.headers().get("x-api-secret").startsWith("new") ? Platform.good("\"r1\"", "") : Says.json(status, "{\"error\":\"no\"}");
    provisioner = new Provisioner(line, platform.admin(), settings(), new Provisioner.Pace(Duration.ofMillis(80), Duration.ofMillis(400), Duration.ofMillis(1), Duration.ofMinutes(15), Duration.ofSeconds(1)));
    Platform.until(() -> line.standing().platform().talk() == Talk.CREDENTIALS_REFUSED, "not refused");
    assertTrue(new SetupHealth(line).execute().toString().contains("run fx setup again"));
    assertEquals(1, platform.asked.size(), "no hammering");
    platform.secret = "new" + Platform.SECRET;
    line.modified(Platform.access(platform.url(), Platform.KEY, "2"));
    untilState("r1", "applied");
    assertEquals(Result.Status.OK, new SetupHealth(line).execute().getStatus());
  }

  @Test
  void notSetUpIsAStateAndNotAFailure() {
    line.close();
    line = new PlatformLine(Platform.access("", "", ""));
    line.bindVault(platform.vault(), Map.of("service.id", 1L));
    start();
    Platform.until(() -> line.standing().platform().talk() == Talk.WAITING_FOR_SETUP, "no state");
    Result setup = new SetupHealth(line).execute();
    assertEquals(Result.Status.CRITICAL, setup.getStatus());
    assertTrue(setup.toString().contains("This executor is not set up: run fx setup"), setup.toString());
    assertEquals(Result.Status.OK, new ExecutorHealth(line).execute().getStatus());
    assertEquals(Result.Status.CRITICAL, new PlatformHealth(line).execute().getStatus());
    platform.config = a -> Platform.good("\"r1\"", "");
    line.modified(Platform.access(platform.url(), Platform.KEY, "1"));
    untilState("r1", "applied");
  }

  @Test
  void waitsAsLongAsTheServerSays() {
    platform.config = a -> platform.asked.size() == 1 ? new Says(429, Map.of("Retry-After", "1"), "{}") : Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    assertEquals(2, platform.asked.size());
    long waited = TimeUnit.NANOSECONDS.toMillis(platform.asked.get(1).at() - platform.asked.get(0).at());
    assertTrue(waited >= 950, waited + " ms");
  }

  @Test
  void localOverridesWinAndChangeLive() {
    platform.config = a -> "\"r1\"".equals(a.headers().get("if-none-match")) ? new Says(304, Map.of(), "") : Platform.good("\"r1\"", "");
    start("zmqPort=6001", "sharedSecret=local", "features.safetyChecks=false", "ignored=$[env:X]");
    untilState("r1", "applied");
    assertEquals(6001, platform.inForce.get("zmqPort"));
    assertEquals("local", platform.inForce.get(".sharedSecret"));
    assertEquals("false", platform.inForce.get("features.safetyChecks"));
    assertFalse(platform.inForce.containsKey("ignored"));
    provisioner.modified(settings("zmqPort=6002"));
    Platform.until(() -> Integer.valueOf(6002).equals(platform.inForce.get("zmqPort")), "override not taken");
    assertEquals("s3cr3t", platform.inForce.get(".sharedSecret"));
    provisioner.modified(settings("zmqPort=nonsense"));
    untilState("r1", "rejected: zmqPort");
    assertEquals(6002, platform.inForce.get("zmqPort"));
    provisioner.modified(settings());
    untilState("r1", "applied");
    assertEquals(5555, platform.inForce.get("zmqPort"));
  }

  @Test
  void anotherExecutorsConfigurationGoesBeforeOursComes() {
    platform.config = a -> a.headers().get("x-api-key").equals(Platform.KEY) ? Platform.good("\"r1\"", "") : Says.json(503, "{}");
    start();
    untilState("r1", "applied");
    line.modified(Platform.access(platform.url(), Platform.KEY.replace('0', '9'), "2"));
    Platform.until(() -> platform.inForce == null, "still the former executor's");
    assertEquals("", line.executorId());
  }

  @Test
  void aHintOfTheHeartbeatAsksOnce() {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    untilState("r1", "applied");
    provisioner.hint("r1");
    platform.config = a -> Platform.good("\"r2\"", ",\"zmqPort\":7001");
    provisioner.hint("r2");
    provisioner.hint("r2");
    untilState("r2", "applied");
    assertEquals(2, platform.asked.size());
    new ConfigNudge(provisioner).on("executor-config-update", "{}");
    Platform.until(() -> platform.asked.size() == 3, "an event asks");
  }

  @Test
  void onlyChecksThatDoNotDependOnTheOutsideJudge() {
    platform.config = a -> Platform.good("\"r1\"", "");
    start();
    Acceptance acceptance = new Acceptance(provisioner);
    HealthCheck good = () -> new Result(Result.Status.WARN, "so so");
    HealthCheck bad = () -> new Result(Result.Status.CRITICAL, "Port taken.");
    HealthCheck broken =
        () -> {
          throw new IllegalStateException("planted");
        };
    acceptance.bindCheck(good, Map.of("hc.name", "good", "service.id", 1L));
    assertEquals(Map.of(), acceptance.complaints());
    acceptance.bindCheck(bad, Map.of("hc.name", "bad", "service.id", 2L));
    acceptance.bindCheck(broken, Map.of("hc.name", "broken", "service.id", 3L));
    assertEquals(Map.of("bad", "Port taken.", "broken", "A health check failed itself."), acceptance.complaints());
    acceptance.close();
  }
}
