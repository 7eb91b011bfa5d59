package com.fxplatform.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.nodes.NodeListener;
import com.fxplatform.api.nodes.Nodes;
import com.fxplatform.api.realtime.RealtimeApp;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateways of other nodes: events and who is present go to and fro, so that it does not matter to which node a
 * client is connected. Comes up only where there are other nodes. A node that is silent for twenty seconds is forgotten,
 * and with it whoever was present there.
 */
@Component(property = NodeListener.TOPIC + "=" + Fellows.TOPIC)
public final class Fellows implements NodeListener {
  static final String TOPIC = "gateway";
  private static final Logger LOG = LoggerFactory.getLogger(Fellows.class);
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(20);

  private record Present(String channel, String user) {}

  /** What is known of one other node. */
  private static final class Fellow {
    final Set<Present> present = new HashSet<>();
    long heardAt;
  }

  private final Roster<Nodes> nodes = new Roster<>(Duration.ofSeconds(1));
  private final Map<String, Fellow> fellows = new HashMap<>();
  private final Gateway gateway;
  private final Hub hub;

  @Activate
  public Fellows(@Reference Gateway gateway) {
    this.gateway = gateway;
    this.hub = gateway.hub();
    hub.others().reachedBy(message -> nodes.tryCall("", all -> all.tell(TOPIC, message)));
    gateway.everyFewSeconds(this::tick);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindNodes(Nodes service, Map<String, ?> properties) {
    nodes.bind(service, properties);
  }

  void unbindNodes(Nodes service) {
    nodes.unbind(service);
  }

  @Deactivate
  synchronized void deactivate() {
    gateway.everyFewSeconds(null);
    hub.others().farewell();
    hub.others().reachedBy(null);
    Set.copyOf(fellows.keySet()).forEach(this::forget);
  }

  @Override
  public void reconnected() {
    hub.others().roster();
    hub.others().who();
  }

  @Override
  public synchronized void heard(String node, String message) {
    Fellow fellow = fellows.get(node);
    if (fellow == null) {
      fellow = new Fellow();
      fellows.put(node, fellow);
      // whatever it said before, we did not hear it
      hub.others().who();
      LOG.info("Another node's gateway is there node={} nodes={}", node, fellows.size() + 1);
    }
    fellow.heardAt = System.nanoTime();
    try {
      understand(node, fellow, Frame.object(message, "What another node told"));
    } catch (Malformed strange) {
      LOG.warn("Another node speaks a language of its own, are both of one version? node={} why={}", node, strange.getMessage());
    }
  }

  private void understand(String node, Fellow fellow, ObjectNode message) throws Malformed {
    switch (Frame.text(message, "say")) {
      case "event" -> {
        ChannelName name = new ChannelName(Frame.text(message, "channel"));
        if (name.allowed()) {
          hub.publishHere(name, Frame.text(message, "event"), Frame.text(message, "data"),
              message.path("except").textValue(), message.path("user").textValue());
        }
      }
      case "here" -> here(node, fellow, message);
      case "gone" -> gone(node, fellow, new Present(Frame.text(message, "channel"), Frame.text(message, "user")));
      case "roster" -> {
        Set<Present> before = new HashSet<>(fellow.present);
        for (JsonNode one : message.path("present")) {
          before.remove(here(node, fellow, one));
        }
        before.forEach(left -> gone(node, fellow, left));
      }
      case "who" -> hub.others().roster();
      case "alive" -> compare(message.path("key").asText());
      case "terminate" -> hub.terminateHere(Frame.text(message, "user"));
      case "farewell" -> forget(node);
      default -> LOG.debug("Another node says something this one does not know message={}", message.path("say"));
    }
  }

  private void compare(String key) {
    boolean same = key.isEmpty() || hub.app().map(RealtimeApp::key).filter(own -> !own.equals(key)).isEmpty();
    gateway.disagreement(same ? null : "Another node serves another realtime app, so clients of one are refused by the other: "
        + "give all nodes the same FX_MASTER_KEY and remove data/gateway.properties, or the same appId, key and .secret.");
  }

  private Present here(String node, Fellow fellow, JsonNode one) {
    Present present = new Present(one.path("channel").asText(), one.path("user").asText());
    ChannelName name = new ChannelName(present.channel);
    if (name.allowed() && name.presence() && !present.user.isEmpty()) {
      fellow.present.add(present);
      hub.hereElsewhere(node, name, new Member(present.user, one.has("info") ? one.get("info") : NullNode.getInstance()));
    }
    return present;
  }

  private void gone(String node, Fellow fellow, Present present) {
    if (fellow.present.remove(present)) {
      hub.goneElsewhere(node, present.channel, present.user);
    }
  }

  private void forget(String node) {
    Fellow fellow = fellows.remove(node);
    if (fellow != null) {
      Set.copyOf(fellow.present).forEach(present -> gone(node, fellow, present));
      LOG.info("Another node's gateway is gone node={} nodes={}", node, fellows.size() + 1);
    }
  }

  private void tick() {
    hub.others().alive(hub.app().map(RealtimeApp::key).orElse(""));
    synchronized (this) {
      long now = System.nanoTime();
      fellows.entrySet().stream().filter(fellow -> now - fellow.getValue().heardAt > SILENCE).map(Map.Entry::getKey).toList()
          .forEach(this::forget);
    }
  }

  /** How many other nodes are heard. */
  synchronized int count() {
    return fellows.size();
  }
}
