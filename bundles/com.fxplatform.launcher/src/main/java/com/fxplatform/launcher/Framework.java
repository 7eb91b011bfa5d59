package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.xml.parsers.SAXParserFactory;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.log.LogService;

/** One OSGi framework for one runtime. Its cache is disposable: the disk of the tree is the truth. */
final class Framework {
  private static final String CONFIG_ADMIN = "org.apache.felix.configadmin";
  private static final String INTERPOLATION = "org.apache.felix.configadmin.plugin.interpolation";

  private final org.osgi.framework.launch.Framework felix;
  private final Path cache;
  private final SystemLog log = new SystemLog();
  private final Map<String, Bundle> bundles = new LinkedHashMap<>();
  private final Set<String> pushed = new HashSet<>();
  private Map<String, Dictionary<String, Object>> last = Map.of();

  /** @param cache a folder of its own, wiped */
  Framework(Settings settings, Instance instance, Path cache) {
    this.cache = cache;
    wipe(cache);
    Map<String, Object> properties = new HashMap<>(settings.texts());
    properties.put(Constants.FRAMEWORK_STORAGE, cache.toString());
    properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    // a renewed room stands beside the old one under the same name
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, systemPackages());
    properties.put("felix.log.logger", new SystemLog.OfFramework());
    // Config Admin appears once placeholders can be resolved, and writes nothing to disk: values may be secret
    properties.put("felix.cm.config.plugins", INTERPOLATION);
    properties.put("felix.cm.pm", "memory");
    properties.put(INTERPOLATION + ".secretsdir", instance.secrets().toString());
    // SCR asks for a parser with each bundle, and a search through the class path for another than the JDK's would find none
    System.setProperty("javax.xml.parsers.SAXParserFactory", SAXParserFactory.newDefaultInstance().getClass().getName());
    felix = new FrameworkFactory().newFramework(new HashMap<>(stringsOrLogger(properties)));
    try {
      felix.init();
    } catch (BundleException e) {
      throw new Trouble("The framework cannot begin (" + e.getMessage() + "); delete " + cache + " and try again.");
    }
    // by both names: SCR looks for the factory only
    felix.getBundleContext().registerService(
        new String[] {LogService.class.getName(), org.osgi.service.log.LoggerFactory.class.getName()}, log, null);
  }

  // Felix takes the logger out of a map of strings; its signature does not say so
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Map<String, String> stringsOrLogger(Map<String, Object> properties) {
    return (Map) properties;
  }

  /** The class path of the launcher, as far as bundles may see it. SLF4J twice: half of the world imports [1.7,2). */
  private static String systemPackages() {
    List<String> packages = new ArrayList<>(List.of("org.osgi.service.cm;version=1.6.1", "org.osgi.service.log;version=1.5.0"));
    for (String slf4j : List.of("org.slf4j", "org.slf4j.spi", "org.slf4j.event", "org.slf4j.helpers")) {
      packages.add(slf4j + ";version=1.7.36");
      packages.add(slf4j + ";version=2.0.20");
    }
    return String.join(",", packages);
  }

  static void wipe(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try {
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
          Files.delete(dir);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new Trouble("The cache " + folder + " cannot be emptied (" + e.getMessage() + "); delete it and try again.");
    }
  }

  BundleContext context() {
    return felix.getBundleContext();
  }

  Map<String, Bundle> bundles() {
    return bundles;
  }

  /** Installs what the runtime names, without copying; the missing ones are returned as sentences. */
  List<String> install(RuntimeFile runtime, Jars jars) {
    List<String> missing = new ArrayList<>();
    runtime.bundles().forEach((name, place) -> {
      Path jar = jars.find(name).orElse(null);
      if (jar == null) {
        missing.add(place + ": there is no " + name + "-<version>.jar in bundles/; put it there, or take the line out.");
        return;
      }
      try {
        bundles.put(name, context().installBundle("reference:" + jar.toUri(), null));
      } catch (BundleException e) {
        missing.add(place + ": " + jar.getFileName() + " is no usable bundle (" + e.getMessage() + "); replace it.");
      }
    });
    return missing;
  }

  /** Resolves everything and activates nothing; what does not resolve is returned as sentences. */
  List<String> resolve(Jars jars) {
    boolean all = felix.adapt(FrameworkWiring.class).resolveBundles(bundles.values());
    return all ? List.of() : new Resolution(felix, bundles.values(), jars).sentences();
  }

  /** Starts Config Admin, gives it all configuration, then starts everything else. */
  void start(Map<String, Map<String, Value>> configuration) throws BundleException {
    felix.start();
    List<Bundle> first = new ArrayList<>();
    for (String name : List.of(CONFIG_ADMIN, INTERPOLATION)) {
      if (bundles.containsKey(name)) {
        first.add(bundles.get(name));
      }
    }
    for (Bundle bundle : first) {
      start(bundle);
    }
    push(configuration);
    for (Bundle bundle : bundles.values()) {
      if (!first.contains(bundle)) {
        start(bundle);
      }
    }
  }

  private static void start(Bundle bundle) throws BundleException {
    if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
      bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
    }
  }

  /** Brings Config Admin to what is given: changed PIDs are updated, and those pushed earlier and gone now are deleted. */
  void push(Map<String, Map<String, Value>> configuration) {
    ServiceReference<ConfigurationAdmin> reference = context().getServiceReference(ConfigurationAdmin.class);
    if (reference == null) {
      if (!configuration.isEmpty()) {
        throw new Trouble("The runtime has configuration, but Config Admin is not running; add `include core` to the runtime file.");
      }
      return;
    }
    Map<String, Dictionary<String, Object>> wanted = new HashMap<>();
    configuration.forEach((pid, values) -> {
      Dictionary<String, Object> properties = new Hashtable<>();
      values.forEach((key, value) -> properties.put(key, value.text()));
      wanted.put(pid, properties);
    });
    ConfigurationAdmin admin = context().getService(reference);
    try {
      for (Map.Entry<String, Dictionary<String, Object>> entry : wanted.entrySet()) {
        // only what changed at our side: what the server provisioned on the same PID is not ours to undo
        if (!entry.getValue().equals(last.get(entry.getKey()))) {
          configuration(admin, entry.getKey()).updateIfDifferent(entry.getValue());
        }
        pushed.add(entry.getKey());
      }
      for (String pid : Set.copyOf(pushed)) {
        if (!wanted.containsKey(pid)) {
          configuration(admin, pid).delete();
          pushed.remove(pid);
        }
      }
      last = wanted;
    } catch (IOException e) {
      throw new Trouble("Config Admin does not take the configuration (" + e.getMessage() + ").");
    } finally {
      context().ungetService(reference);
    }
  }

  private static Configuration configuration(ConfigurationAdmin admin, String pid) throws IOException {
    int tilde = pid.indexOf('~');
    return tilde < 0
        ? admin.getConfiguration(pid, "?")
        : admin.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?");
  }

  /** Offers a report about the configuration, and lets it hear what components refuse. */
  void report(ConfigurationReport report) {
    context().registerService(Supplier.class, report, new Hashtable<>(Map.of(ConfigurationReport.PROPERTY, "true")));
    log.tell(report::failed);
  }

  /**
   * Whether everything that must live does.
   *
   * @param asked whether somebody is there to be asked; a runtime without back door is believed
   */
  boolean lives(boolean asked) {
    if (!asked) {
      return true;
    }
    try {
      Collection<ServiceReference<BooleanSupplier>> found = context().getServiceReferences(BooleanSupplier.class, "(fx.health=live)");
      for (ServiceReference<BooleanSupplier> reference : found) {
        BooleanSupplier health = context().getService(reference);
        try {
          return health != null && health.getAsBoolean();
        } finally {
          context().ungetService(reference);
        }
      }
      return false;
    } catch (InvalidSyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Waits until the framework has stopped; whether it did so in order. */
  boolean await() throws InterruptedException {
    FrameworkEvent event = felix.waitForStop(0);
    return event.getType() == FrameworkEvent.STOPPED || event.getType() == FrameworkEvent.STOPPED_SYSTEM_REFRESHED;
  }

  /** Begins to stop; {@link #await} returns when it is done. */
  void requestStop() {
    try {
      felix.stop();
    } catch (BundleException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops everything in order, at most {@code patienceMillis}. */
  void stop(long patienceMillis) {
    try {
      felix.stop();
      felix.waitForStop(patienceMillis);
    } catch (BundleException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    wipe(cache);
  }
}
