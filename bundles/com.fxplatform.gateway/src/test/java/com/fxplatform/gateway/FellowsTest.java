package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fxplatform.api.nodes.Nodes;
import com.fxplatform.api.realtime.RealtimeApp;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three gateways that hear each other. */
@Timeout(60)
class FellowsTest {
  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  /** A gateway, and one ordered thread that hears for it. */
  private final class Node implements Nodes {
    final String name;
    final Gateway gateway;
    final Fellows fellows;
    final ExecutorService hearing = Executors.newSingleThreadExecutor();
    volatile boolean cutOff;

    Node(String name, String key) {
      this.name = name;
      gateway = new Gateway(config(key));
      fellows = new Fellows(gateway);
      fellows.bindNodes(this, Map.of("service.id", 1L));
      nodes.add(this);
      hearing.execute(fellows::reconnected);
    }

    @Override
    public boolean tell(String topic, String message) {
      assertEquals(Fellows.TOPIC, topic);
      for (Node other : nodes) {
        if (other != this && !cutOff && !other.cutOff) {
          other.hearing.execute(() -> other.fellows.heard(name, message));
        }
      }
      return true;
    }

    FakeWire join(String channel, String user) {
      FakeWire wire = new FakeWire();
      Connection connection = gateway.hub().open(wire, gateway.app().orElseThrow().key(), "7").orElseThrow();
      connections.put(wire, connection);
      ObjectNode data = Frame.JSON.createObjectNode().put("channel", channel);
      String channelData = user == null ? null : "{\"user_id\":\"" + user + "\",\"user_info\":{\"n\":1}}";
      String signed = connection.socketId() + ":" + channel + (channelData == null ? "" : ":" + channelData);
      data.put("auth", gateway.app().orElseThrow().key() + ":" + Signatures.hmac("thesecret", signed));
      if (channelData != null) {
        data.put("channel_data", channelData);
      }
      ObjectNode frame = Frame.JSON.createObjectNode().put("event", "pusher:subscribe");
      frame.set("data", data);
      gateway.conversation().heard(connection, frame.toString());
      assertEquals(1, wire.frames("pusher_internal:subscription_succeeded").size(), wire.sent.toString());
      return wire;
    }

    void leave(FakeWire wire) {
      gateway.hub().gone(connections.get(wire));
    }
  }

  private final Map<FakeWire, Connection> connections = new java.util.concurrent.ConcurrentHashMap<>();
  private final Node a = new Node("a", "thekey");
  private final Node b = new Node("b", "thekey");
  private final Node c = new Node("c", "thekey");

  private static Gateway.Config config(String key) {
    return new Gateway.Config() {
      @Override
      public String folder() {
        return "";
      }

      @Override
      public String _masterKey() {
        return "";
      }

      @Override
      public String appId() {
        return "3";
      }

      @Override
      public String key() {
        return key;
      }

      @Override
      public String _secret() {
        return "thesecret";
      }

      @Override
      public String host() {
        return "127.0.0.1";
      }

      @Override
      public String port() {
        return "8080";
      }

      @Override
      public String tls() {
        return "false";
      }

      @Override
      public String enabled() {
        return "true";
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Gateway.Config.class;
      }
    };
  }

  @AfterEach
  void stop() {
    List<Node> all = List.copyOf(nodes);
    nodes.clear();
    for (Node node : all) {
      node.fellows.deactivate();
      node.gateway.deactivate();
      node.hearing.shutdownNow();
    }
  }

