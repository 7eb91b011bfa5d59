package com.fxplatform.provisioning;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.live.Voice;
import com.fxplatform.api.provisioning.ConfigPlugin;
import com.fxplatform.api.provisioning.Provisioned;
import com.fxplatform.api.provisioning.Provisioning;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
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

/** Asks every plugin, merges what they say, and remembers who said it. */
@Component(service = {Provisioning.class, ProvisioningService.class}, configurationPid = "com.fxplatform.provisioning")
@Designate(ocd = ProvisioningService.Config.class)
public final class ProvisioningService implements Provisioning {
  private static final Logger LOG = LoggerFactory.getLogger(ProvisioningService.class);

  @ObjectClassDefinition(name = "FX Platform provisioning")
  @interface Config {
    @AttributeDefinition(description = "Ids of plugins without which nobody gets a configuration, separated by commas")
    String required() default "fx.platform,fx.pusher,fx.zmq,fx.connection";
  }

  private final Roster<ConfigPlugin> plugins = new Roster<>(ConfigPlugin.ID, Duration.ofSeconds(5));
  private final Map<String, Boolean> requiredByThemselves = new ConcurrentHashMap<>();
  /** What is wrong with whom, for the health check: plugin id or key to one sentence. */
  private final Map<String, String> complaints = new ConcurrentHashMap<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  /** What was given last, by executor: while every plugin says the same it is not merged and digested again. */
  private final Cache<String, Given> given = Caffeine.newBuilder().maximumSize(10_000).build();
  /** Counts what came, went or was configured: what was given before does not count after. */
  private final AtomicLong changes = new AtomicLong();
  private volatile Set<String> required;

  /** So long what plugins said of an executor counts without asking them again, in nanoseconds. */
  private static final long SAID = 5_000_000_000L;

  private record Given(long change, Executor executor, long askedAt, Map<String, Answer> answers, Provisioned provisioned) {}

  @Activate
  public ProvisioningService(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    required = Set.copyOf(Arrays.stream(config.required().split(",")).map(String::trim).filter(id -> !id.isEmpty()).toList());
    changed();
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY,
      updated = "updatedPlugin")
  void bindPlugin(ConfigPlugin plugin, Map<String, ?> properties) {
    plugins.bind(plugin, properties);
    if (Boolean.TRUE.equals(properties.get(ConfigPlugin.REQUIRED))) {
      requiredByThemselves.put(String.valueOf(properties.get(ConfigPlugin.ID)), true);
    }
    changed();
  }

  /** A plugin's own configuration was edited. */
  void updatedPlugin(ConfigPlugin plugin, Map<String, ?> properties) {
    changed();
  }

  void unbindPlugin(ConfigPlugin plugin, Map<String, ?> properties) {
    plugins.unbind(plugin);
    complaints.remove(String.valueOf(properties.get(ConfigPlugin.ID)));
    changed();
  }

  void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  @Override
  public void changed() {
    changes.incrementAndGet();
    watchers.forEach(Runnable::run);
  }

  Map<String, String> complaints() {
    return complaints;
  }

  @Override
  public Provisioned configFor(Executor executor) {
    long change = changes.get();
    long now = System.nanoTime();
    Given last = given.getIfPresent(executor.id());
    boolean unchanged = last != null && last.change == change;
    // the very same object: nothing of the executor was written since
    if (unchanged && last.executor == executor && now - last.askedAt < SAID) {
      return last.provisioned;
    }
    Map<String, Answer> answers = answers(executor);
    Provisioned provisioned = unchanged && last.answers.equals(answers) ? last.provisioned : merged(answers);
    if (answers.values().stream().allMatch(answer -> answer.failure() == null)) {
      given.put(executor.id(), new Given(change, executor, now, answers, provisioned));
    }
    return provisioned;
  }

  private Map<String, Answer> answers(Executor executor) {
    for (String id : required) {
      // one that is being renewed is waited for below
      if (!plugins.speaks(id) && !plugins.held(id)) {
        throw missing(id);
      }
    }
    // thrown through the roster: the caretaker sees by it that a newcomer fails
    Map<String, Answer> answers =
        plugins.each(plugin -> new Answer(JsonValue.checked(plugin.contribute(executor)), null), ProvisioningService::failed);
    for (String id : required) {
      if (!answers.containsKey(id)) {
        throw missing(id);
      }
    }
    return answers;
  }

  private Provisioned merged(Map<String, Answer> answers) {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, String> provenance = new LinkedHashMap<>();
    answers.forEach((id, answer) -> {
      if (answer.failure() == null) {
        merge(id, answer.values(), values, provenance);
        complaints.computeIfPresent(id, (i, old) -> null);
      } else {
        fail(id, answer.failure());
      }
    });
    return new Provisioned(revision(values), Collections.unmodifiableMap(values), Collections.unmodifiableMap(provenance));
  }

  private record Answer(Map<String, Object> values, RuntimeException failure) {}

  private static Answer failed(RuntimeException failure) {
    if (failure instanceof Refusal no) {
      throw no;
    }
    return new Answer(null, failure);
  }

  /**
   * Which keys others give to an executor now.
   *
   * @param except symbolic name of the bundle that is left out
   * @return key to who gives it
   */
  Map<String, String> keysOfOthers(Executor executor, String except) {
    Map<String, String> keys = new LinkedHashMap<>();
    plugins.each(plugin -> keys(plugin, executor)).forEach((id, given) -> {
      Optional<Voice> voice = plugins.voice(id);
      if (voice.isPresent() && !voice.get().bundle().equals(except)) {
        given.forEach(key -> keys.putIfAbsent(key, name(voice.get())));
      }
    });
    return keys;
  }

  private static Set<String> keys(ConfigPlugin plugin, Executor executor) {
    try {
      return JsonValue.checked(plugin.contribute(executor)).keySet();
    } catch (RuntimeException fails) {
      // the health check tells of it; here it claims nothing
      return Set.of();
    }
  }

  private void merge(String id, Map<String, Object> from, Map<String, Object> values, Map<String, String> provenance) {
    String speaker = plugins.voice(id).map(ProvisioningService::name).orElse(id);
    from.forEach((key, value) -> {
      if (values.containsKey(key)) {
        // the round goes best ranking first: who came before stays
        complaints.put(key, "Both " + provenance.get(key) + " and " + speaker + " set " + key + "; the first one wins");
      } else {
        values.put(key, value);
        provenance.put(key, speaker);
      }
    });
  }

  private static String name(Voice voice) {
    return voice.version().isEmpty() ? voice.bundle() : voice.bundle() + "@" + voice.version();
  }

  private void fail(String id, RuntimeException failure) {
    boolean must = required.contains(id) || requiredByThemselves.containsKey(id);
    String sentence = "The plugin " + id + " failed: " + failure.getMessage();
    if (!sentence.equals(complaints.put(id, sentence))) {
      LOG.warn("A provisioning plugin failed: plugin={} required={}", id, must, failure);
    }
    if (must) {
      throw incomplete();
    }
  }

  private Refusal missing(String id) {
    LOG.error("A required provisioning plugin is missing: plugin={}", id);
    complaints.put(id, "The required plugin " + id + " is not running");
    return incomplete();
  }

  private static Refusal incomplete() {
    return new Refusal(500, CONFIG_ERROR, "Server configuration incomplete");
  }

  private static String revision(Map<String, Object> values) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(JsonValue.canonical(values));
      return HexFormat.of().formatHex(digest, 0, 12);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every JDK has SHA-256", impossible);
    }
  }
}
