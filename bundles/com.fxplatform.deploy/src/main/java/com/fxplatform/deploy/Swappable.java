package com.fxplatform.deploy;

import java.util.List;
import java.util.Set;

/** What stands in the ground: everybody is wired to it, so it changes with a restart only. */
final class Swappable {
  private static final Set<String> FIXED = Set.of("com.fxplatform.api", "com.fxplatform.deploy", "com.fxplatform.web", "com.fxplatform.launcher",
      "slf4j.api", "ch.qos.logback.classic", "ch.qos.logback.core", "info.picocli");
  private static final List<String> FIXED_FAMILIES = List.of("org.apache.felix.", "org.osgi.", "com.fasterxml.jackson.");

  private Swappable() {}

  static boolean isFixed(String name) {
    return FIXED.contains(name) || FIXED_FAMILIES.stream().anyMatch(name::startsWith);
  }

  static void check(String name) throws Rejected {
    if (isFixed(name)) {
      throw new Rejected(name + " is what all others stand on and cannot be renewed while they run: put the jar into bundles/,"
          + " look with `fx check <runtime>`, and restart.");
    }
  }
}
