package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.api.command.CommandIntake;
import com.fxplatform.api.command.TradingState;
import com.fxplatform.api.http.Headers;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.realtime.RealtimeLink;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.Refusal;
import com.fxplatform.executor.Platform.Says;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatTest {
  private static final Heartbeat.Pace QUICK = new Heartbeat.Pace(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofMillis(20));

  @TempDir Path folder;
  private final Platform platform = new Platform();
  private final PlatformLine line = platform.line(platform.url());
  private final List<Map<String, ?>> taken = new CopyOnWriteArrayList<>();
  private volatile RealtimeLink.State realtime = RealtimeLink.State.SUBSCRIBED;
  private volatile Instant since = Instant.EPOCH;
  private Provisioner provisioner;
  private Heartbeat heart;

  @BeforeEach
  void start() {
    platform.config = a -> Platform.good("\"r1\"", "");
    provisioner =
        new Provisioner(
            line,
            platform.admin(),
            Map.of("folder", folder.toString()),
            new Provisioner.Pace(Duration.ofMillis(20), Duration.ofMillis(400), Duration.ofMillis(1), Duration.ofMinutes(15), Duration.ofMillis(20)));
    Platform.until(() -> line.standing().revision().applied(), "not provisioned");
  }

  private void beat() {
    heart = new Heartbeat(line, provisioner, config(60), QUICK);
    heart.bindRealtime(link(), Map.of("service.id", 1L));
    heart.bindTerminal(terminal(), Map.of("service.id", 2L));
    CommandIntake intake = (raw, via) -> {
      assertEquals("heartbeat", via);
      return taken.add(raw);
    };
    heart.bindIntake(intake, Map.of("service.id", 3L));
    heart.activate();
  }

  @AfterEach
  void stop() {
    if (heart != null) {
      heart.close();
    }
    provisioner.close();
    line.close();
    platform.close();
  }

  @Test
  void tellsHowItIsAndBringsCommandsHome() throws Exception {
    platform.heartbeat =
        a -> Says.json(200, "{\"success\":true,\"pendingCommands\":[{\"id\":\"c1\",\"command\":\"PING\",\"parameters\":{\"volume\":0.10}},5],\"timestamp\":\"" + Instant.now().plusSeconds(100) + "\"}");
    beat();
    Platform.until(() -> taken.size() == 1, "no command");
    assertEquals("c1", taken.get(0).get("id"));
    assertEquals(new BigDecimal("0.10"), ((Map<?, ?>) taken.get(0).get("parameters")).get("volume"));
    var asked = platform.asked("/api/executor/cexec1/heartbeat").get(0);
    JsonNode body = PlatformLine.JSON.readTree(asked.body());
    assertEquals("online", body.path("status").asText());
    JsonNode metadata = body.path("metadata");
    assertEquals("r1", metadata.path("configRevision").asText());
    assertEquals("applied", metadata.path("configState").asText());
    assertTrue(metadata.path("accountBalance").isNumber() && metadata.path("accountEquity").isNumber());
    assertEquals(2, metadata.path("openPositions").asInt());
    assertEquals("Broker-Live", metadata.path("brokerServer").asText());
    assertEquals("12345", metadata.path("accountNumber").asText());
    assertTrue(metadata.path("version").isTextual() && metadata.path("platform").isTextual());
    metadata.forEach(value -> assertFalse(value.isNull(), "the predecessor refuses nulls"));
    Platform.until(() -> line.clockOffset().toSeconds() >= 98, "the server's clock");
    assertEquals(Result.Status.OK, new PlatformHealth(line).execute().getStatus());
  }

  @Test
  void anEmergencyStopGivenHereIsToldAtOnce() throws Exception {
    AtomicReference<Optional<TradingState.Report>> now = new AtomicReference<>(Optional.empty());
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() == 1, "first at once");
    heart.bindTrading(now::get, Map.of("service.id", 4L));
    now.set(Optional.of(new TradingState.Report(TradingState.Word.ACTIVE, "", Optional.empty(), false)));
    Platform.until(() -> "active".equals(lastMetadata().path("tradingState").asText()), "not told");
    Instant since = Instant.parse("2026-01-02T03:04:05.678Z");
    now.set(Optional.of(new TradingState.Report(TradingState.Word.HALTED, "x".repeat(300), Optional.of(since), false)));
    Platform.until(() -> "halted".equals(lastMetadata().path("tradingState").asText()), "not told");
    JsonNode halted = lastMetadata();
    assertEquals("2026-01-02T03:04:05.678Z", halted.path("tradingSince").asText());
    assertEquals(200, halted.path("tradingReason").asText().length(), "no longer than a server takes");
    assertFalse(halted.path("flat").asBoolean(true));
    int told = platform.asked("/heartbeat").size();
    assertEquals(3, told, "one heartbeat for each word");
  }

  private JsonNode lastMetadata() {
    List<Platform.Asked> beats = platform.asked("/heartbeat");
    try {
      return PlatformLine.JSON.readTree(beats.get(beats.size() - 1).body()).path("metadata");
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void beatsFasterWhileRealtimeIsAwayAndAtOnceWhenItIsBack() {
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() == 1, "first at once");
    realtime = RealtimeLink.State.CONNECTING;
    Platform.until(() -> platform.asked("/heartbeat").size() >= 4, "no polling");
    List<Platform.Asked> beats = platform.asked("/heartbeat");
    assertTrue(beats.get(3).at() - beats.get(2).at() >= 150_000_000, "polls, does not hammer");
    realtime = RealtimeLink.State.SUBSCRIBED;
    int before = platform.asked("/heartbeat").size();
    Platform.until(() -> platform.asked("/heartbeat").size() > before, "what was missed is not fetched");
  }

  @Test
  void theNextHeartbeatIsNotExpectedAtThePaceOfPollingOnceRealtimeIsBack() {
    realtime = RealtimeLink.State.CONNECTING;
    beat();
    Platform.until(() -> line.standing().interval() == 0, "polls five times a second");
    realtime = RealtimeLink.State.SUBSCRIBED;
    Platform.until(() -> line.standing().interval() == 60, "health would say that no heartbeat went out lately");
  }

  @Test
  void aLateIntakeGetsWhatWaitsAtOnce() {
    platform.heartbeat = a -> Says.json(200, "{\"pendingCommands\":[{\"id\":\"c1\"}]}");
    heart = new Heartbeat(line, provisioner, config(60), QUICK);
    heart.bindRealtime(link(), Map.of("service.id", 1L));
    heart.activate();
    Platform.until(() -> line.standing().beat().accepted().isPresent(), "no heartbeat");
    CommandIntake intake = (raw, via) -> taken.add(raw);
    heart.bindIntake(intake, Map.of("service.id", 3L));
    Platform.until(() -> !taken.isEmpty(), "it waits for the next heartbeat");
  }

  @Test
  void whatAnAnswerBroughtBeforeAnybodyTookItIsNotForgotten() {
    // leased: the next answers are empty
    AtomicInteger answers = new AtomicInteger();
    platform.heartbeat = a -> Says.json(200, answers.getAndIncrement() == 0 ? "{\"pendingCommands\":[{\"id\":\"c1\"}]}" : "{}");
    heart = new Heartbeat(line, provisioner, config(60), QUICK);
    heart.bindRealtime(link(), Map.of("service.id", 1L));
    heart.activate();
    Platform.until(() -> line.standing().beat().accepted().isPresent(), "no heartbeat");
    CommandIntake intake = (raw, via) -> taken.add(raw);
    heart.bindIntake(intake, Map.of("service.id", 3L));
    Platform.until(() -> taken.size() == 1, "the command was forgotten");
  }

  @Test
  void whatWasHandedToTheProcessBeforeIsAskedForWhenItsLeaseIsOver() {
    AtomicInteger answers = new AtomicInteger();
    platform.heartbeat = a -> Says.json(200, answers.getAndIncrement() < 2 ? "{}" : "{\"pendingCommands\":[{\"id\":\"c1\"}]}");
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() == 1, "first at once");
    // one that comes for another reason meets the lease, too
    since = Instant.EPOCH.plusSeconds(1);
    Platform.until(() -> taken.size() == 1, "it waits for the next minute");
  }

  @Test
  void aDropThatNobodySawIsADropAllTheSame() {
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() == 1, "first at once");
    since = Instant.EPOCH.plusSeconds(1);
    Platform.until(() -> platform.asked("/heartbeat").size() == 2, "what was missed is not fetched");
    assertTrue(platform.asked("/heartbeat").get(1).at() - platform.asked("/heartbeat").get(0).at() < 3_000_000_000L, "not at once");
  }

  @Test
  void aPlatformThatIsStartingIsNoRefusal() {
    platform.heartbeat = a -> Says.json(404, "{\"error\":\"There is nothing at this address\",\"code\":\"NOT_FOUND\"}");
    beat();
    Platform.until(() -> line.standing().beat().problem().contains("503"), "taken for a refusal: " + line.standing().beat().problem());
  }

  @Test
  void saysGoodbye() {
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() >= 1 && line.standing().beat().accepted().isPresent(), "no heartbeat");
    heart.close();
    heart = null;
    List<Platform.Asked> beats = platform.asked("/heartbeat");
    assertEquals("{\"status\":\"offline\"}", beats.get(beats.size() - 1).body());
  }

  @Test
  void goesOnAfterErrorsAndSaysWhatIsWrong() {
    platform.heartbeat = a -> Says.json(500, "{}");
    beat();
    Platform.until(() -> platform.asked("/heartbeat").size() >= 3, "no retries");
    Result sick = new PlatformHealth(line).execute();
    assertEquals(Result.Status.CRITICAL, sick.getStatus());
    assertTrue(sick.toString().contains("HTTP 500"), sick.toString());
    platform.heartbeat = a -> Says.json(200, "{}");
    Platform.until(() -> new PlatformHealth(line).execute().getStatus() == Result.Status.OK, "not healthy");
  }

  @Test
  void refusedHeartbeatsAskForTheConfigurationAndDoNotHammer() {
    int before = platform.asked("/config").size();
    platform.heartbeat = a -> Says.json(401, "{\"error\":\"Invalid API credentials\"}");
    platform.config = a -> Says.json(401, "{\"error\":\"Invalid API secret\"}");
    beat();
    Platform.until(() -> line.standing().platform().talk() == Standing.Talk.CREDENTIALS_REFUSED, "not refused");
    assertTrue(platform.asked("/config").size() > before);
    assertEquals(Result.Status.CRITICAL, new SetupHealth(line).execute().getStatus());
  }

  @Test
  void whoIsSetUpAnewBeatsAtOnceAndNotWhenTheRefusalIsOver() {
    platform.heartbeat = a -> Says.json(401, "{\"error\":\"Invalid API credentials\"}");
    heart = new Heartbeat(line, provisioner, config(60), new Heartbeat.Pace(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(5)));
    heart.activate();
    Platform.until(() -> !line.standing().beat().problem().isEmpty(), "not refused");
    platform.heartbeat = a -> Says.json(200, "{\"success\":true}");
    line.modified(Platform.access(platform.url(), Platform.KEY, "2"));
    Platform.until(() -> line.standing().beat().problem().isEmpty(), "a refusal is waited for 75 s");
  }

  @Test
  void aNewRevisionInTheReplyIsFetchedAndReported() {
    platform.heartbeat = a -> Says.json(200, "{\"success\":true,\"configRevision\":\"r2\"}");
    platform.config = a -> Platform.good("\"r2\"", ",\"zmqPort\":7001");
    beat();
    Platform.until(
        () -> platform.asked("/heartbeat").stream().anyMatch(a -> a.body().contains("\"configRevision\":\"r2\",\"configState\":\"applied\"")),
        "r2 is not acknowledged");
  }

  @Test
  void theLocalPageShowsStatesAndNoSecrets() throws Exception {
    beat();
    Platform.until(() -> line.standing().beat().accepted().isPresent(), "no heartbeat");
    LocalStatus status = new LocalStatus(line);
    status.bindRealtime(link(), Map.of("service.id", 1L));
    status.bindTerminal(terminal(), Map.of("service.id", 2L));
    Reply reply = status.handle(request("/api/local/status", "127.0.0.1:8090"));
    String text = String.valueOf(reply.body());
    assertTrue(text.contains("SUBSCRIBED") && text.contains("READY") && text.contains("VPS") && text.contains("r1"), text);
    for (String secret : new String[] {Platform.SECRET, "s3cr3t", Platform.KEY}) {
      assertFalse(text.contains(secret));
    }
    Assertions.assertThrows(Refusal.class, () -> status.handle(request("/api/local/status", "evil.example.com:8090")));
    StatusPage page = new StatusPage();
    for (String path : new String[] {"/", "/status.js", "/status.css"}) {
      Reply file = page.handle(request(path, "localhost:8090"));
      assertTrue(new String((byte[]) file.body(), StandardCharsets.UTF_8).length() > 200, path);
    }
  }

  private static Request request(String path, String host) {
    Headers headers = name -> name.equalsIgnoreCase("Host") ? Optional.of(host) : Optional.empty();
    return (Request)
        Proxy.newProxyInstance(
            HeartbeatTest.class.getClassLoader(),
            new Class<?>[] {Request.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "headers" -> headers;
                  case "path" -> path;
                  default -> throw new AssertionError(method);
                });
  }

  private RealtimeLink link() {
    return new RealtimeLink() {
      @Override
      public State state() {
        return realtime;
      }

      @Override
      public Instant since() {
        return since;
      }

      @Override
      public String detail() {
        return "fine";
      }
    };
  }

  private static TerminalLink terminal() {
    Account account =
        new Account(
            new BigDecimal("100.50"), new BigDecimal("99"), BigDecimal.ZERO, BigDecimal.TEN, BigDecimal.ZERO,
            Optional.of("12345"), Optional.of("Broker-Live"), Optional.of(2), Instant.now());
    return (TerminalLink)
        Proxy.newProxyInstance(
            HeartbeatTest.class.getClassLoader(),
            new Class<?>[] {TerminalLink.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "status" -> new TerminalLink.Status(TerminalLink.State.READY, Instant.EPOCH, "fine");
                  case "account" -> Optional.of(account);
                  case "hashCode" -> 1;
                  case "equals" -> proxy == args[0];
                  default -> throw new AssertionError(method);
                });
  }

  private static Heartbeat.Config config(int interval) {
    return new Heartbeat.Config() {
      @Override
      public String executorId() {
        return "cexec1";
      }

      @Override
      public int heartbeatInterval() {
        return interval;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Heartbeat.Config.class;
      }
    };
  }
}
