package com.fxplatform.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.felix.hc.api.HealthCheck;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Which components do not come up, and why, in words. */
final class Wiring {
  /**
   * A component that is not there.
   *
   * @param vital whether it carries a {@code live} health check that belongs to this runtime
   */
  record Missing(String component, String bundle, List<String> reasons, boolean vital) {}

  private record Tried(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {}

  private final ServiceComponentRuntime runtime;

  Wiring(ServiceComponentRuntime runtime) {
    this.runtime = runtime;
  }

  /** @param without ids of bundles that are left out */
  List<Missing> missing(Set<Long> without) {
    List<Tried> all = new ArrayList<>();
    for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
      if (!without.contains(component.bundle.id) && runtime.isComponentEnabled(component)) {
        runtime.getComponentConfigurationDTOs(component).forEach(configuration -> all.add(new Tried(component, configuration)));
      }
    }
    Set<Tried> meant = meant(all);
    List<Missing> missing = new ArrayList<>();
    for (Tried tried : all) {
      List<String> reasons = reasons(tried.component, tried.configuration);
      if (!reasons.isEmpty()) {
        missing.add(new Missing(tried.component.name, tried.component.bundle.symbolicName, reasons,
            live(tried.component) && meant.contains(tried)));
      }
    }
    return missing;
  }

  // without its configuration a component with policy "require" is not wanted, which is no fault
  static List<String> reasons(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {
    if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
      return List.of("it fails when it is activated: " + firstLine(configuration.failure));
    }
    if (configuration.state != ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
      return List.of();
    }
    return Arrays.stream(configuration.unsatisfiedReferences)
        .map(reference -> "needs the service " + serviceOf(component, reference)
            + (reference.target == null || reference.target.isEmpty() ? "" : " with " + reference.target) + ", which nobody offers")
        .toList();
  }

  private static String firstLine(String failure) {
    return failure == null ? "the log says why" : failure.lines().findFirst().orElse("the log says why");
  }

  private static String serviceOf(ComponentDescriptionDTO component, UnsatisfiedReferenceDTO unsatisfied) {
    return Arrays.stream(component.references).filter(reference -> reference.name.equals(unsatisfied.name))
        .map((ReferenceDTO reference) -> reference.interfaceName).findFirst().orElse(unsatisfied.name);
  }

  private static boolean live(ComponentDescriptionDTO component) {
    return Arrays.asList(component.serviceInterfaces).contains(HealthCheck.class.getName())
        && Health.strings(component.properties.get(HealthCheck.TAGS)).contains("live");
  }

  /**
   * Those that ought to come up in this runtime. A room may carry the server's and the executor's half: a component without
   * its mandatory configuration is not meant, and neither is one that needs what only such components would offer.
   */
  private static Set<Tried> meant(List<Tried> all) {
    Set<Tried> meant = new HashSet<>();
    Set<String> offered = new HashSet<>();
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Tried tried : all) {
        int state = tried.configuration.state;
        boolean now = state != ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION
            && (state != ComponentConfigurationDTO.UNSATISFIED_REFERENCE
                || Arrays.stream(tried.configuration.unsatisfiedReferences)
                    .allMatch(reference -> offered.contains(serviceOf(tried.component, reference))));
        if (now && meant.add(tried)) {
          offered.addAll(Arrays.asList(tried.component.serviceInterfaces));
          grown = true;
        }
      }
    }
    return meant;
  }
}