  /** Until everybody has heard everything, and what that made them say. */
  private void quiet() throws Exception {
    for (int round = 0; round < 6; round++) {
      for (Node node : nodes) {
        node.hearing.submit(() -> { }).get(20, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void anEventReachesTheSubscribersOfAllNodesOnceAndInOrder() throws Exception {
    FakeWire here = a.join("private-x", null);
    FakeWire there = b.join("private-x", null);
    for (int i = 0; i < 50; i++) {
      a.gateway.deliver("private-x", "e", "{\"i\":" + i + "}");
    }
    quiet();
    for (FakeWire wire : List.of(here, there)) {
      assertEquals(50, wire.frames("e").size());
      assertEquals(49, FakeWire.data(wire.frames("e").get(49)).path("i").asInt());
    }
    // the one who is left out may be connected to another node
    a.gateway.hub().publish(new ChannelName("private-x"), "f", "{}", connections.get(there).socketId());
    quiet();
    assertEquals(1, here.frames("f").size());
    assertEquals(0, there.frames("f").size());
  }

  @Test
  void presenceIsOneRosterOverAllNodes() throws Exception {
    FakeWire ada = a.join("presence-x", "ada");
    quiet();
    FakeWire bob = b.join("presence-x", "bob");
    assertEquals(2, FakeWire.data(bob.frames("pusher_internal:subscription_succeeded").get(0)).path("presence").path("count").asInt());
    quiet();
    assertEquals(1, ada.frames("pusher_internal:member_added").size());
    FakeWire adaAgain = c.join("presence-x", "ada");
    quiet();
    assertEquals(0, bob.frames("pusher_internal:member_added").size(), "she was there already");
    a.leave(ada);
    quiet();
    assertEquals(0, bob.frames("pusher_internal:member_removed").size(), "she is still there, elsewhere");
    c.leave(adaAgain);
    quiet();
    assertEquals(1, bob.frames("pusher_internal:member_removed").size());
    b.leave(bob);
    quiet();
    for (Node node : nodes) {
      assertTrue(node.gateway.hub().channel("presence-x").isEmpty(), "nothing is kept of a channel that nobody is on");
    }
  }

  @Test
  void aNodeThatWasCutOffIsCorrectedWhenItComesBack() throws Exception {
    FakeWire ada = a.join("presence-x", "ada");
    FakeWire bob = b.join("presence-x", "bob");
    quiet();
    b.cutOff = true;
    a.leave(ada);
    a.join("presence-x", "eve");
    quiet();
    assertEquals(0, bob.frames("pusher_internal:member_removed").size());
    b.cutOff = false;
    b.hearing.execute(b.fellows::reconnected);
    quiet();
    assertEquals("ada", FakeWire.data(bob.frames("pusher_internal:member_removed").get(0)).path("user_id").asText());
    assertEquals(List.of("bob", "eve"), b.gateway.hub().channel("presence-x").orElseThrow().userIds().stream().sorted().toList());
    assertEquals(List.of("bob", "eve"), a.gateway.hub().channel("presence-x").orElseThrow().userIds().stream().sorted().toList());
  }

  @Test
  void aFarewellTakesEverybodyAlongAndAUserIsSentAwayEverywhere() throws Exception {
    FakeWire ada = a.join("presence-x", "ada");
    FakeWire bob = b.join("presence-x", "bob");
    quiet();
    a.gateway.hub().terminate("bob");
    quiet();
    assertEquals(4009, bob.closeCode);
    FakeWire eve = b.join("presence-x", "eve");
    quiet();
    nodes.remove(c);
    c.fellows.deactivate();
    b.fellows.deactivate();
    quiet();
    assertEquals(List.of("ada"), a.gateway.hub().channel("presence-x").orElseThrow().userIds());
    assertFalse(eve.aborted);
    assertEquals(2, ada.frames("pusher_internal:member_removed").size());
    c.gateway.deactivate();
    c.hearing.shutdownNow();
  }

  @Test
  void nodesThatServeDifferentAppsSaySo() throws Exception {
    Node stranger = new Node("d", "anotherkey");
    stranger.gateway.hub().others().alive(stranger.gateway.app().map(RealtimeApp::key).orElseThrow());
    quiet();
    Result said = new GatewayHealth(a.gateway).execute();
    assertEquals(Result.Status.WARN, said.getStatus());
    assertTrue(said.toString().contains("another realtime app"), said.toString());
    assertFalse(said.toString().contains("thesecret"));
  }
}
