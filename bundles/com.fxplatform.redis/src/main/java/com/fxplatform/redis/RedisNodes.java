package com.fxplatform.redis;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.nodes.NodeListener;
import com.fxplatform.api.nodes.Nodes;
import com.fxplatform.api.nodes.NodesAway;
import com.fxplatform.api.nodes.SharedCells;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The other nodes, by way of one Redis. Everything here survives that it is away, and finds it again by itself. */
@Component(enabled = false, immediate = true, service = {RedisNodes.class, Nodes.class, SharedCells.class},
    configurationPid = RedisSwitch.PID)
@Designate(ocd = RedisNodes.Config.class)
public final class RedisNodes implements Nodes, SharedCells {
  @ObjectClassDefinition(name = "FX Platform: several nodes by Redis")
  @interface Config {
    @AttributeDefinition(description = "REDIS_URL: redis://[user:password@]host[:port][/database]; empty: this node is alone")
    String _url() default "";

    @AttributeDefinition(description = "How long a request waits for Redis at most, ms")
    int patience() default 200;

    @AttributeDefinition(description = "What keys and channels begin with; platforms that share one Redis need one each")
    String prefix() default "fx";
  }

  private static final Logger LOG = LoggerFactory.getLogger(RedisNodes.class);

  private final Roster<NodeListener> listeners = new Roster<>(NodeListener.TOPIC, Duration.ofSeconds(5));
  private volatile RedisLink link;
  private volatile String problem;

  @Activate
  public RedisNodes(Config config) {
    open(config);
  }

  @Modified
  void modified(Config config) {
    close();
    open(config);
  }

  private void open(Config config) {
    try {
      RedisAddress address = RedisAddress.of(config._url());
      problem = null;
      link = new RedisLink(address, config.prefix(), Math.max(1, config.patience()), listeners);
      LOG.info("This node shares quotas and events with others redis={} prefix={}", address, config.prefix());
    } catch (IllegalArgumentException wrong) {
      problem = wrong.getMessage();
      LOG.error("This node stays alone: {}", wrong.getMessage());
    }
  }

  @Deactivate
  void close() {
    RedisLink open = link;
    link = null;
    if (open != null) {
      open.close();
    }
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindListener(NodeListener service, Map<String, ?> properties) {
    listeners.bind(service, properties);
    RedisLink open = link;
    if (open != null) {
      open.introduce(service);
    }
  }

  void unbindListener(NodeListener service) {
    listeners.unbind(service);
  }

  @Override
  public boolean tell(String topic, String message) {
    RedisLink open = link;
    return open != null && open.tell(topic, message);
  }

  @Override
  public Optional<byte[]> get(String key) {
    return link().get(key);
  }

  @Override
  public boolean swap(String key, byte[] expected, byte[] next, Duration keep) {
    return link().swap(key, expected, next, keep);
  }

  private RedisLink link() {
    RedisLink open = link;
    if (open == null) {
      throw new NodesAway("Redis is not configured", null);
    }
    return open;
  }

  /** The link, if the configuration allows one. */
  Optional<RedisLink> open() {
    return Optional.ofNullable(link);
  }

  /** What is wrong with the configuration, or {@code null}. */
  String problem() {
    return problem;
  }
}
