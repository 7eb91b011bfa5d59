package com.fxplatform.launcher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The configuration in force as a person may see it, and what is wrong with it: what a component refused, what nobody
 * knows, what cannot be read. A service, so that the back door can tell. Thread-safe.
 */
final class ConfigurationReport implements Supplier<Map<String, Object>> {
  /** Service property by which the report is found. */
  static final String PROPERTY = "fx.configuration";

  private static final Pattern COMPONENT = Pattern.compile("\\[([^\\]()]+)\\(\\d+\\)\\]");
  // a key that overrides what the platform provisions has the platform's name, not one of ours
  private static final String OVERRIDE = "override.";

  private final Shown shown;
  private final Map<String, Value> settings;
  private final BundleContext context;
  private final Map<String, Map<String, Value>> values = new TreeMap<>();
  private final Map<String, Set<String>> changed = new HashMap<>();
  private final Map<String, Map<String, String>> refused = new TreeMap<>();
  private final List<String> unreadable = new ArrayList<>();
  private final Map<Long, Map.Entry<Long, Declared>> declared = new HashMap<>();

  ConfigurationReport(Shown shown, Map<String, Value> settings, BundleContext context) {
    this.shown = shown;
    this.settings = settings;
    this.context = context;
  }

  /** Takes note of what is about to be pushed; a PID that changes gets a new chance. */
  synchronized void pushing(Map<String, Map<String, Value>> configuration, List<String> complaints) {
    Set<String> all = new LinkedHashSet<>(values.keySet());
    all.addAll(configuration.keySet());
    for (String pid : all) {
      Map<String, Value> before = values.getOrDefault(pid, Map.of());
      Map<String, Value> after = configuration.getOrDefault(pid, Map.of());
      Set<String> keys = new TreeSet<>(before.keySet());
      keys.addAll(after.keySet());
      keys.removeIf(key -> before.containsKey(key) && after.containsKey(key) && before.get(key).text().equals(after.get(key).text()));
      if (!keys.isEmpty()) {
        changed.put(pid, keys);
        refused.remove(pid);
      }
    }
    values.clear();
    configuration.forEach((pid, now) -> values.put(pid, new TreeMap<>(now)));
    unreadable.clear();
    unreadable.addAll(complaints);
  }

  /** SCR's word about a component that could not take its configuration. */
  synchronized void failed(Bundle bundle, String message, Throwable thrown) {
    Matcher component = COMPONENT.matcher(message);
    boolean modified = message.contains("method has thrown an exception");
    if (bundle == null || thrown == null || !component.find() || !(modified || message.contains("instantiation"))) {
      return;
    }
    Throwable root = thrown;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String why = root.getMessage() == null ? root.toString() : root.getMessage().replaceFirst("^[\\w.$]+(Exception|Error): ", "");
    if (String.valueOf(root.getMessage()).contains(NumberFormatException.class.getName())) {
      why = "it must be a number. (" + why + ")";
    }
    for (String pid : declared(bundle).pidsOf().getOrDefault(component.group(1), Set.of())) {
      Map<String, Value> now = values.get(pid);
      if (now != null && changed.containsKey(pid)) {
        refused.computeIfAbsent(pid, p -> new LinkedHashMap<>())
            .put(component.group(1), sentence(pid, now, why) + (modified ? " The former value stays in force." : " Until then it does not run."));
      }
    }
  }

  private String sentence(String pid, Map<String, Value> now, String why) {
    Set<String> suspects = new TreeSet<>(changed.get(pid));
    Set<String> named = new TreeSet<>(suspects);
    named.removeIf(key -> !Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(key) + "(?![A-Za-z0-9])").matcher(why).find());
    if (named.isEmpty()) {
      named.addAll(suspects);
      named.removeIf(key -> !now.containsKey(key) || now.get(key).text().isBlank() || !why.contains(now.get(key).text()));
    }
    List<String> places = (named.isEmpty() ? suspects : named).stream().map(key -> now.containsKey(key)
        ? now.get(key).origin() + ": " + key + " = " + shown.value(key, now.get(key)) : pid + ": " + key + " is missing").toList();
    String told = suspects.stream().anyMatch(key -> Shown.secret(key) && now.containsKey(key) && why.contains(now.get(key).text()))
        ? "the component does not take it" : why;
    return String.join(", ", places) + " is refused: " + told + (told.endsWith(".") ? "" : ".");
  }

  private Declared declared(Bundle bundle) {
    Map.Entry<Long, Declared> known = declared.get(bundle.getBundleId());
    if (known == null || known.getKey() != bundle.getLastModified()) {
      known = Map.entry(bundle.getLastModified(), Declared.in(bundle));
      declared.put(bundle.getBundleId(), known);
    }
    return known.getValue();
  }

  /** The complaints, each one sentence that names the place. */
  synchronized List<String> complaints() {
    List<String> complaints = new ArrayList<>(unreadable);
    refused.values().forEach(byComponent -> complaints.addAll(new LinkedHashSet<>(byComponent.values())));
    Map<String, Set<String>> keysOf = new HashMap<>();
    Set<Long> present = new LinkedHashSet<>();
    for (Bundle bundle : context.getBundles()) {
      present.add(bundle.getBundleId());
      if (bundle.getState() != Bundle.UNINSTALLED) {
        declared(bundle).keysOf().forEach((pid, keys) -> keysOf.computeIfAbsent(pid, p -> new TreeSet<>()).addAll(keys));
      }
    }
    declared.keySet().retainAll(present);
    complaints.addAll(unknown(values, keysOf));
    return complaints;
  }

  /** A sentence for each key that no component of its PID knows. */
  static List<String> unknown(Map<String, Map<String, Value>> values, Map<String, Set<String>> keysOf) {
    List<String> sentences = new ArrayList<>();
    values.forEach((pid, now) -> {
      Set<String> known = keysOf.get(pid.split("~", 2)[0]);
      if (known != null) {
        now.forEach((key, value) -> {
          if (!known.contains(key) && !key.startsWith(OVERRIDE)) {
            Set<String> offered = new TreeSet<>(known);
            offered.removeIf(name -> name.contains(".") && !name.startsWith("."));
            sentences.add(value.origin() + ": nobody knows the key " + key + " of " + pid + "; there are " + String.join(", ", offered) + ".");
          }
        });
      }
    });
    return sentences;
  }

  @Override
  public synchronized Map<String, Object> get() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("settings", rows(settings));
    Map<String, Object> pids = new LinkedHashMap<>();
    values.forEach((pid, now) -> pids.put(pid, rows(now)));
    report.put("configuration", pids);
    report.put("complaints", complaints());
    return report;
  }

  private List<List<String>> rows(Map<String, Value> of) {
    return of.entrySet().stream().map(entry ->
        List.of(entry.getKey(), shown.value(entry.getKey(), entry.getValue()), shown.origin(entry.getValue()))).toList();
  }
}
