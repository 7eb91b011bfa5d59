package com.fxplatform.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.realtime.EventListener;
import com.fxplatform.api.realtime.RealtimeLink.State;
import com.fxplatform.gateway.GatewayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real library against the real gateway on real sockets. */
@Timeout(90)
class ExecutorLinkTest {
  private static final String CHANNEL = "private-executor-" + Fakes.EXECUTOR;
  private static final ExecutorLink.Patience HASTY = new ExecutorLink.Patience(Duration.ofSeconds(2),
      new Backoff(Duration.ofMillis(50), Duration.ofMillis(400), () -> 0.5),
      new Backoff(Duration.ofMillis(300), Duration.ofSeconds(2), () -> 1.0), Duration.ofMillis(50));

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile String secret = "good";
  private volatile int platformPort;
  private GatewayServer server;
  private ExecutorLink link;

  @BeforeEach
  void start() throws Exception {
    server = serve(0);
    platformPort = server.port();
  }

  private static GatewayServer serve(int port) throws Exception {
    GatewayServer fresh = new GatewayServer(port);
    Fakes.Gateway app = new Fakes.Gateway();
    app.app = Optional.of(fresh.app());
    AppInForce apps = Fakes.apps(Map.of());
    apps.bindGateway(app, Map.of("service.id", 1L));
    ChannelAuth auth = new ChannelAuth(ChannelRulesTest.rules(apps));
    CredentialCheck check = (key, secret, source) ->
        secret.equals("good") ? new Verdict.Good(Fakes.executor(Fakes.EXECUTOR, Fakes.USER)) : new Verdict.WrongSecret();
    auth.bindCredentials(check, Map.of("service.id", 1L));
    fresh.mount("POST /api/pusher/auth", auth);
    return fresh;
  }

  @AfterEach
  void stop() throws Exception {
    if (link != null) {
      link.deactivate();
    }
    server.close();
  }

  private final class Platform implements PlatformClient {
    @Override
    public java.time.Duration clockOffset() {
      return java.time.Duration.ZERO;
    }

    @Override
    public String executorId() {
      return Fakes.EXECUTOR;
    }

    @Override
    public Answer send(String method, String path, Map<String, String> headers, Map<String, ?> json) throws IOException {
      throw new IOException("not needed here");
    }

