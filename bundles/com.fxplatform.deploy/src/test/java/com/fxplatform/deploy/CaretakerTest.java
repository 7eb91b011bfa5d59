package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.deploy.Deployment;
import com.fxplatform.api.deploy.Deployment.State;
import com.fxplatform.api.deploy.Rehearsal;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.Bundle;

@Timeout(60)
class CaretakerTest {
  private static final List<State> WHOLE_WAY =
      List.of(State.RECEIVED, State.RESOLVED, State.TRIAL, State.PROMOTED, State.PROBATION, State.SETTLED);

  @TempDir Path temp;
  private House house;

  @BeforeEach
  void build() throws Exception {
    house = new House(temp);
  }

  @AfterEach
  void leave() throws Exception {
    house.close();
    System.clearProperty("fx.test.break.two");
    System.clearProperty("fx.test.sick.two");
  }

  private void incumbent() throws Exception {
    house.tree("com.acme.greeter-1.0.0.jar", new Plugin("1.0.0", "one"));
    assertEquals("one", house.says());
  }

  @Test
  void aGoodNewcomerTakesOverUnderLoadAndNobodyNotices() throws Exception {
    incumbent();
    AtomicBoolean promoted = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger tooEarly = new AtomicInteger();
    AtomicLong calls = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    house.caretaker(1).caretaker.bindRehearsal(candidate -> {
      // the trial lasts: long enough for thousands of calls
      long until = System.nanoTime() + 300_000_000L;
      house.await(() -> System.nanoTime() > until, "time");
    }, Map.of(Rehearsal.SERVICE, ConfigPlugin.class.getName(), "service.id", 1L));
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(callers.submit(() -> {
        while (!stop.get()) {
          try {
            boolean may = promoted.get() || house.states().contains(State.PROMOTED);
            String said = house.plugins.call("acme.greeter", plugin -> String.valueOf(plugin.contribute(null).get("says")));
            may |= house.states().contains(State.PROMOTED);
            if (said.equals("two") && !may) {
              tooEarly.incrementAndGet();
            }
          } catch (RuntimeException e) {
            failed.incrementAndGet();
          }
          calls.incrementAndGet();
        }
      }));
    }
    house.drop("greeter-1.1.0.jar", new Plugin("1.1.0", "two"));
    house.awaitSettled("1.1.0");
    stop.set(true);
    for (Future<?> caller : all) {
      caller.get();
    }
    callers.shutdown();
    assertEquals("two", house.says());
    assertEquals(0, failed.get());
    assertEquals(0, tooEarly.get());
    assertTrue(calls.get() > 1000, "calls: " + calls);
    assertEquals(WHOLE_WAY, house.states().stream().distinct().toList());
    house.await(() -> house.greeters().size() == 1, "the removal of the old bundle");
    assertTrue(house.health.picture().live());
    try (var archive = Files.list(house.data.resolve("deploy/archive"))) {
      assertEquals(2, archive.count(), "both jars are kept");
    }
  }

  /** Everybody who bounces leaves the incumbent speaking and nothing behind. */
  private String bounced(Plugin plugin, State last) throws Exception {
    return bounced(plugin.jar(), last);
  }

  private String bounced(byte[] jar, State last) throws Exception {
    incumbent();
    house.caretaker(1);
    house.drop("x.jar", jar);
    String why = house.awaitWhy("x.jar");
    List<State> states = house.states();
    assertEquals(State.REJECTED, states.get(states.size() - 1));
    assertEquals(last, states.size() < 2 ? null : states.get(states.size() - 2), why);
    assertEquals("one", house.says());
    assertEquals(1, house.greeters().size());
    assertFalse(Files.exists(house.deploy.resolve("x.jar")));
    assertTrue(Files.exists(house.deploy.resolve("rejected/x.jar")));
    assertTrue(why.equals(house.last().why()), why);
    return why;
  }

  private static void says(String part, String why) {
    assertTrue(why.contains(part), why);
    assertFalse(why.contains("\n"), why);
  }

  @Test
  void whatIsNoZipBounces() throws Exception {
    says("no readable jar", bounced("hello".getBytes(), null));
  }

  @Test
  void aHalfCopiedJarThatNeverEndsBounces() throws Exception {
    byte[] jar = new Plugin("1.1.0", "two").jar();
    says("copied only in part", bounced(Arrays.copyOf(jar, jar.length / 2), null));
  }

  @Test
  void aJarThatIsStillCopiedIsWaitedFor() throws Exception {
    incumbent();
    house.caretaker(0);
    byte[] jar = new Plugin("1.1.0", "two").jar();
    Path file = house.deploy.resolve("slow.jar");
    for (int end = 100; end < jar.length; end += jar.length / 10) {
      Files.write(file, Arrays.copyOf(jar, end));
      long until = System.nanoTime() + 60_000_000L;
      house.await(() -> System.nanoTime() > until, "time");
    }
    Files.write(file, jar);
    house.awaitSettled("1.1.0");
    assertEquals("two", house.says());
    assertFalse(house.states().contains(State.REJECTED));
  }

  @Test
  void aZipBombBounces() throws Exception {
    says("unpacks to more than 256 MB", bounced(new Plugin("1.1.0", "two").file("big", new byte[257 << 20]), null));
  }

  @Test
  void aJarThatIsNoBundleBounces() throws Exception {
    says("no bundle", bounced(new Plugin("1.1.0", "two").header("Bundle-SymbolicName", null), null));
  }

  @Test
  void aJarWithoutAManifestBounces() throws Exception {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    try (java.util.zip.ZipOutputStream zip = new java.util.zip.ZipOutputStream(bytes)) {
      zip.putNextEntry(new java.util.zip.ZipEntry("com/acme/Nothing.txt"));
    }
    says("META-INF/MANIFEST.MF", bounced(bytes.toByteArray(), null));
  }

  @Test
  void exportsBounce() throws Exception {
    says("exports packages (com.acme.api)", bounced(new Plugin("1.1.0", "two").header("Export-Package", "com.acme.api;version=1"), null));
  }

  @Test
  void aFragmentBounces() throws Exception {
    says("fragment of org.acme", bounced(new Plugin("1.1.0", "two").header("Fragment-Host", "org.acme"), null));
  }

  @Test
  void aSingletonBounces() throws Exception {
    says("singleton", bounced(new Plugin("1.1.0", "two").header("Bundle-SymbolicName", Plugin.NAME + ";singleton:=true"), null));
  }

  @Test
  void aHigherRankingBounces() throws Exception {
    says("has service.ranking 5, the incumbent's has 0",
        bounced(new Plugin("1.1.0", "two").property("service.ranking", "Integer", "5"), State.RECEIVED));
  }

  @Test
  void whatAllStandOnIsSentToARestart() throws Exception {
    says("`fx check <runtime>`, and restart", bounced(new Plugin("9.0.0", "two").header("Bundle-SymbolicName", "com.fxplatform.api")
        .header("Export-Package", "com.fxplatform.api"), State.RECEIVED));
  }

  @Test
  void aMissingPackageIsOneSentence() throws Exception {
    assertEquals("It needs package com.fxplatform.api [2.0.0,3.0.0); the runtime offers 1.0.0.",
        bounced(new Plugin("1.1.0", "two").imports("com.fxplatform.api;version=\"[2,3)\""), State.RECEIVED));
  }

  @Test
  void aPackageThatNobodyOffersIsOneSentence() throws Exception {
    says("It needs package org.json; the runtime offers none", bounced(new Plugin("1.1.0", "two").imports("org.json"), State.RECEIVED));
  }

  @Test
  void anotherJavaIsOneSentence() throws Exception {
    says("It needs another Java", bounced(new Plugin("1.1.0", "two").header("Require-Capability",
        "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\""), State.RECEIVED));
  }

  @Test
  void anActivationThatThrowsBounces() throws Exception {
    says("the disk is upside down", bounced(new Plugin("1.1.0", "two").behaves("activate", "throws"), State.TRIAL));
  }

  @Test
  void anActivationThatNeverReturnsBounces() throws Exception {
    says("does not return within 2 s", bounced(new Plugin("1.1.0", "two").behaves("activate", "hangs"), State.TRIAL));
  }

  @Test
  void aMissingServiceBounces() throws Exception {
    says("needs the service com.acme.Nobody, which nobody offers",
        bounced(new Plugin("1.1.0", "two").needs("com.acme.Nobody"), State.TRIAL));
  }

  @Test
  void aBadHealthCheckBounces() throws Exception {
    says("greeter says CRITICAL: no greeting card left", bounced(new Plugin("1.1.0", "two").behaves("health", "sick"), State.TRIAL));
  }

  @Test
  void aFailedRehearsalBounces() throws Exception {
    incumbent();
    house.caretaker(1).caretaker.bindRehearsal(candidate -> {
      if (((ConfigPlugin) candidate).contribute(null).containsValue("two")) {
        throw new IllegalArgumentException("two is a number");
      }
    }, Map.of(Rehearsal.SERVICE, ConfigPlugin.class.getName(), "service.id", 1L));
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    says("The rehearsal of its ConfigPlugin failed: two is a number", house.awaitWhy("x.jar"));
    assertEquals("one", house.says());
    assertFalse(house.states().contains(State.PROMOTED));
    house.drop("x.jar", new Plugin("1.1.0", "three"));
    house.awaitLast(State.SETTLED);
    assertEquals("three", house.says());
  }

  @Test
  void aNewcomerThatFallsIllOnProbationIsRolledBack() throws Exception {
    incumbent();
    house.caretaker(30);
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitLast(State.PROBATION);
    house.await(() -> house.says().equals("two"), "the newcomer's voice");
    System.setProperty("fx.test.sick.two", "true");
    says("On probation: Its health check greeter says CRITICAL", house.awaitWhy("x.jar"));
    assertEquals("one", house.says());
    assertEquals(1, house.greeters().size());
    assertEquals(Bundle.ACTIVE, house.greeters().get(0).getState());
  }

  @Test
  void aNewcomerWhoseVoiceFailsOnProbationIsRolledBack() throws Exception {
    incumbent();
    house.caretaker(30);
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitLast(State.PROBATION);
    System.setProperty("fx.test.break.two", "true");
    house.await(() -> {
      try {
        return house.says().equals("one");
      } catch (IllegalStateException broken) {
        return false;
      }
    }, "the incumbent's return");
    says("On probation: Its voice acme.greeter failed in", house.awaitWhy("x.jar"));
  }

  @Test
  void aJarThatIsDeletedInMidTrialLeavesTheIncumbent() throws Exception {
    incumbent();
    house.caretaker(1);
    Path jar = house.deploy.resolve("x.jar");
    house.caretaker.bindRehearsal(candidate -> Files.deleteIfExists(jar),
        Map.of(Rehearsal.SERVICE, ConfigPlugin.class.getName(), "service.id", 1L));
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitLast(State.REMOVED);
    assertFalse(house.states().contains(State.PROMOTED));
    assertEquals("one", house.says());
    house.await(() -> house.greeters().size() == 1, "the removal of the newcomer");
  }

  @Test
  void whenTheArchiveCannotBeWrittenTheIncumbentComesBack() throws Exception {
    incumbent();
    house.caretaker(1);
    house.awaitCharge();
    // like a full disk: no file can be made there
    Files.delete(house.data.resolve("deploy/archive"));
    Files.writeString(house.data.resolve("deploy/archive"), "in the way");
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    says("The caretaker could not go on", house.awaitWhy("x.jar"));
    says("The former version speaks again", house.last().why());
    assertEquals("one", house.says());
    assertTrue(house.health.picture().live());
  }

  private State state() {
    return house.last() == null ? null : house.last().state();
  }

  @Test
  void aNewcomerThatStaysMuchSlowerIsRolledBack() throws Exception {
    incumbent();
    house.says();
    house.caretaker(4);
    house.drop("x.jar", new Plugin("1.1.0", "two").behaves("millis", "250"));
    house.await(() -> {
      house.says();
      return state() == State.REJECTED;
    }, "the rollback");
    says("On probation: Its voice acme.greeter takes 2", house.awaitWhy("x.jar"));
    assertEquals("one", house.says());
  }

  @Test
  void aNewcomerThatOnlyBeginsSlowlyStays() throws Exception {
    incumbent();
    house.says();
    house.caretaker(4);
    house.drop("x.jar", new Plugin("1.1.0", "two").behaves("millis", "250").behaves("slowCalls", "6"));
    house.await(() -> {
      house.says();
      return state() == State.SETTLED || state() == State.REJECTED;
    }, "an end");
    assertEquals(State.SETTLED, state(), house.last().why());
    assertEquals("two", house.says());
  }

  @Test
  void aFirstPluginNeedsNoPromotionAndDeletionTakesItOut() throws Exception {
    house.caretaker(0);
    Path jar = house.drop("x.jar", new Plugin("1.0.0", "one"));
    house.awaitLast(State.SETTLED);
    assertEquals(List.of(State.RECEIVED, State.RESOLVED, State.TRIAL, State.PROBATION, State.SETTLED), house.states());
    assertEquals("one", house.says());
    Files.delete(jar);
    house.awaitLast(State.REMOVED);
    house.await(() -> house.greeters().isEmpty(), "the removal");
    assertEquals("", house.says());
  }

  @Test
  void deletionBringsBackWhatCameWithTheTree() throws Exception {
    incumbent();
    house.caretaker(0);
    Path jar = house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitSettled("1.1.0");
    Files.delete(jar);
    house.awaitLast(State.REMOVED);
    house.await(() -> house.says().equals("one") && house.greeters().size() == 1, "the tree's version");
  }

  @Test
  void aJarThatIsDeletedOnProbationLeavesTheIncumbent() throws Exception {
    incumbent();
    house.caretaker(30);
    Path jar = house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitLast(State.PROBATION);
    Files.delete(jar);
    house.awaitLast(State.REMOVED);
    assertEquals("one", house.says());
    assertEquals(1, house.greeters().size());
  }

  @Test
  void twoJarsOfOneNameGoOneAfterTheOtherAndOneStays() throws Exception {
    house.caretaker(0);
    house.drop("a.jar", new Plugin("1.0.0", "one"));
    house.awaitLast(State.SETTLED);
    house.drop("b.jar", new Plugin("1.1.0", "two"));
    house.await(() -> house.says().equals("two") && house.greeters().size() == 1, "the second version");
    house.await(() -> !Files.exists(house.deploy.resolve("a.jar")), "the removal of the first jar");
    assertTrue(Files.exists(house.deploy.resolve("b.jar")));
    assertFalse(house.states().contains(State.REMOVED));
  }

  @Test
  void rollbackGoesTheSameWayBack() throws Exception {
    incumbent();
    house.caretaker(0);
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitSettled("1.1.0");
    Deployment back = house.caretaker.rollback(Plugin.NAME);
    house.await(() -> house.last().id().equals(back.id()) && state() == State.SETTLED, "the way back");
    assertEquals("one", house.says());
    assertEquals("1.0.0", house.last().version());
    house.await(() -> !Files.exists(house.deploy.resolve("x.jar")), "the removal of the jar that was rolled back");
  }

  @Test
  void theSameJarAgainIsNothingToDo() throws Exception {
    house.caretaker(0);
    Plugin plugin = new Plugin("1.0.0", "one");
    byte[] jar = plugin.jar();
    house.drop("x.jar", jar);
    house.awaitLast(State.SETTLED);
    Bundle before = house.greeters().get(0);
    house.drop("y.jar", jar);
    house.await(() -> house.last().why().contains("nothing to do"), "the verdict");
    assertEquals(List.of(before), house.greeters());
  }

  @Test
  void theTreesOwnJarDoesNotStayInTheFolder() throws Exception {
    incumbent();
    house.caretaker(0);
    Path jar = house.drop("x.jar", Files.readAllBytes(temp.resolve("bundles/com.acme.greeter-1.0.0.jar")));
    house.await(() -> !Files.exists(jar), "the removal of the jar");
    assertEquals("It is running already; nothing to do.", house.last().why());
    assertEquals("one", house.says());
  }

  @Test
  void anExclusiveOneStartsAfterTheOldOneHasStopped() throws Exception {
    house.tree("old.jar", new Plugin("1.0.0", "one").header(Parcel.SWAP, Parcel.EXCLUSIVE));
    house.caretaker(0);
    house.drop("bad.jar", new Plugin("1.1.0", "two").header(Parcel.SWAP, Parcel.EXCLUSIVE).behaves("activate", "throws"));
    says("The former version speaks again", house.awaitWhy("bad.jar"));
    assertEquals(List.of(State.RECEIVED, State.RESOLVED, State.PROMOTED, State.REJECTED), house.states());
    assertEquals("one", house.says());
    house.drop("good.jar", new Plugin("1.1.0", "two").header(Parcel.SWAP, Parcel.EXCLUSIVE));
    house.awaitLast(State.SETTLED);
    assertEquals("two", house.says());
  }

  @Test
  void callersWaitWhileAnExclusiveOneIsRenewedOrComesBack() throws Exception {
    house.tree("old.jar", new Plugin("1.0.0", "one").header(Parcel.SWAP, Parcel.EXCLUSIVE));
    house.caretaker(0);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    for (int i = 0; i < 4; i++) {
      callers.execute(() -> {
        while (!stop.get()) {
          try {
            house.plugins.call("acme.greeter", plugin -> plugin.contribute(null));
          } catch (RuntimeException e) {
            failed.incrementAndGet();
          }
        }
      });
    }
    house.drop("bad.jar", new Plugin("1.1.0", "two").header(Parcel.SWAP, Parcel.EXCLUSIVE).behaves("activate", "throws"));
    says("The former version speaks again", house.awaitWhy("bad.jar"));
    house.drop("good.jar", new Plugin("1.1.0", "two").header(Parcel.SWAP, Parcel.EXCLUSIVE));
    house.awaitSettled("1.1.0");
    stop.set(true);
    callers.shutdown();
    assertTrue(callers.awaitTermination(20, java.util.concurrent.TimeUnit.SECONDS));
    assertEquals(0, failed.get());
    assertEquals("two", house.says());
  }

  @Test
  void theFolderItselfMayGo() throws Exception {
    house.caretaker(0);
    Path jar = house.drop("x.jar", new Plugin("1.0.0", "one"));
    house.awaitLast(State.SETTLED);
    Files.delete(jar);
    Files.delete(house.deploy);
    house.await(() -> Files.exists(jar), "the folder's return");
    assertEquals("one", house.says());
    assertFalse(house.states().contains(State.REMOVED));
  }

  @Test
  void afterARestartWhatHadSettledSpeaksInsteadOfTheTrees() throws Exception {
    incumbent();
    house.caretaker(0);
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitSettled("1.1.0");
    house = house.restarted();
    incumbent();
    house.caretaker(30);
    house.await(() -> house.says().equals("two") && house.greeters().size() == 1, "the settled version");
    house.await(() -> house.health.picture().live(), "life");
    assertEquals(State.SETTLED, state());
  }

  /** The disk as {@code kill -9} leaves it in a state: the jar, a working copy, and the ledger up to there. */
  @ParameterizedTest
  @EnumSource(value = State.class, names = {"RECEIVED", "RESOLVED", "TRIAL", "PROMOTED", "PROBATION"})
  void aDeploymentThatWasKilledStartsAgainAndOneVersionSpeaks(State killedIn) throws Exception {
    byte[] jar = new Plugin("1.1.0", "two").jar();
    Path file = house.drop("x.jar", jar);
    Ledger before = new Ledger(house.data.resolve("deploy/ledger.jsonl"));
    for (State state : State.values()) {
      if (state.compareTo(killedIn) <= 0) {
        before.append(new Deployment("1", Plugin.NAME, "1.1.0", Parcel.digest(file), state, "", Instant.now()));
      }
    }
    Files.writeString(house.data.resolve("deploy/ledger.jsonl"), "{\"id\":\"2\",\"na", StandardOpenOption.APPEND);
    Files.write(Files.createDirectories(house.data.resolve("deploy/work")).resolve("1.jar"), new byte[10]);
    incumbent();
    house.caretaker(0);
    house.await(() -> house.says().equals("two") && house.greeters().size() == 1, "the newcomer, alone");
    house.awaitSettled("1.1.0");
    List<Deployment> ledger = new Ledger(house.data.resolve("deploy/ledger.jsonl")).lately();
    assertEquals(house.caretaker.ledger(), ledger, "the torn line spoils no other");
    assertEquals(State.RECEIVED, ledger.get(killedIn.ordinal() + 1).state());
  }

  @Test
  void whoStopsDuringProbationLeavesTheIncumbentAndStartsAgain() throws Exception {
    incumbent();
    house.caretaker(30);
    house.drop("x.jar", new Plugin("1.1.0", "two"));
    house.awaitLast(State.PROBATION);
    house.caretaker.close();
    assertEquals("one", house.says());
    assertEquals(1, house.greeters().size());
    house.caretaker(0);
    house.await(() -> house.says().equals("two") && house.greeters().size() == 1, "the newcomer");
  }

  @Test
  void aRejectedDigestIsNotTriedAgainAfterARestart() throws Exception {
    byte[] jar = new Plugin("1.1.0", "two").jar();
    Path file = house.drop("x.jar", jar);
    new Ledger(house.data.resolve("deploy/ledger.jsonl")).append(
        new Deployment("1", Plugin.NAME, "1.1.0", Parcel.digest(file), State.REJECTED, "It was sick.", Instant.now()));
    incumbent();
    house.caretaker(0);
    assertEquals("It was sick.", house.awaitWhy("x.jar"));
    assertEquals("one", house.says());
    assertEquals(1, house.caretaker.ledger().size());
  }

  @Test
  void anOldJarThatAKilledProcessCouldNotClearAwayDoesNotComeBack() throws Exception {
    house.caretaker(0);
    byte[] old = new Plugin("1.0.0", "one").jar();
    house.drop("a.jar", old);
    house.awaitLast(State.SETTLED);
    house.drop("b.jar", new Plugin("1.1.0", "two"));
    house.await(() -> !Files.exists(house.deploy.resolve("a.jar")), "the removal of the first jar");
    house.crash();
    Path left = house.drop("a.jar", old);
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(3600)));
    house = new House(temp).caretaker(0);
    house.await(() -> house.says().equals("two") && !Files.exists(left), "the settled version");
    assertEquals(1, house.greeters().size());
    assertEquals(State.SETTLED, state());
  }

  @Test
  void aSecondRuntimeOfTheInstanceKeepsItsHandsOff() throws Exception {
    house.caretaker(0);
    house.awaitCharge();
    Caretaker first = house.caretaker;
    try (AutoCloseable second = first::close) {
      house.caretaker(0);
      house.await(() -> house.health.picture().live(), "life");
      Refusal no = assertThrows(Refusal.class, () -> house.caretaker.rollback(Plugin.NAME));
      assertEquals(409, no.status());
    }
  }

  @Test
  void theBackDoorHandsIn() throws Exception {
    house.caretaker(0);
    house.awaitCharge();
    DeployPage page = new DeployPage(house.caretaker);
    byte[] jar = new Plugin("1.0.0", "one").jar();
    Page.Answer answer = page.answer(new Page.Ask("POST", "/deploy", true, "application/java-archive", new ByteArrayInputStream(jar)));
    assertEquals(202, answer.status());
    house.awaitLast(State.SETTLED);
    assertEquals("one", house.says());
    Path elsewhere = Files.write(temp.resolve("two.jar"), new Plugin("1.1.0", "two").jar());
    assertEquals(202, page.answer(new Page.Ask("POST", "/deploy", true, "text/plain",
        new ByteArrayInputStream(elsewhere.toString().getBytes(StandardCharsets.UTF_8)))).status());
    house.await(() -> house.says().equals("two"), "the second one");
    house.awaitSettled("1.1.0");
    assertEquals(202, page.answer(new Page.Ask("POST", "/rollback/" + Plugin.NAME, true)).status());
    house.await(() -> house.says().equals("one"), "the first one again");
    String ledger = new String(page.answer(new Page.Ask("GET", "/deployments", true)).body(), StandardCharsets.UTF_8);
    assertTrue(ledger.startsWith("{\"deployments\":[{\"id\":\"1\",\"name\":\"com.acme.greeter\",\"version\":\"1.0.0\",\"digest\":\""), ledger);
    assertEquals(404, page.answer(new Page.Ask("POST", "/rollback/nobody", true)).status());
    assertEquals(405, page.answer(new Page.Ask("GET", "/deploy", true)).status());
    assertEquals(400, page.answer(new Page.Ask("POST", "/deploy", true, "text/plain", new ByteArrayInputStream(new byte[0]))).status());
  }
}
