package com.fxplatform.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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

  private final ServiceComponentRuntime runtime;

  Wiring(ServiceComponentRuntime runtime) {
    this.runtime = runtime;
  }

  List<Missing> missing() {
    Collection<ComponentDescriptionDTO> all = runtime.getComponentDescriptionDTOs();
    Set<String> offered = new HashSet<>();
    all.forEach(component -> offered.addAll(Arrays.asList(component.serviceInterfaces)));
    List<Missing> missing = new ArrayList<>();
    for (ComponentDescriptionDTO component : all) {
      if (runtime.isComponentEnabled(component)) {
        for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
          List<String> reasons = reasons(component, configuration);
          if (!reasons.isEmpty()) {
            missing.add(new Missing(component.name, component.bundle.symbolicName, reasons,
                live(component) && belongsHere(component, configuration, offered)));
          }
        }
      }
    }
    return missing;
  }

  // without its configuration a component with policy "require" is not wanted, which is no fault
  private static List<String> reasons(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {
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

  /** A room may carry the server's and the executor's half; the half whose neighbours are not installed is not meant. */
  private static boolean belongsHere(
      ComponentDescriptionDTO component, ComponentConfigurationDTO configuration, Set<String> offered) {
    return configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION
        || Arrays.stream(configuration.unsatisfiedReferences).allMatch(reference -> offered.contains(serviceOf(component, reference)));
  }
}