    @Override
    public Answer sendForm(String path, Map<String, String> form) throws IOException {
      asked.incrementAndGet();
      String body = form.entrySet().stream().map(field -> field.getKey() + "=" + field.getValue()).collect(Collectors.joining("&"));
      try {
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + platformPort + path))
            .timeout(Duration.ofSeconds(10)).header("Content-Type", "application/x-www-form-urlencoded")
            .headers("X-API-Key", "exe_1", "X-API-Secret", secret)
            .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(answer.statusCode(), "", answer.body());
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", stop);
      }
    }
  }

  private ExecutorLink.Provisioned provisioned(Map<String, String> more) {
    Map<String, String> values = new HashMap<>(Map.of("executorId", Fakes.EXECUTOR, "pusherKey", GatewayServer.KEY,
        "pusherCluster", "local", "pusherHost", "127.0.0.1", "pusherPort", String.valueOf(server.port()), "pusherTls", "false"));
    values.putAll(more);
    return GatewayServer.config(ExecutorLink.Provisioned.class, values);
  }

  private ExecutorLink link(ExecutorLink.Provisioned provisioned) {
    return link(provisioned, new Platform());
  }

  private ExecutorLink link(ExecutorLink.Provisioned provisioned, PlatformClient platform) {
    link = new ExecutorLink(provisioned, HASTY);
    link.bindPlatform(platform, Map.of("service.id", 1L));
    link.bindListener((event, json) -> heard.add(event + " " + json),
        Map.of(EventListener.EVENT, new String[] {"command-received", "command-cancel"}, "service.id", 2L));
    link.start();
    return link;
  }

  private static void eventually(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "Not within 20 s: " + what);
      Thread.onSpinWait();
    }
  }

  private void subscribed() {
    eventually(() -> link.state() == State.SUBSCRIBED, "subscribed; " + link.detail());
    assertEquals(1, server.subscribers(CHANNEL));
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(Thread::isAlive).map(Thread::getName)
        .filter(name -> name.startsWith("fx-pusher-") || name.contains("pusher-java-client") || name.startsWith("WebSocket")
            || name.startsWith("connectionLost")).toList();
  }

  @Test
  void eventsArriveInOrder() {
    link(provisioned(Map.of()));
    subscribed();
    assertEquals(Result.Status.OK, new LinkHealth(link).execute().getStatus());
    for (int i = 0; i < 500; i++) {
      server.deliver(CHANNEL, "command-received", "{\"id\":\"" + i + "\"}");
    }
    server.deliver(CHANNEL, "nobody-listens", "{}");
    server.deliver(CHANNEL, "command-cancel", "{\"ü\":\"€\"}");
    eventually(() -> heard.size() == 501, "all events");
    for (int i = 0; i < 500; i++) {
      assertEquals("command-received {\"id\":\"" + i + "\"}", heard.get(i));
    }
    assertEquals("command-cancel {\"ü\":\"€\"}", heard.get(500));
    assertEquals(1, asked.get());
  }

  @Test
  void aListenerThatThrowsOrComesLateDisturbsNobody() {
    link(provisioned(Map.of()));
    link.bindListener((event, json) -> {
      throw new IllegalStateException("a bug of an integrator");
    }, Map.of(EventListener.EVENT, "evil", "service.id", 3L));
    subscribed();
    server.deliver(CHANNEL, "evil", "{}");
    server.deliver(CHANNEL, "command-received", "{}");
    eventually(() -> heard.size() == 1, "the event after it");
  }

  @Test
  void afterEachEndItComesBackAndHearsEachEventOnce() {
    link(provisioned(Map.of()));
    int round = 0;
    for (int code : new int[] {4200, 4201, 4100, 1000, 1011, 4200}) {
      subscribed();
      server.deliver(CHANNEL, "command-received", String.valueOf(round));
      int expected = ++round;
      eventually(() -> heard.size() >= expected, "event " + expected);
      server.closeAll(code);
      eventually(() -> link.state() != State.SUBSCRIBED || asked.get() > expected, "the end is noticed");
    }
    subscribed();
    eventually(() -> server.connections() == 1, "one connection only");
    assertEquals(List.of("command-received 0", "command-received 1", "command-received 2", "command-received 3",
        "command-received 4", "command-received 5"), heard);
  }

  @Test
  void aServerThatWasAwayIsFoundAgain() throws Exception {
    link(provisioned(Map.of()));
    subscribed();
    int port = server.port();
    server.close();
    eventually(() -> link.state() == State.CONNECTING && link.detail().contains("failed"), "the server is missed");
    assertEquals(Result.Status.WARN, new LinkHealth(link).execute().getStatus());
    server = serve(port);
    subscribed();
    server.deliver(CHANNEL, "command-received", "{}");
    eventually(() -> heard.size() == 1, "the event after the outage");
  }

  @Test
  void refusedCredentialsAreNoHotLoop() {
    secret = "revoked";
    link(provisioned(Map.of()));
    eventually(() -> link.state() == State.REFUSED, "refused");
    assertTrue(link.detail().contains("401"));
    assertEquals(Result.Status.CRITICAL, new LinkHealth(link).execute().getStatus());
    var since = link.since();
    // the pauses are 0.3 s, 0.6 s, 1.2 s, 2 s: the fourth question is not asked before 2.1 s have passed
    long start = System.nanoTime();
    eventually(() -> asked.get() >= 4, "it goes on asking");
    assertTrue(System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(1800), "it asked again too soon");
    assertEquals(since, link.since(), "it stays refused between the tries");
    assertEquals(0, server.subscribers(CHANNEL));
    secret = "good";
    subscribed();
  }

  @Test
  void aChangedConfigurationEndsTheWaitAfterARefusal() {
    secret = "revoked";
    link(provisioned(Map.of()));
    eventually(() -> link.state() == State.REFUSED && asked.get() >= 2, "refused");
    secret = "good";
    link.modified(provisioned(Map.of()));
    subscribed();
  }

  @Test
  void anUnknownKeyIsARefusalToo() {
    link(provisioned(Map.of("pusherKey", "nokey")));
    eventually(() -> link.state() == State.REFUSED, "refused");
    assertTrue(link.detail().contains("4001"), link.detail());
    assertEquals(0, asked.get());
    link.modified(provisioned(Map.of()));
    subscribed();
  }

  @Test
  void onlyWhatMattersMakesItDialAnew() throws Exception {
    link(provisioned(Map.of()));
    subscribed();
    link.modified(provisioned(Map.of("executorId", Fakes.EXECUTOR)));
    link.modified(provisioned(Map.of()));
    server.deliver(CHANNEL, "command-received", "1");
    eventually(() -> heard.size() == 1, "still connected");
    assertEquals(1, asked.get(), "the same connection");
    try (GatewayServer other = serve(0)) {
      link.modified(provisioned(Map.of("pusherPort", String.valueOf(other.port()))));
      platformPort = other.port();
      eventually(() -> other.subscribers(CHANNEL) == 1, "moved to the other server");
      eventually(() -> server.connections() == 0, "and left the first one");
      assertEquals(State.SUBSCRIBED, link.state());
      link.modified(provisioned(Map.of("pusherKey", "")));
      eventually(() -> link.state() == State.IDLE && other.connections() == 0, "nothing to connect to");
      assertEquals(Result.Status.WARN, new LinkHealth(link).execute().getStatus());
    }
  }

  @Test
  void aServerThatAcceptsAndSaysNothingIsLeftAfterTheDeadline() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      link(provisioned(Map.of("pusherPort", String.valueOf(mute.getLocalPort()))));
      eventually(() -> link.detail().contains("no connection within"), "the deadline");
      assertEquals(State.CONNECTING, link.state());
      link.modified(provisioned(Map.of()));
      subscribed();
    }
  }

  @Test
  void noThreadAndNoConnectionIsLeftBehind() {
    link(provisioned(Map.of()));
    subscribed();
    assertFalse(threads().isEmpty());
    long start = System.nanoTime();
    link.deactivate();
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertTrue(took < 1_500, "deactivating took " + took + " ms");
    eventually(() -> server.connections() == 0, "the connection is closed");
    eventually(() -> threads().isEmpty(), "all threads have ended: " + threads());
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2), "within two seconds");
    assertEquals(State.IDLE, link.state());
    assertTrue(heard.isEmpty());
  }

  @Test
  void neitherIsWhenEverythingHangs() throws Exception {
    CountDownLatch asking = new CountDownLatch(1);
    PlatformClient slow = new PlatformClient() {
      @Override
      public java.time.Duration clockOffset() {
        return java.time.Duration.ZERO;
      }

      @Override
      public String executorId() {
        return Fakes.EXECUTOR;
      }

      @Override
      public Answer send(String method, String path, Map<String, String> headers, Map<String, ?> json) throws IOException {
        throw new IOException("not needed here");
      }

      @Override
      public Answer sendForm(String path, Map<String, String> form) throws IOException {
        asking.countDown();
        try {
          new CountDownLatch(1).await();
          throw new IOException("never");
        } catch (InterruptedException stop) {
          throw new IOException("interrupted", stop);
        }
      }
    };
    link(provisioned(Map.of()), slow);
    assertTrue(asking.await(10, TimeUnit.SECONDS));
    quickly(link);
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      ExecutorLink dialling = link(provisioned(Map.of("pusherPort", String.valueOf(mute.getLocalPort()))));
      eventually(() -> dialling.state() == State.CONNECTING, "dialling");
      mute.accept();
      quickly(dialling);
    }
    int closed;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = free.getLocalPort();
    }
    ExecutorLink waiting = link(provisioned(Map.of("pusherPort", String.valueOf(closed))));
    eventually(() -> waiting.detail().contains("trying again"), "between two tries");
    quickly(waiting);
  }

  private static void quickly(ExecutorLink link) {
    long start = System.nanoTime();
    link.deactivate();
    eventually(() -> threads().isEmpty(), "all threads have ended: " + threads());
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertTrue(took < 2_000, "it took " + took + " ms");
  }

  @Test
  void aThousandEventsWaitAndTheRestIsCounted() throws Exception {
    Dispatch dispatch = new Dispatch();
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger count = new AtomicInteger();
    dispatch.listeners().bind((event, json) -> {
      try {
        gate.await();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
      count.incrementAndGet();
    }, Map.of(EventListener.EVENT, "e", "service.id", 1L));
    for (int i = 0; i < 1_200; i++) {
      dispatch.hand("e", "{}");
    }
    assertEquals(199, dispatch.droppedCount());
    gate.countDown();
    eventually(() -> count.get() == 1_001, "the others are handed over");
    dispatch.close();
  }

  @Test
  void backingOff() {
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), () -> 1.0);
    assertEquals(Duration.ofSeconds(1), backoff.after(1));
    assertEquals(Duration.ofSeconds(2), backoff.after(2));
    assertEquals(Duration.ofSeconds(32), backoff.after(6));
    assertEquals(Duration.ofSeconds(60), backoff.after(7));
    assertEquals(Duration.ofSeconds(60), backoff.after(1_000_000));
    assertEquals(Duration.ofMillis(500), new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), () -> 0.0).after(1));
  }
}
