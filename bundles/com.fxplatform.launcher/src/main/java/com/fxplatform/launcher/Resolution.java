package com.fxplatform.launcher;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** The resolver's novel in sentences: what is missing at the root, who needs it, and what to add. */
final class Resolution {
  private static final Pattern NAME = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]*)\\)");
  private static final Pattern LOW = Pattern.compile("\\(version>=([^)]*)\\)");
  private static final Pattern HIGH = Pattern.compile("\\(!\\(version>=([^)]*)\\)\\)");

  private final Bundle system;
  private final Collection<Bundle> bundles;
  private final Jars jars;

  Resolution(Bundle system, Collection<Bundle> bundles, Jars jars) {
    this.system = system;
    this.bundles = bundles;
    this.jars = jars;
  }

  List<String> sentences() {
    List<BundleCapability> offered = new ArrayList<>(system.adapt(BundleRevision.class).getDeclaredCapabilities(null));
    bundles.forEach(bundle -> offered.addAll(bundle.adapt(BundleRevision.class).getDeclaredCapabilities(null)));
    Set<String> sentences = new LinkedHashSet<>();
    List<Bundle> unresolved = bundles.stream().filter(bundle -> bundle.getState() == Bundle.INSTALLED).toList();
    for (Bundle bundle : unresolved) {
      for (BundleRequirement need : bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
        String effective = need.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE);
        boolean optional = Constants.RESOLUTION_OPTIONAL.equals(need.getDirectives().get(Constants.RESOLUTION_DIRECTIVE));
        if (!optional && effective.equals(Constants.EFFECTIVE_RESOLVE) && offered.stream().noneMatch(need::matches)) {
          sentences.add(sentence(bundle, need, offered));
        }
      }
    }
    if (sentences.isEmpty()) {
      // each need has an answer, but no set of answers fits together: only the resolver itself can say why
      for (Bundle bundle : unresolved) {
        try {
          bundle.start(Bundle.START_TRANSIENT);
        } catch (BundleException novel) {
          sentences.add(bundle.getSymbolicName() + " does not fit with the other bundles: " + novel.getMessage());
        }
      }
    }
    return List.copyOf(sentences);
  }

  private String sentence(Bundle bundle, BundleRequirement need, List<BundleCapability> offered) {
    String who = bundle.getSymbolicName();
    String filter = need.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
    if (need.getNamespace().equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)) {
      return who + " needs another Java than " + System.getProperty("java.version") + " (" + filter + "): run a newer one.";
    }
    Matcher name = NAME.matcher(filter);
    if (!need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) || !name.find()) {
      return who + " needs " + need.getNamespace() + " " + filter + ", and no bundle of this runtime offers it: add one that does.";
    }
    String wanted = name.group(1);
    String range = range(filter);
    Set<String> versions = new TreeSet<>();
    offered.stream()
        .filter(capability -> wanted.equals(capability.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)))
        .forEach(capability -> versions.add(String.valueOf(capability.getAttributes().get(Constants.VERSION_ATTRIBUTE))));
    String needs = who + " needs package " + wanted + (range.isEmpty() ? "" : " " + range);
    if (!versions.isEmpty()) {
      return needs + "; the runtime offers " + String.join(" and ", versions) + ": add a bundle that exports a version in that range.";
    }
    Optional<String> exporter = jars.exporterOf(wanted);
    return exporter.isPresent()
        ? needs + ": add `bundle " + exporter.get() + "` to the runtime file."
        : needs + ", and no jar in bundles/ exports it: put one there and add its `bundle` line, or embed the package in " + who + ".";
  }

  static String range(String filter) {
    Matcher high = HIGH.matcher(filter);
    Matcher low = LOW.matcher(high.replaceAll(""));
    String from = low.find() ? brief(low.group(1)) : "";
    high.reset();
    return high.find() ? "[" + (from.isEmpty() ? "0" : from) + "," + brief(high.group(1)) + ")" : from.isEmpty() ? "" : from + " or newer";
  }

  private static String brief(String text) {
    Version version = Version.parseVersion(text);
    String brief = version.getMajor() + "." + version.getMinor();
    return version.getMicro() == 0 ? brief.replaceAll("\\.0$", "") : brief + "." + version.getMicro();
  }
}
