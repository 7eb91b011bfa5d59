package com.fxplatform.api.live;

import com.fxplatform.api.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.jar.Manifest;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The hinge on which rooms turn: all services of one kind, and for each id the one that speaks.
 *
 * <p>The best {@code service.ranking} speaks, and among equals the longest standing ({@code service.id}). A newcomer
 * that starts beside the incumbent is therefore bound but not chosen; it speaks from the instant the incumbent leaves,
 * and the incumbent speaks again from the instant the newcomer leaves.
 *
 * <p>Every call is leased: {@link #unbind} takes the leaving service off the roster first and then waits until the
 * calls in flight have returned, at most the patience given. Declarative Services calls {@code unbind} before it
 * deactivates the leaving component, so no call ever meets a deactivated one.
 *
 * <p>Use it from a dynamic, greedy reference:
 * <pre>{@code
 * private final Roster<RateLimiter> limiter = new Roster<>(Duration.ofSeconds(5));
 *
 * @Reference(cardinality = AT_LEAST_ONE, policy = DYNAMIC, policyOption = GREEDY)
 * void bindLimiter(RateLimiter service, Map<String, ?> properties) { limiter.bind(service, properties); }
 * void unbindLimiter(RateLimiter service) { limiter.unbind(service); }
 * }</pre>
 *
 * <p>A room that cannot stand beside itself leaves its place empty for a moment; callers wait for the newcomer while the
 * caretaker keeps a {@link Hold}.
 *
 * <p>Thread-safe. A call costs one volatile read and two atomic counts; no lock is held while the service works.
 *
 * @param <S> the service
 */
@ProviderType
public final class Roster<S> {
  /** Nobody speaks for the id asked. */
  public static final String NO_PROVIDER = "NO_PROVIDER";

  // weak: a roster ends with the component that holds it
  private static final Set<Roster<?>> ALL = Collections.newSetFromMap(new WeakHashMap<>());

  private final String idProperty;
  private final long patienceNanos;
  private final Object writing = new Object();
  private volatile Map<String, List<Entry<S>>> byId = Map.of();

  /**
   * A roster of services that all do the same thing.
   *
   * @param patience how long {@link #unbind} waits for calls in flight
   */
  public Roster(Duration patience) {
    this(null, patience);
  }

  /**
   * A roster with one voice per id.
   *
   * @param idProperty the service property that holds the id: a string, or several for a service that speaks for several
   * @param patience how long {@link #unbind} waits for calls in flight
   */
  public Roster(String idProperty, Duration patience) {
    this.idProperty = idProperty;
    this.patienceNanos = patience.toNanos();
    synchronized (ALL) {
      ALL.add(this);
    }
  }

  /** The voices of every roster of the house: by them the caretaker judges a newcomer on probation. */
  public static List<Voice> everywhere() {
    List<Roster<?>> rosters;
    synchronized (ALL) {
      rosters = List.copyOf(ALL);
    }
    return rosters.stream().flatMap(roster -> roster.voices().stream()).toList();
  }

  /** Adds a service. A service without the id property is a bug of its author and is refused loudly. */
  public void bind(S service, Map<String, ?> properties) {
    Entry<S> entry = new Entry<>(service, ids(properties), number(properties, "service.ranking"), number(properties, "service.id"));
    synchronized (writing) {
      Map<String, List<Entry<S>>> next = new LinkedHashMap<>(byId);
      for (String id : entry.ids) {
        List<Entry<S>> line = new ArrayList<>(next.getOrDefault(id, List.of()));
        line.add(entry);
        line.sort(Entry.ORDER);
        next.put(id, List.copyOf(line));
      }
      byId = next;
    }
    Hold.comeBack();
  }

  /** Takes a service off the roster at once, then waits until the calls it still serves have returned. */
  public void unbind(S service) {
    Entry<S> leaving = null;
    synchronized (writing) {
      Map<String, List<Entry<S>>> next = new LinkedHashMap<>();
      for (Map.Entry<String, List<Entry<S>>> line : byId.entrySet()) {
        List<Entry<S>> rest = new ArrayList<>(line.getValue().size());
        for (Entry<S> entry : line.getValue()) {
          if (entry.service == service) {
            leaving = entry;
          } else {
            rest.add(entry);
          }
        }
        if (!rest.isEmpty()) {
          next.put(line.getKey(), List.copyOf(rest));
        } else {
          // noted before it is gone, so that nobody finds the place empty and unheld
          Hold.vacate(this, line.getKey());
        }
      }
      byId = next;
    }
    if (leaving != null) {
      leaving.drain(patienceNanos);
    }
  }

  /** Calls the one that speaks, for a roster without ids. See {@link #call(String, Function)}. */
  public <R> R call(Function<? super S, ? extends R> use) {
    return call("", use);
  }

  /** Like {@link #call(Function)} for a use without a result. */
  public void run(Consumer<? super S> use) {
    call("", service -> {
      use.accept(service);
      return null;
    });
  }

  /**
   * Calls the one that speaks for {@code id}, under a lease.
   *
   * @throws Refusal 503 {@link #NO_PROVIDER} if nobody speaks for it
   */
  public <R> R call(String id, Function<? super S, ? extends R> use) {
    Entry<S> entry = await(id);
    if (entry == null) {
      throw new Refusal(503, NO_PROVIDER, "This part of the platform is not running at the moment; try again shortly.")
          .withRetryAfter(Duration.ofSeconds(1));
    }
    return entry.use(use);
  }

  /** Like {@link #call(String, Function)}, but empty if nobody speaks for {@code id} or the use gave {@code null}. */
  public <R> Optional<R> tryCall(String id, Function<? super S, ? extends R> use) {
    Entry<S> entry = await(id);
    return entry == null ? Optional.empty() : Optional.ofNullable(entry.use(use));
  }

  /**
   * Calls each voice once per id it speaks for, best ranking first. What one throws ends the round and reaches the
   * caller: whoever wants to go on catches inside {@code use}.
   */
  public <R> Map<String, R> each(Function<? super S, ? extends R> use) {
    return each(use, failure -> {
      throw failure;
    });
  }

  /**
   * Like {@link #each(Function)}, but what one throws becomes its result by {@code failed} and the round goes on. The
   * failure counts in its {@link Voice}.
   */
  public <R> Map<String, R> each(Function<? super S, ? extends R> use, Function<RuntimeException, ? extends R> failed) {
    Hold.awaitAll(this);
    List<Map.Entry<String, List<Entry<S>>>> lines = new ArrayList<>(byId.entrySet());
    lines.sort(Map.Entry.comparingByValue(Comparator.comparing(line -> line.get(0), Entry.ORDER)));
    Map<String, R> results = new LinkedHashMap<>();
    for (Map.Entry<String, List<Entry<S>>> line : lines) {
      Entry<S> entry = await(line.getKey());
      if (entry != null) {
        R result;
        try {
          result = entry.use(use);
        } catch (RuntimeException failure) {
          result = failed.apply(failure);
        }
        results.put(line.getKey(), result);
      }
    }
    return results;
  }

  /** Whether nobody speaks for {@code id} at this instant, but somebody will shortly: a {@link Hold} is on. */
  public boolean held(String id) {
    return !speaks(id) && Hold.holds(this, id);
  }

  /** Whether somebody speaks for {@code id}. */
  public boolean speaks(String id) {
    return byId.containsKey(id);
  }

  /** Everybody on the roster, the one that speaks first within each id. */
  public List<Voice> voices() {
    List<Voice> all = new ArrayList<>();
    byId.forEach((id, line) -> {
      for (int i = 0; i < line.size(); i++) {
        all.add(line.get(i).voice(id, i == 0));
      }
    });
    return all;
  }

  /** The voice that answers for {@code id} now. */
  public Optional<Voice> voice(String id) {
    List<Entry<S>> line = byId.get(id);
    return line == null ? Optional.empty() : Optional.of(line.get(0).voice(id, true));
  }

  private Entry<S> await(String id) {
    Entry<S> entry = lease(id);
    while (entry == null && Hold.await(this, id)) {
      entry = lease(id);
    }
    return entry;
  }

  private Entry<S> lease(String id) {
    while (true) {
      List<Entry<S>> line = byId.get(id);
      if (line == null) {
        return null;
      }
      Entry<S> first = line.get(0);
      if (first.enter()) {
        return first;
      }
      // it left between our look and our step; the next look sees the roster without it
      Thread.onSpinWait();
    }
  }

  private List<String> ids(Map<String, ?> properties) {
    if (idProperty == null) {
      return List.of("");
    }
    Object value = properties.get(idProperty);
    if (value instanceof String one) {
      return List.of(one);
    }
    if (value instanceof String[] many && many.length > 0) {
      return List.of(many);
    }
    if (value instanceof Collection<?> many && !many.isEmpty()) {
      return many.stream().map(Object::toString).toList();
    }
    throw new IllegalArgumentException("A service on this roster must carry the property " + idProperty);
  }

  private static long number(Map<String, ?> properties, String name) {
    return properties.get(name) instanceof Number n ? n.longValue() : 0;
  }

  private static final class Entry<S> {
    static final Comparator<Entry<?>> ORDER =
        Comparator.<Entry<?>>comparingLong(e -> -e.ranking).thenComparingLong(e -> e.serviceId);

    final S service;
    final List<String> ids;
    final long ranking;
    final long serviceId;
    final Instant since = Instant.now();
    // calls in flight; turns negative for ever (by MIN_VALUE) once the service leaves
    final AtomicInteger leases = new AtomicInteger();
    final LongAdder calls = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder nanos = new LongAdder();
    private volatile String[] origin;

    Entry(S service, List<String> ids, long ranking, long serviceId) {
      this.service = Objects.requireNonNull(service, "service");
      this.ids = ids;
      this.ranking = ranking;
      this.serviceId = serviceId;
    }

    boolean enter() {
      if (leases.incrementAndGet() > 0) {
        return true;
      }
      leave();
      return false;
    }

    void leave() {
      if (leases.decrementAndGet() == Integer.MIN_VALUE) {
        synchronized (this) {
          notifyAll();
        }
      }
    }

    <R> R use(Function<? super S, ? extends R> use) {
      long start = System.nanoTime();
      boolean failed = true;
      try {
        R result = use.apply(service);
        failed = false;
        return result;
      } catch (Refusal no) {
        failed = no.status() >= 500;
        throw no;
      } finally {
        calls.increment();
        nanos.add(System.nanoTime() - start);
        if (failed) {
          failures.increment();
        }
        leave();
      }
    }

    void drain(long patienceNanos) {
      leases.addAndGet(Integer.MIN_VALUE);
      long deadline = System.nanoTime() + patienceNanos;
      boolean interrupted = false;
      synchronized (this) {
        while (leases.get() != Integer.MIN_VALUE) {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            break;
          }
          try {
            // re-check each 50 ms: a notify that raced past costs a moment, not the whole patience
            TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, 50_000_000L));
          } catch (InterruptedException stop) {
            interrupted = true;
            break;
          }
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    Voice voice(String id, boolean speaking) {
      String[] from = origin();
      return new Voice(id, from[0], from[1], speaking, since, calls.sum(), failures.sum(), nanos.sum());
    }

    // read only when somebody looks: the slab imports nothing of OSGi, but each bundle carries its name in its manifest
    private String[] origin() {
      String[] known = origin;
      if (known == null) {
        known = new String[] {service.getClass().getName(), ""};
        try (InputStream in = service.getClass().getResourceAsStream("/META-INF/MANIFEST.MF")) {
          if (in != null) {
            var main = new Manifest(in).getMainAttributes();
            String name = main.getValue("Bundle-SymbolicName");
            if (name != null) {
              known = new String[] {name.split(";", 2)[0].trim(), Optional.ofNullable(main.getValue("Bundle-Version")).orElse("")};
            }
          }
        } catch (IOException unreadable) {
          // the class name stands in for the bundle
        }
        origin = known;
      }
      return known;
    }
  }
}
