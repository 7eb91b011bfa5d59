package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;

/** {@code fx check}: resolves a whole runtime, activates nothing, and answers in sentences. */
final class Checkup {
  /**
   * What was found.
   *
   * @param bundles how many were looked at
   * @param wrong what would keep the runtime from starting
   * @param warnings what it would start in spite of
   */
  record Findings(int bundles, List<String> wrong, List<String> warnings) {}

  private static final Pattern COMPONENT = Pattern.compile("<(?:\\w+:)?component\\b[^>]*>");
  private static final Pattern ATTRIBUTE = Pattern.compile("\\b(name|configuration-pid)\\s*=\\s*[\"']([^\"']*)[\"']");
  // those that take their configuration as managed services and not from SCR
  private static final Set<String> FOREIGN = Set.of("org.apache.felix.http");

  private Checkup() {}

  static Findings of(Fx fx, String name) {
    RuntimeFile runtime = fx.runtime(name);
    Settings settings = fx.settings(runtime);
    List<String> wrong = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Map<String, Map<String, Value>> configuration = fx.layers(runtime).read(wrong::add);
    wrong.addAll(Ports.wrong(settings));
    fx.instance().create();
    Jars jars = new Jars(fx.home().bundles());
    Framework framework =
        new Framework(settings, fx.instance(), fx.instance().cache().resolve("check-" + name + "-" + ProcessHandle.current().pid()));
    try {
      wrong.addAll(framework.install(runtime, jars));
      wrong.addAll(framework.resolve(jars));
      Set<String> declared = new HashSet<>(FOREIGN);
      Set<String> rooms = new HashSet<>();
      for (Bundle bundle : framework.bundles().values()) {
        rooms.add(bundle.getSymbolicName());
        declared.addAll(pids(bundle));
      }
      Map<String, Set<String>> keysOf = new HashMap<>();
      for (Bundle bundle : framework.bundles().values()) {
        Declared.in(bundle).keysOf().forEach((pid, keys) -> keysOf.computeIfAbsent(pid, p -> new HashSet<>()).addAll(keys));
      }
      warnings.addAll(ConfigurationReport.unknown(configuration, keysOf));
      configuration.forEach((pid, values) -> {
        String factory = pid.split("~", 2)[0];
        if (!declared.contains(factory)) {
          String place = values.isEmpty() ? "A config line" : values.values().iterator().next().origin();
          warnings.add(place + ": nothing reads the configuration " + pid
              + (rooms.contains(factory) ? "; no component of that bundle names this PID." : "; check the PID, or add the bundle that does."));
        }
      });
      return new Findings(framework.bundles().size(), wrong, warnings);
    } finally {
      framework.stop(5000);
    }
  }

  /** The PIDs that the components of a bundle read. */
  static Set<String> pids(Bundle bundle) {
    Set<String> pids = new HashSet<>();
    String header = bundle.getHeaders("").get("Service-Component");
    if (header != null) {
      for (String entry : header.split(",")) {
        URL xml = bundle.getEntry(entry.split(";", 2)[0].trim());
        if (xml != null) {
          try (InputStream in = xml.openStream()) {
            pids.addAll(pids(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
          } catch (IOException unreadable) {
            // SCR will say so when the runtime starts
          }
        }
      }
    }
    return pids;
  }

  static Set<String> pids(String xml) {
    Set<String> pids = new HashSet<>();
    Matcher component = COMPONENT.matcher(xml);
    while (component.find()) {
      String name = "";
      String listed = "";
      Matcher attribute = ATTRIBUTE.matcher(component.group());
      while (attribute.find()) {
        if (attribute.group(1).equals("name")) {
          name = attribute.group(2);
        } else {
          listed = attribute.group(2);
        }
      }
      for (String pid : (listed.isBlank() ? "$" : listed).trim().split("\\s+")) {
        pids.add(pid.equals("$") ? name : pid);
      }
    }
    return pids;
  }
}
