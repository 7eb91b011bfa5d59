package com.fxplatform.deploy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** The components of one bundle against those of the one it is to follow. */
final class Components {
  /** A complaint, and whether waiting could help. */
  record Complaint(String sentence, boolean forGood) {}

  private final ServiceComponentRuntime runtime;

  Components(ServiceComponentRuntime runtime) {
    this.runtime = runtime;
  }

  /** Which components of a bundle are up, by name; false for those that are not. */
  Map<String, Boolean> up(Bundle bundle) {
    Map<String, Boolean> up = new HashMap<>();
    if (bundle != null) {
      for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle)) {
        up.put(component.name, runtime.getComponentConfigurationDTOs(component).stream().anyMatch(Components::satisfied));
      }
    }
    return up;
  }

  private static boolean satisfied(ComponentConfigurationDTO configuration) {
    return configuration.state == ComponentConfigurationDTO.SATISFIED || configuration.state == ComponentConfigurationDTO.ACTIVE;
  }

  /** @param before the components of the incumbent; empty if there is none */
  Optional<Complaint> complaint(Bundle newcomer, Map<String, Boolean> before) {
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(newcomer)) {
      if (!runtime.isComponentEnabled(component)) {
        continue;
      }
      boolean wasUp = before.getOrDefault(component.name, false);
      boolean wasDown = before.containsKey(component.name) && !wasUp;
      boolean isUp = false;
      for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
        isUp |= satisfied(configuration);
        List<String> reasons = Wiring.reasons(component, configuration);
        boolean failed = configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION;
        // what the incumbent lacks as well is the other assembly's half
        if (!reasons.isEmpty() && (failed || !wasDown)) {
          return Optional.of(new Complaint(
              "Its component " + component.name + " does not come up: " + String.join("; ", reasons) + ".", failed));
        }
      }
      if (wasUp && !isUp) {
        return Optional.of(new Complaint("Its component " + component.name
            + " does not come up, the incumbent's does: it asks for a configuration that is not there.", false));
      }
    }
    return Optional.empty();
  }

  /** Names of the components outside of some bundles that miss a service or fail. */
  Set<String> down(Set<Long> without) {
    Set<String> down = new HashSet<>();
    new Wiring(runtime).missing(without).forEach(missing -> down.add(missing.component() + " of " + missing.bundle()));
    return down;
  }
}
