package com.fxplatform.launcher;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.slf4j.LoggerFactory;

/**
 * A verb that a bundle carries: its small runtime is started in this very process, and the service
 * {@code java.util.function.Function} with the property {@code fx.command=<verb>} gets the arguments.
 */
final class BundleCommand {
  private static final int PATIENCE_SECONDS = 5;

  private BundleCommand() {}

  static int run(Fx fx, String verb, List<String> arguments, InputStream in) throws InterruptedException {
    RuntimeFile runtime = fx.runtime(verb);
    if (!fx.command(runtime).filter(verb::equals).isPresent()) {
      throw new Trouble(verb + " is a runtime to keep running: `fx start " + verb + "` or `fx run " + verb
          + "`. (A command's runtime file says `set fx.command=" + verb + "`.)");
    }
    Settings settings = fx.settings(runtime);
    Instance instance = fx.instance();
    instance.create();
    instance.refuseOpenSecrets();
    Logging.to(instance.logs().resolve(verb + ".log"), false, "WARN");
    Outbound.apply(settings, instance);
    Map<String, Map<String, Value>> configuration = fx.layers(runtime).read(sentence -> {
      throw new Trouble(sentence);
    });
    Jars jars = new Jars(fx.home().bundles());
    // several of them may run at once
    Framework framework = new Framework(settings, instance, instance.cache().resolve(verb + "-" + ProcessHandle.current().pid()));
    try {
      List<String> missing = framework.install(runtime, jars);
      if (missing.isEmpty()) {
        missing = framework.resolve(jars);
      }
      if (!missing.isEmpty()) {
        throw Trouble.of(missing);
      }
      framework.start(configuration);
      return call(framework, fx, verb, arguments, in, settings);
    } catch (BundleException e) {
      LoggerFactory.getLogger(BundleCommand.class).error("A bundle does not start. command={}", verb, e);
      throw new Trouble(verb + " does not start: " + e.getMessage() + " The log says more: " + instance.logs().resolve(verb + ".log"));
    } finally {
      framework.stop(5000);
      Logging.close();
    }
  }

  private static int call(Framework framework, Fx fx, String verb, List<String> arguments, InputStream in, Settings settings)
      throws InterruptedException {
    ServiceReference<?> reference = await(framework, verb);
    if (reference == null) {
      List<String> stuck = framework.bundles().values().stream()
          .filter(bundle -> bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING)
          .map(Bundle::getSymbolicName).toList();
      throw new Trouble("No bundle of runtimes/" + verb + ".runtime offers the command " + verb + " within " + PATIENCE_SECONDS + " s"
          + (stuck.isEmpty() ? "" : "; not running: " + String.join(", ", stuck)) + ". The log may say why: "
          + fx.instance().logs().resolve(verb + ".log"));
    }
    Map<String, Object> call = new HashMap<>();
    call.put("args", List.copyOf(arguments));
    call.put("in", in);
    call.put("out", fx.out());
    call.put("err", fx.err());
    if (System.console() != null) {
      call.put("console", System.console());
    }
    call.put("instance", fx.instance().root());
    Map<String, String> effective = new TreeMap<>(settings.texts());
    effective.keySet().removeIf(name -> !name.startsWith("fx."));
    // where programs of a Windows user keep what they know
    effective.put("fx.appdata", fx.environment().getOrDefault("APPDATA", ""));
    call.put("settings", Map.copyOf(effective));
    @SuppressWarnings("unchecked")
    Function<Map<String, Object>, Object> function = (Function<Map<String, Object>, Object>) framework.context().getService(reference);
    try {
      return function.apply(call) instanceof Integer code ? code : 0;
    } catch (RuntimeException bug) {
      LoggerFactory.getLogger(BundleCommand.class).error("The command failed. command={}", verb, bug);
      throw new Trouble(verb + " failed: " + bug.getMessage() + ". The log says more: " + fx.instance().logs().resolve(verb + ".log"));
    }
  }

  private static ServiceReference<?> await(Framework framework, String verb) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        Collection<ServiceReference<Function>> found = new ArrayList<>(
            framework.context().getServiceReferences(Function.class, "(" + Settings.COMMAND + "=" + verb + ")"));
        if (!found.isEmpty()) {
          return found.stream().max(ServiceReference::compareTo).orElseThrow();
        }
      } catch (InvalidSyntaxException impossible) {
        throw new IllegalStateException(impossible);
      }
      if (System.nanoTime() > deadline) {
        return null;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
