package com.fxplatform.provisioning;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.deploy.Rehearsal;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.provisioning.ConfigPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Manifest;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Tries a newcomer among the plugins on executors that were heard lately, before any of them is given what it says. */
@Component(property = Rehearsal.SERVICE + "=com.fxplatform.api.provisioning.ConfigPlugin")
public final class PluginRehearsal implements Rehearsal {
  private static final int MOST = 50;
  private static final long PATIENCE_MILLIS = 200;
  private static final Duration LATELY = Duration.ofDays(7);
  private static final Executor NOBODY = new Executor("rehearsal", "rehearsal", "Rehearsal", "exe_" + "0".repeat(32), "MT5",
      Optional.empty(), Optional.empty(), "offline", Optional.empty(), Instant.EPOCH, Instant.EPOCH, Map.of());

  private final ProvisioningService provisioning;
  private final Roster<ExecutorDirectory> directory = new Roster<>(Duration.ofSeconds(5));

  @Activate
  public PluginRehearsal(@Reference ProvisioningService provisioning) {
    this.provisioning = provisioning;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  @Override
  public void rehearse(Object candidate) {
    ConfigPlugin plugin = (ConfigPlugin) candidate;
    String bundle = bundle(candidate);
    List<Executor> lately = directory.<List<Executor>>tryCall("", all -> all.heardSince(Instant.now().minus(LATELY), MOST))
        .orElse(List.of());
    for (Executor executor : lately.isEmpty() ? List.of(NOBODY) : lately) {
      Map<String, Object> given = timed(plugin, executor);
      Map<String, String> taken = provisioning.keysOfOthers(executor, bundle);
      for (String key : given.keySet()) {
        if (taken.containsKey(key)) {
          throw new IllegalArgumentException("it sets " + key + ", which " + taken.get(key) + " sets already; namespace your keys");
        }
      }
    }
  }

  private static Map<String, Object> timed(ConfigPlugin plugin, Executor executor) {
    long millis = 0;
    // classes are loaded in the first call: a slow one gets a second chance
    for (int i = 0; i < 2; i++) {
      long start = System.nanoTime();
      Map<String, ?> said;
      try {
        said = plugin.contribute(executor);
      } catch (Refusal veto) {
        // refusing one executor is its right
        said = Map.of();
      }
      millis = (System.nanoTime() - start) / 1_000_000;
      Map<String, Object> given = JsonValue.checked(said);
      if (millis <= PATIENCE_MILLIS) {
        return given;
      }
    }
    throw new IllegalArgumentException("it takes " + millis + " ms for one executor; " + PATIENCE_MILLIS + " ms are allowed");
  }

  // as Roster tells it
  private static String bundle(Object candidate) {
    try (InputStream in = candidate.getClass().getResourceAsStream("/META-INF/MANIFEST.MF")) {
      String name = in == null ? null : new Manifest(in).getMainAttributes().getValue("Bundle-SymbolicName");
      return name == null ? candidate.getClass().getName() : name.split(";", 2)[0].trim();
    } catch (IOException unreadable) {
      return candidate.getClass().getName();
    }
  }
}
