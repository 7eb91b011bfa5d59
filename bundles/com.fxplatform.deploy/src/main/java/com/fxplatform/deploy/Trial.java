package com.fxplatform.deploy;

import com.fxplatform.api.deploy.Rehearsal;
import com.fxplatform.api.live.Roster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** What a newcomer must show before it may speak. */
final class Trial {
  private static final Duration REHEARSAL = Duration.ofSeconds(30);
  private static final int PAUSE_MILLIS = 25;

  private final BundleContext context;
  private final Components components;
  private final Deadline deadline;
  private final Roster<Rehearsal> rehearsals;

  Trial(BundleContext context, Components components, Deadline deadline, Roster<Rehearsal> rehearsals) {
    this.context = context;
    this.components = components;
    this.deadline = deadline;
    this.rehearsals = rehearsals;
  }

  /** How the incumbent was, taken while it still ran. */
  record Record(Map<String, Boolean> components, Map<String, Integer> rankings, Map<String, Boolean> sick) {
    /** The ranking a newcomer's service may have at most. */
    Optional<Integer> highest(String component, String service) {
      Integer own = rankings.get(component + " " + service);
      return Optional.ofNullable(own != null ? own : rankings.get(service));
    }
  }

  Record record(Bundle incumbent, Duration patience) throws InterruptedException {
    Map<String, Integer> rankings = new HashMap<>();
    Map<String, Boolean> sick = new HashMap<>();
    for (ServiceReference<?> reference : references(incumbent)) {
      int ranking = ranking(reference);
      for (String service : services(reference)) {
        rankings.merge(component(reference) + " " + service, ranking, Math::max);
        rankings.merge(service, ranking, Math::max);
      }
      if (services(reference).contains(HealthCheck.class.getName())) {
        sick.put(checkName(reference), complaint(reference, patience).isPresent());
      }
    }
    return new Record(components.up(incumbent), rankings, sick);
  }

  void admit(List<Parcel.Ranking> wanted, Record incumbent) throws Rejected {
    for (Parcel.Ranking ranking : wanted) {
      refuseAbove(incumbent, ranking.component(), ranking.service(), ranking.ranking());
    }
  }

  private static void refuseAbove(Record incumbent, String component, String service, int ranking) throws Rejected {
    Optional<Integer> highest = incumbent.highest(component, service).filter(most -> ranking > most);
    if (highest.isPresent()) {
      throw new Rejected("Its component " + component + " has service.ranking " + ranking + ", the incumbent's has " + highest.get()
          + ": it would speak before it was tried. Use the same ranking.");
    }
  }

  /** Waits until everything is up, asks its checks, and rehearses it. */
  void pass(Bundle newcomer, Record incumbent, Duration patience, Pause pause) throws Rejected, Pause.Over {
    long end = System.nanoTime() + patience.toNanos();
    Optional<Components.Complaint> complaint = components.complaint(newcomer, incumbent.components);
    while (complaint.isPresent()) {
      if (complaint.get().forGood() || System.nanoTime() > end) {
        throw new Rejected(complaint.get().sentence());
      }
      pause.millis(PAUSE_MILLIS);
      complaint = components.complaint(newcomer, incumbent.components);
    }
    for (ServiceReference<?> reference : references(newcomer)) {
      for (String service : services(reference)) {
        refuseAbove(incumbent, component(reference), service, ranking(reference));
      }
    }
    List<ServiceReference<?>> gotten = new ArrayList<>();
    try {
      for (ServiceReference<?> reference : references(newcomer)) {
        Object service = pause.foreign(() -> deadline.within(patience, "Its service " + said(reference), () -> context.getService(reference)));
        if (service == null) {
          throw new Rejected("Its service " + said(reference) + " cannot be had: " + components.complaint(newcomer, incumbent.components)
              .map(Components.Complaint::sentence).orElse("the log says why."));
        }
        gotten.add(reference);
        rehearse(reference, service, pause);
      }
      Optional<String> sick = sickness(newcomer, incumbent, patience, pause);
      while (sick.isPresent()) {
        if (System.nanoTime() > end) {
          throw new Rejected(sick.get());
        }
        pause.millis(PAUSE_MILLIS);
        sick = sickness(newcomer, incumbent, patience, pause);
      }
    } finally {
      gotten.forEach(context::ungetService);
    }
  }

  private void rehearse(ServiceReference<?> reference, Object service, Pause pause) throws Rejected, Pause.Over {
    for (String type : services(reference)) {
      if (rehearsals.speaks(type)) {
        Optional<Exception> no = pause.foreign(() -> deadline.within(REHEARSAL, "The rehearsal of its " + simple(type),
            () -> rehearsals.<Exception>tryCall(type, rehearsal -> {
              try {
                rehearsal.rehearse(service);
                return null;
              } catch (Exception failed) {
                return failed;
              }
            })));
        if (no.isPresent()) {
          throw new Rejected("The rehearsal of its " + simple(type) + " failed: "
              + (no.get().getMessage() == null ? no.get().toString() : no.get().getMessage()));
        }
      }
    }
  }

  /** One sentence if a check of the newcomer's is bad that was not just as bad before. */
  Optional<String> sickness(Bundle newcomer, Record incumbent, Duration patience, Pause pause) throws Pause.Over {
    for (ServiceReference<?> reference : references(newcomer)) {
      if (services(reference).contains(HealthCheck.class.getName()) && !incumbent.sick.getOrDefault(checkName(reference), false)) {
        Optional<String> complaint = pause.calm(() -> complaint(reference, patience));
        if (complaint.isPresent()) {
          return complaint;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> complaint(ServiceReference<?> reference, Duration patience) throws InterruptedException {
    String name = "Its health check " + checkName(reference);
    try {
      Result result = deadline.within(patience, name, () -> {
        HealthCheck check = (HealthCheck) context.getService(reference);
        try {
          return check == null ? null : check.execute();
        } finally {
          context.ungetService(reference);
        }
      });
      if (result == null) {
        return Optional.of(name + " says nothing.");
      }
      // also who only waits for something: where the incumbent did not have to, the newcomer has not got what it needs
      boolean bad = result.getStatus() == Result.Status.CRITICAL || result.getStatus() == Result.Status.HEALTH_CHECK_ERROR
          || result.getStatus() == Result.Status.TEMPORARILY_UNAVAILABLE;
      return bad ? Optional.of(name + " says " + result.getStatus() + ": " + message(result)) : Optional.empty();
    } catch (Rejected no) {
      return Optional.of(no.getMessage());
    }
  }

  private static String message(Result result) {
    return StreamSupport.stream(result.spliterator(), false)
        .max(Comparator.comparing(ResultLog.Entry::getStatus)).map(ResultLog.Entry::getMessage).orElse("");
  }

  private static List<ServiceReference<?>> references(Bundle bundle) {
    ServiceReference<?>[] all = bundle == null ? null : bundle.getRegisteredServices();
    return all == null ? List.of() : Arrays.asList(all);
  }

  private static List<String> services(ServiceReference<?> reference) {
    return List.of((String[]) reference.getProperty(Constants.OBJECTCLASS));
  }

  private static int ranking(ServiceReference<?> reference) {
    return reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0;
  }

  private static String component(ServiceReference<?> reference) {
    return String.valueOf(reference.getProperty("component.name"));
  }

  private static String checkName(ServiceReference<?> reference) {
    return String.valueOf(reference.getProperty(HealthCheck.NAME));
  }

  private static String said(ServiceReference<?> reference) {
    return simple(services(reference).get(0));
  }

  private static String simple(String service) {
    return service.substring(service.lastIndexOf('.') + 1);
  }
}
