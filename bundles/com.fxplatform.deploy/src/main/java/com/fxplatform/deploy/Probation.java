package com.fxplatform.deploy;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.live.Voice;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A newcomer's voices against the incumbent's record. */
final class Probation {
  private static final double TOLERATED_FAILURES = 0.01;
  private static final double SLOW_MILLIS = 200;
  private static final double MUCH_SLOWER = 10;
  private static final int ENOUGH_CALLS = 5;

  private static final long LONG_ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How a voice has been slow without a break: from the look at which it began. */
  private record Slow(long since, long calls, long nanos) {}

  private final String name;
  private final long sustainedNanos;
  private final Map<String, Voice> before = new HashMap<>();
  private final Map<String, Voice> last = new HashMap<>();
  private final Map<String, Slow> slow = new HashMap<>();

  /**
   * Takes down how the voices of a bundle have done so far.
   *
   * @param length of the probation; whoever is slow for half of it, or for 10 s, is slow. Anybody may be when he begins:
   *     his caches are cold
   */
  Probation(String name, Duration length) {
    this.name = name;
    this.sustainedNanos = Math.min(length.toNanos() / 2, LONG_ENOUGH_NANOS);
    before.putAll(speaking());
  }

  /** The same service is on the roster of each of its callers: its word is the sum of what they saw. */
  private Map<String, Voice> speaking() {
    Map<String, Voice> byId = new HashMap<>();
    Roster.everywhere().stream().filter(voice -> voice.speaking() && voice.bundle().equals(name)).forEach(voice ->
        byId.merge(voice.id(), voice, (a, b) -> new Voice(a.id(), a.bundle(), a.version(), true, a.since(),
            a.calls() + b.calls(), a.failures() + b.failures(), a.totalNanos() + b.totalNanos())));
    return byId;
  }

  /** Why the incumbent should come back, if it should. */
  Optional<String> trouble() {
    long now = System.nanoTime();
    for (Voice voice : speaking().values()) {
      Voice old = before.get(voice.id());
      String who = "Its voice" + (voice.id().isEmpty() ? "" : " " + voice.id());
      double failures = share(voice.failures(), voice.calls());
      if (failures > 2 * (old == null ? 0 : share(old.failures(), old.calls())) + TOLERATED_FAILURES) {
        return Optional.of(who + " failed in " + voice.failures() + " of " + voice.calls() + " calls.");
      }
      Optional<String> slowness = slowness(voice, old, now);
      if (slowness.isPresent()) {
        return Optional.of(who + slowness.get());
      }
    }
    return Optional.empty();
  }

  private Optional<String> slowness(Voice voice, Voice old, long now) {
    Voice look = last.put(voice.id(), voice);
    long calls = voice.calls() - (look == null || look.calls() > voice.calls() ? 0 : look.calls());
    long nanos = voice.totalNanos() - (look == null || look.calls() > voice.calls() ? 0 : look.totalNanos());
    if (old == null || calls == 0) {
      return Optional.empty();
    }
    double usual = share(old.totalNanos(), old.calls()) / 1e6;
    if (share(nanos, calls) / 1e6 <= Math.max(SLOW_MILLIS, MUCH_SLOWER * usual)) {
      slow.remove(voice.id());
      return Optional.empty();
    }
    Slow since = slow.merge(voice.id(), new Slow(now, calls, nanos), (a, b) -> new Slow(a.since, a.calls + b.calls, a.nanos + b.nanos));
    return since.calls >= ENOUGH_CALLS && now - since.since >= sustainedNanos
        ? Optional.of(" takes " + Math.round(share(since.nanos, since.calls) / 1e6) + " ms for a call, the incumbent took "
            + Math.round(usual) + " ms.")
        : Optional.empty();
  }

  private static double share(long part, long of) {
    return of == 0 ? 0 : (double) part / of;
  }
}
