package com.fxplatform.deploy;

import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * How the whole house is: what each health check says, which components do not come up, how the bundles are. As a
 * {@code BooleanSupplier} with {@code fx.health=live} it tells whoever starts the house whether all that must live does.
 */
@Component(service = {Health.class, BooleanSupplier.class}, property = "fx.health=live")
public final class Health implements BooleanSupplier {
  /**
   * One check's word.
   *
   * @param tags {@code live}, {@code ready}, others
   * @param message one sentence with the remedy
   */
  record Check(String name, List<String> tags, String status, String message) {
    boolean well() {
      return status.equals("OK") || status.equals("WARN");
    }
  }

  /** A bundle and whether it is as the launcher wants it. */
  record Room(String name, String version, String state, boolean ok) {}

  /** Everything at one instant. */
  record Picture(boolean live, boolean ready, List<Check> checks, List<Wiring.Missing> missing, List<Room> rooms) {}

  private static final long CHECK_PATIENCE_MILLIS = 2000;
  private static final String LIVE = "live";

  private final Roster<HealthCheck> checks = new Roster<>(HealthCheck.NAME, Duration.ofSeconds(5));
  private final Map<HealthCheck, List<String>> tags = new ConcurrentHashMap<>();
  // who does not speak yet can harm nobody
  private final Set<Long> onTrial = ConcurrentHashMap.newKeySet();
  private volatile boolean settlingIn;
  private final BundleContext context;
  private final Wiring wiring;
  private final ExecutorService threads;

  @Activate
  public Health(BundleContext context, @Reference ServiceComponentRuntime components) {
    this.context = context;
    this.wiring = new Wiring(components);
    this.threads = Executors.newFixedThreadPool(2, task -> BackDoor.named(task, "fx-deploy-health"));
  }

  @Reference(service = HealthCheck.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindCheck(HealthCheck check, Map<String, ?> properties) {
    tags.put(check, strings(properties.get(HealthCheck.TAGS)));
    checks.bind(check, properties);
  }

  void unbindCheck(HealthCheck check) {
    checks.unbind(check);
    tags.remove(check);
  }

  @Deactivate
  void close() {
    threads.shutdownNow();
  }

  /** Leaves a bundle's components out of the picture, or takes them in again. */
  void onTrial(long bundle, boolean is) {
    if (is) {
      onTrial.add(bundle);
    } else {
      onTrial.remove(bundle);
    }
  }

  /** A start is over only when the plugins that had settled stand again. */
  void settlingIn(boolean is) {
    settlingIn = is;
  }

  static List<String> strings(Object value) {
    if (value instanceof String[] many) {
      return List.of(many);
    }
    if (value instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).toList();
    }
    return value == null ? List.of() : List.of(value.toString());
  }

  Picture picture() {
    List<Check> said = said(check -> true);
    List<Room> rooms = rooms();
    List<Wiring.Missing> missing = wiring.missing(onTrial);
    boolean live = live(said, rooms, missing);
    boolean ready = live && said.stream().filter(check -> check.tags.contains("ready")).allMatch(Check::well);
    return new Picture(live, ready, said, missing, rooms);
  }

  @Override
  public boolean getAsBoolean() {
    return live(said(check -> tags(check).contains(LIVE)), rooms(), wiring.missing(onTrial));
  }

  private static boolean live(List<Check> said, List<Room> rooms, List<Wiring.Missing> missing) {
    // a check whose component does not come up cannot say no itself
    return rooms.stream().allMatch(Room::ok)
        && said.stream().filter(check -> check.tags.contains(LIVE)).allMatch(Check::well)
        && missing.stream().noneMatch(m -> m.vital());
  }

  private List<Check> said(Predicate<HealthCheck> which) {
    List<Check> said = new ArrayList<>();
    checks.each(check -> which.test(check) ? new Object[] {tags(check), ask(check)} : null).forEach((name, heard) -> {
      if (heard != null) {
        said.add(check(name, heard));
      }
    });
    if (settlingIn) {
      said.add(new Check("deployments", List.of(LIVE), "TEMPORARILY_UNAVAILABLE",
          "The plugins of the deploy folder are still being started; wait"));
    }
    return said;
  }

  private List<String> tags(HealthCheck check) {
    return tags.getOrDefault(check, List.of());
  }

  @SuppressWarnings("unchecked")
  private static Check check(String name, Object[] heard) {
    Result result = (Result) heard[1];
    return new Check(name, (List<String>) heard[0], result.getStatus().name(), message(result));
  }

  private Result ask(HealthCheck check) {
    Future<Result> answer = threads.submit(check::execute);
    try {
      Result result = answer.get(CHECK_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      return result != null ? result : new Result(Result.Status.HEALTH_CHECK_ERROR, "The check says nothing.");
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Result(Result.Status.HEALTH_CHECK_ERROR, "The check does not answer within 2 s.");
    } catch (ExecutionException e) {
      return new Result(Result.Status.HEALTH_CHECK_ERROR, "The check itself fails: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(Result.Status.HEALTH_CHECK_ERROR, "The platform is stopping.");
    }
  }

  private static String message(Result result) {
    return StreamSupport.stream(result.spliterator(), false)
        .max(Comparator.comparing(ResultLog.Entry::getStatus)).map(ResultLog.Entry::getMessage).orElse("");
  }

  private List<Room> rooms() {
    List<Room> rooms = new ArrayList<>();
    for (Bundle bundle : context.getBundles()) {
      if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID) {
        boolean fragment = bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
        // only what the launcher installed must run; a newcomer on trial may be in any state
        boolean ours = bundle.getLocation().startsWith("reference:");
        String state = state(bundle.getState());
        boolean ok = !ours || state.equals("ACTIVE") || (fragment && state.equals("RESOLVED")) || succeeded(bundle);
        rooms.add(new Room(bundle.getSymbolicName(), bundle.getVersion().toString(), state, ok));
      }
    }
    return rooms;
  }

  // promoted over it from the deploy folder
  private boolean succeeded(Bundle bundle) {
    return Arrays.stream(context.getBundles()).anyMatch(other -> other != bundle && other.getState() == Bundle.ACTIVE
        && other.getLocation().startsWith(Caretaker.LOCATION) && bundle.getSymbolicName().equals(other.getSymbolicName()));
  }

  private static String state(int state) {
    return switch (state) {
      case Bundle.ACTIVE -> "ACTIVE";
      case Bundle.STARTING -> "STARTING";
      case Bundle.STOPPING -> "STOPPING";
      case Bundle.RESOLVED -> "RESOLVED";
      case Bundle.INSTALLED -> "INSTALLED";
      default -> "UNINSTALLED";
    };
  }
}
