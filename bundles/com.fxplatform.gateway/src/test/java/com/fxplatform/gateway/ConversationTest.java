package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fxplatform.api.realtime.RealtimeApp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConversationTest {
  private static final RealtimeApp APP = new RealtimeApp("3", "thekey", "thesecret", "local", Optional.empty(), 0, false);

  private final AtomicLong now = new AtomicLong();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private Hub hub = new Hub(APP, Limits.standard(), now::get, timer);
  private Conversation conversation = new Conversation(hub);

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private final class Client {
    final FakeWire wire = new FakeWire();
    final Connection connection = hub.open(wire, "thekey", "7").orElseThrow();

    String socketId() {
      return connection.socketId();
    }

    void say(String text) {
      conversation.heard(connection, text);
    }

    void subscribe(String channel, String channelData) {
      ObjectNode data = Frame.JSON.createObjectNode().put("channel", channel);
      String signed = socketId() + ":" + channel + (channelData == null ? "" : ":" + channelData);
      data.put("auth", "thekey:" + Signatures.hmac("thesecret", signed));
      if (channelData != null) {
        data.put("channel_data", channelData);
      }
      ObjectNode frame = Frame.JSON.createObjectNode().put("event", "pusher:subscribe");
      frame.set("data", data);
      say(frame.toString());
    }

    void join(String presence, String user) {
      subscribe(presence, "{\"user_id\":\"" + user + "\",\"user_info\":{\"n\":1}}");
    }

    int count(String event) {
      return wire.frames(event).size();
    }
  }

  @Test
  void theFirstFrameHoldsAnUnguessableSocketId() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Client client = new Client();
      JsonNode data = FakeWire.data(client.wire.frames("pusher:connection_established").get(0));
      assertTrue(data.path("socket_id").asText().matches("\\d+\\.\\d+"));
      assertEquals(120, data.path("activity_timeout").asInt());
      assertTrue(seen.add(data.path("socket_id").asText()));
    }
  }

  @Test
  void whoMayNotComeInIsToldByTheCloseCode() {
    record Case(String key, String protocol, int code) {}
    for (Case each : List.of(new Case("other", "7", 4001), new Case("thekey", null, 4008), new Case("thekey", "3", 4007),
        new Case("thekey", "8", 4007), new Case("thekey", "seven", 4006), new Case("thekey", "-7", 4006))) {
      FakeWire wire = new FakeWire();
      assertTrue(hub.open(wire, each.key(), each.protocol()).isEmpty());
      assertEquals(each.code(), wire.closeCode, each.toString());
      assertEquals(List.of("pusher:error"), wire.names());
    }
    hub.serve(null);
    FakeWire wire = new FakeWire();
    hub.open(wire, "thekey", "7");
    assertEquals(4003, wire.closeCode);
  }

  @Test
  void publicChannelsAreOpenAndPrivateOnesNeedTheSignatureOfThisConnection() {
    Client client = new Client();
    client.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}");
    client.subscribe("private-a", null);
    assertEquals(2, client.count("pusher_internal:subscription_succeeded"));

    Client thief = new Client();
    String stolen = "thekey:" + Signatures.hmac("thesecret", client.socketId() + ":private-a");
    thief.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":\"" + stolen + "\"}}");
    thief.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\"}}");
    thief.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-a\",\"auth\":\"thekey:\"}}");
    List<JsonNode> refused = thief.wire.frames("pusher:subscription_error");
    assertEquals(3, refused.size());
    assertEquals("private-a", refused.get(0).path("channel").asText());
    assertEquals(401, FakeWire.data(refused.get(0)).path("status").asInt());

    assertEquals(1, hub.publish(new ChannelName("private-a"), "e", "{\"x\":1}", null));
    assertEquals(1, client.count("e"));
    assertEquals("{\"x\":1}", client.wire.frames("e").get(0).path("data").asText(), "the string as published");
    assertEquals(0, thief.count("e"));
  }

  @Test
  void aSecondSubscriptionNeverDeliversTwice() {
    Client client = new Client();
    client.subscribe("private-a", null);
    client.subscribe("private-a", null);
    assertEquals(1, client.count("pusher_internal:subscription_succeeded"));
    assertEquals(1, client.count("pusher:error"));
    hub.publish(new ChannelName("private-a"), "e", "{}", null);
    assertEquals(1, client.count("e"));
    client.say("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"private-a\"}}");
    hub.publish(new ChannelName("private-a"), "e", "{}", null);
    assertEquals(1, client.count("e"));
    assertTrue(hub.channel("private-a").isEmpty(), "an empty channel is forgotten");
  }

  @Test
  void theRosterCountsUsersNotConnections() {
    Client ann = new Client();
    Client annsPhone = new Client();
    Client bob = new Client();
    ann.join("presence-x", "ann");
    bob.join("presence-x", "bob");
    annsPhone.join("presence-x", "ann");
    JsonNode roster = FakeWire.data(annsPhone.wire.frames("pusher_internal:subscription_succeeded").get(0)).path("presence");
    assertEquals(2, roster.path("count").asInt());
    assertEquals("[\"ann\",\"bob\"]", roster.path("ids").toString());
    assertEquals("{\"ann\":{\"n\":1},\"bob\":{\"n\":1}}", roster.path("hash").toString());
    assertEquals(1, ann.count("pusher_internal:member_added"), "bob; not herself, not her phone");
    assertEquals(0, bob.count("pusher_internal:member_added"));
    assertEquals(2, hub.channel("presence-x").orElseThrow().userCount());
    assertEquals(3, hub.channel("presence-x").orElseThrow().connectionCount());

    hub.gone(ann.connection);
    assertEquals(0, bob.count("pusher_internal:member_removed"), "her phone is still there");
    annsPhone.say("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-x\"}}");
    hub.gone(annsPhone.connection);
    List<JsonNode> removed = bob.wire.frames("pusher_internal:member_removed");
    assertEquals(1, removed.size(), "unsubscribing and leaving is leaving once");
    assertEquals("ann", FakeWire.data(removed.get(0)).path("user_id").asText());
  }

  @Test
  void oddUserIds() {
    Client client = new Client();
    client.subscribe("presence-x", "{\"user_id\":42}");
    Client other = new Client();
    other.subscribe("presence-x", "{\"user_id\":\"__proto__\"}");
    JsonNode roster = FakeWire.data(other.wire.frames("pusher_internal:subscription_succeeded").get(0)).path("presence");
    assertEquals("{\"42\":null,\"__proto__\":null}", roster.path("hash").toString());
    Client nobody = new Client();
    for (String data : List.of("{}", "{\"user_id\":null}", "{\"user_id\":\"\"}", "{\"user_id\":{}}", "[]", "x",
        "{\"user_id\":\"" + "u".repeat(129) + "\"}", "{\"user_id\":\"u\",\"user_info\":\"" + "i".repeat(1024) + "\"}")) {
      nobody.subscribe("presence-x", data);
    }
    assertEquals(8, nobody.count("pusher:error"));
    assertEquals(2, hub.channel("presence-x").orElseThrow().userCount());
  }

  @Test
  void aFullPresenceChannelStillTakesASecondTab() {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Client client = new Client();
      client.join("presence-x", "u" + i);
      clients.add(client);
    }
    Client late = new Client();
    late.join("presence-x", "late");
    assertEquals(1, late.count("pusher:subscription_error"));
    Client tab = new Client();
    tab.join("presence-x", "u7");
    assertEquals(1, tab.count("pusher_internal:subscription_succeeded"));
  }

  @Test
  void clientEventsGoToTheOthersWithTheTrueSender() {
    Client ann = new Client();
    Client bob = new Client();
    ann.join("presence-x", "ann");
    bob.join("presence-x", "bob");
    ann.say("{\"event\":\"client-wave\",\"channel\":\"presence-x\",\"data\":{\"a\":1},\"user_id\":\"bob\"}");
    assertEquals(0, ann.count("client-wave"), "no echo");
    JsonNode heard = bob.wire.frames("client-wave").get(0);
    assertEquals("ann", heard.path("user_id").asText());
    assertEquals("{\"a\":1}", heard.path("data").asText());

    Client outside = new Client();
    outside.say("{\"event\":\"client-wave\",\"channel\":\"presence-x\",\"data\":{}}");
    outside.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"news\"}}");
    outside.say("{\"event\":\"client-wave\",\"channel\":\"news\",\"data\":{}}");
    outside.subscribe("private-encrypted-e", null);
    outside.say("{\"event\":\"client-wave\",\"channel\":\"private-encrypted-e\",\"data\":{}}");
    ann.say("{\"event\":\"my-client-wave\",\"channel\":\"presence-x\",\"data\":{}}");
    assertEquals(3, outside.count("pusher:error"));
    assertEquals(1, ann.count("pusher:error"));
    assertEquals(1, bob.count("client-wave"));
  }

  @Test
  void tenClientEventsASecond() {
    Client ann = new Client();
    Client bob = new Client();
    ann.subscribe("private-x", null);
    bob.subscribe("private-x", null);
    for (int i = 0; i < 15; i++) {
      ann.say("{\"event\":\"client-e\",\"channel\":\"private-x\",\"data\":\"{}\"}");
    }
    assertEquals(10, bob.count("client-e"));
    assertEquals(5, ann.count("pusher:error"));
    assertEquals(4301, FakeWire.data(ann.wire.frames("pusher:error").get(0)).path("code").asInt());
    assertTrue(ann.connection.open());
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(550));
    for (int i = 0; i < 15; i++) {
      ann.say("{\"event\":\"client-e\",\"channel\":\"private-x\",\"data\":\"{}\"}");
    }
    assertEquals(15, bob.count("client-e"), "half a second later five more");
  }

  @Test
  void cacheChannelsTellNewcomersTheLastEvent() {
    Client early = new Client();
    early.subscribe("private-cache-x", null);
    assertEquals(1, early.count("pusher:cache_miss"));
    hub.publish(new ChannelName("private-cache-x"), "price", "1", null);
    hub.gone(early.connection);
    Client late = new Client();
    late.subscribe("private-cache-x", null);
    assertEquals(List.of("pusher:connection_established", "pusher_internal:subscription_succeeded", "price"), late.wire.names());
    hub.gone(late.connection);
    now.addAndGet(Limits.CACHE.toNanos());
    hub.tick();
    assertTrue(hub.channel("private-cache-x").isEmpty(), "and are forgotten after half an hour");
  }

  @Test
  void signingIn() {
    Client client = new Client();
    client.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"#server-to-user-ann\",\"auth\":\"\"}}");
    assertEquals(1, client.count("pusher:subscription_error"));
    String user = "{\\\"id\\\":\\\"ann\\\"}";
    String auth = "thekey:" + Signatures.hmac("thesecret", client.socketId() + "::user::{\"id\":\"ann\"}");
    client.say("{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"" + auth + "\",\"user_data\":\"" + user + "\"}}");
    assertEquals(1, client.count("pusher:signin_success"));
    client.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"#server-to-user-ann\",\"auth\":\"\"}}");
    client.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"#server-to-user-bob\",\"auth\":\"\"}}");
    assertEquals(1, client.count("pusher_internal:subscription_succeeded"));
    assertEquals(1, hub.terminate("ann"));
    assertEquals(4009, client.wire.closeCode);

    Client liar = new Client();
    liar.say("{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"" + auth + "\",\"user_data\":\"" + user + "\"}}");
    assertEquals(4009, liar.wire.closeCode);
  }

  @Test
  void theSilentAreProbedAndTheDeadLeaveTheRosters() {
    Client quiet = new Client();
    Client dead = new Client();
    quiet.join("presence-x", "quiet");
    dead.join("presence-x", "dead");
    now.addAndGet(TimeUnit.SECONDS.toNanos(119));
    hub.tick();
    assertEquals(0, quiet.wire.pings);
    now.addAndGet(TimeUnit.SECONDS.toNanos(2));
    hub.tick();
    hub.tick();
    assertEquals(1, quiet.wire.pings);
    quiet.connection.heard(now.get());
    now.addAndGet(TimeUnit.SECONDS.toNanos(30));
    hub.tick();
    assertEquals(4201, dead.wire.closeCode);
    assertEquals(0, quiet.wire.closeCode);
    assertEquals(List.of("quiet"), hub.channel("presence-x").orElseThrow().userIds());
    assertEquals(1, quiet.count("pusher_internal:member_removed"));
    dead.say("{\"event\":\"pusher:ping\"}");
    assertEquals(0, dead.count("pusher:pong"));
  }

  @Test
  void bothFormsOfPing() {
    Client client = new Client();
    client.say("{\"event\":\"pusher:ping\",\"data\":{}}");
    client.say("{\"event\": \"pusher:ping\"}");
    assertEquals(2, client.count("pusher:pong"));
    assertTrue(client.wire.frames("pusher:pong").get(0).has("data"));
    client.say("{\"event\":\"pusher:pong\",\"data\":\"{}\"}");
    assertEquals(0, client.count("pusher:error"));
  }

  @Test
  void aSlowConsumerIsClosedAndTheOthersMissNothing() throws Exception {
    hub = new Hub(APP, GatewayServer.limits(Duration.ofSeconds(120), Duration.ofSeconds(30), 10_000), now::get, timer);
    conversation = new Conversation(hub);
    Client slow = new Client();
    Client fast = new Client();
    slow.subscribe("private-x", null);
    fast.subscribe("private-x", null);
    slow.wire.stuck = true;
    for (int i = 0; i < 100; i++) {
      hub.publish(new ChannelName("private-x"), "e", "x".repeat(500), null);
    }
    timer.submit(() -> { }).get(5, TimeUnit.SECONDS);
    assertEquals(4100, slow.wire.closeCode);
    assertEquals(1, hub.slowCount());
    assertEquals(1, hub.channel("private-x").orElseThrow().connectionCount());
    assertEquals(100, fast.count("e"));
  }

  @Test
  void aPauseShorterThanTheQueueLosesNothing() {
    Client client = new Client();
    client.subscribe("private-x", null);
    client.wire.stuck = true;
    for (int i = 0; i < 100; i++) {
      hub.publish(new ChannelName("private-x"), "e", String.valueOf(i), null);
    }
    assertEquals(1, client.count("e"), "one at a time");
    client.wire.unstick();
    List<JsonNode> frames = client.wire.frames("e");
    assertEquals(100, frames.size());
    for (int i = 0; i < 100; i++) {
      assertEquals(String.valueOf(i), frames.get(i).path("data").asText());
    }
  }

  @Test
  void tooManyMalformedMessagesCloseOnlyTheirSender() {
    Client client = new Client();
    Client other = new Client();
    for (int i = 0; i < 200; i++) {
      client.say("{");
    }
    assertEquals(4100, client.wire.closeCode);
    assertEquals(Limits.standard().malformedFrames(), client.count("pusher:error"));
    assertTrue(other.connection.open());
  }

  @Test
  void anotherSecretSendsClientsAwayToComeAgain() {
    Client client = new Client();
    hub.serve(new RealtimeApp("3", "thekey", "thesecret", "local", Optional.of("elsewhere"), 1, true));
    assertTrue(client.connection.open(), "where clients connect is no reason to disturb them");
    hub.serve(new RealtimeApp("3", "thekey", "rotated", "local", Optional.empty(), 0, false));
    assertEquals(4200, client.wire.closeCode);
  }

  @Test
  void rostersAndCountsAreExactWhileManyComeAndGo() throws Exception {
    Client watcher = new Client();
    watcher.join("presence-x", "watcher");
    var pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        work.add(pool.submit(() -> {
          for (int i = 0; i < 300; i++) {
            Client client = new Client();
            client.join("presence-x", "u" + (thread % 4));
            client.join("presence-lonely-" + (i % 3), "u" + thread);
            if (i % 2 == 0) {
              client.say("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-x\"}}");
            }
            hub.gone(client.connection);
          }
        }));
      }
      for (Future<?> each : work) {
        each.get(30, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdown();
    }
    assertEquals(List.of("watcher"), hub.channel("presence-x").orElseThrow().userIds());
    assertEquals(1, hub.connectionCount());
    assertEquals(1, hub.occupied().size(), "every other channel is forgotten");
    assertTrue(hub.channel("presence-lonely-0").isEmpty());
    // what the watcher saw must tell the same story: added and removed alternate for each user
    Set<String> present = new HashSet<>();
    int changes = 0;
    for (String text : watcher.wire.sent) {
      JsonNode frame = FakeWire.read(text);
      String user = frame.path("data").asText().contains("user_id") ? FakeWire.data(frame).path("user_id").asText() : "";
      if (frame.path("event").asText().endsWith("member_added")) {
        assertTrue(present.add(user), user + " was added twice");
        changes++;
      } else if (frame.path("event").asText().endsWith("member_removed")) {
        assertTrue(present.remove(user), user + " was removed twice");
      }
    }
    assertTrue(present.isEmpty());
    assertTrue(changes > 4, "too few changes to prove anything: " + changes);
  }

  @Test
  void allSubscribersSeeOneOrder() throws Exception {
    Client one = new Client();
    Client two = new Client();
    one.subscribe("private-x", null);
    two.subscribe("private-x", null);
    var pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        work.add(pool.submit(() -> {
          for (int i = 0; i < 500; i++) {
            hub.publish(new ChannelName("private-x"), "e", thread + "/" + i, null);
          }
        }));
      }
      for (Future<?> each : work) {
        each.get(30, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdown();
    }
    List<String> first = one.wire.frames("e").stream().map(frame -> frame.path("data").asText()).toList();
    assertEquals(2000, first.size());
    assertEquals(first, two.wire.frames("e").stream().map(frame -> frame.path("data").asText()).toList());
    for (int t = 0; t < 4; t++) {
      String mine = t + "/";
      List<String> own = first.stream().filter(data -> data.startsWith(mine)).toList();
      for (int i = 0; i < 500; i++) {
        assertEquals(mine + i, own.get(i));
      }
    }
    assertFalse(one.wire.aborted);
  }
}
