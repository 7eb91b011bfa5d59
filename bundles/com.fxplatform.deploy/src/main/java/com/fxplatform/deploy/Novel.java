package com.fxplatform.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** The resolver's novel in one sentence. */
final class Novel {
  private static final Pattern PACKAGE = Pattern.compile("\\(osgi\\.wiring\\.package=([^)]*)\\)");
  private static final Pattern LOW = Pattern.compile("\\(version>=([^)]*)\\)");
  private static final Pattern HIGH = Pattern.compile("\\(!\\(version>=([^)]*)\\)\\)");

  private Novel() {}

  /** Why a bundle does not resolve. */
  static String of(Bundle bundle, BundleContext context) {
    List<BundleCapability> offered = new ArrayList<>();
    for (Bundle other : context.getBundles()) {
      BundleRevision revision = other.adapt(BundleRevision.class);
      if (revision != null && other != bundle) {
        offered.addAll(revision.getDeclaredCapabilities(null));
      }
    }
    for (BundleRequirement need : bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
      boolean now = need.getDirectives().getOrDefault(Constants.EFFECTIVE_DIRECTIVE, Constants.EFFECTIVE_RESOLVE)
          .equals(Constants.EFFECTIVE_RESOLVE);
      boolean must = !Constants.RESOLUTION_OPTIONAL.equals(need.getDirectives().get(Constants.RESOLUTION_DIRECTIVE));
      if (now && must && offered.stream().noneMatch(need::matches)) {
        return sentence(need, offered);
      }
    }
    try {
      bundle.start(Bundle.START_TRANSIENT);
      return "It did not resolve, and a moment later it did: try again.";
    } catch (BundleException novel) {
      return "It does not fit with the other bundles: " + novel.getMessage();
    }
  }

  private static String sentence(BundleRequirement need, List<BundleCapability> offered) {
    String filter = need.getDirectives().getOrDefault(Constants.FILTER_DIRECTIVE, "");
    if (need.getNamespace().equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)) {
      return "It needs another Java than " + System.getProperty("java.version") + " " + filter + "; build it for this one.";
    }
    Matcher name = PACKAGE.matcher(filter);
    if (!need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE) || !name.find()) {
      return "It needs " + need.getNamespace() + " " + filter + ", and no bundle of this runtime offers it.";
    }
    Set<Version> versions = new TreeSet<>();
    offered.stream().filter(capability -> name.group(1).equals(capability.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)))
        .forEach(capability -> versions.add((Version) capability.getAttributes().get(Constants.VERSION_ATTRIBUTE)));
    String range = range(filter);
    return "It needs package " + name.group(1) + (range.isEmpty() ? "" : " " + range) + "; the runtime offers "
        + (versions.isEmpty() ? "none: embed it, or add a bundle that exports it to the runtime."
            : String.join(" and ", versions.stream().map(Version::toString).toList()) + ".");
  }

  private static String range(String filter) {
    Matcher high = HIGH.matcher(filter);
    Matcher low = LOW.matcher(high.replaceAll(""));
    String from = low.find() ? low.group(1) : "";
    high.reset();
    return high.find() ? "[" + (from.isEmpty() ? "0" : from) + "," + high.group(1) + ")" : from.isEmpty() ? "" : from + " or newer";
  }
}
