package com.fxplatform.deploy;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.live.Voice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A newcomer's voices against the incumbent's record. */
final class Probation {
  private static final double TOLERATED_FAILURES = 0.01;
  private static final double SLOW_MILLIS = 200;
  private static final double MUCH_SLOWER = 10;
  private static final int ENOUGH_CALLS = 5;

  private final String name;
  private final Map<String, Voice> before = new HashMap<>();

  /** Takes down how the voices of a bundle have done so far. */
  Probation(String name) {
    this.name = name;
    speaking().forEach(voice -> before.merge(voice.id(), voice, (a, b) -> new Voice(a.id(), a.bundle(), a.version(), true, a.since(),
        a.calls() + b.calls(), a.failures() + b.failures(), a.totalNanos() + b.totalNanos())));
  }

  private List<Voice> speaking() {
    return Roster.everywhere().stream().filter(voice -> voice.speaking() && voice.bundle().equals(name)).toList();
  }

  /** Why the incumbent should come back, if it should. */
  Optional<String> trouble() {
    for (Voice voice : speaking()) {
      Voice old = before.get(voice.id());
      String who = "Its voice" + (voice.id().isEmpty() ? "" : " " + voice.id());
      double failures = share(voice.failures(), voice.calls());
      if (failures > 2 * (old == null ? 0 : share(old.failures(), old.calls())) + TOLERATED_FAILURES) {
        return Optional.of(who + " failed in " + voice.failures() + " of " + voice.calls() + " calls.");
      }
      double millis = share(voice.totalNanos(), voice.calls()) / 1e6;
      double usual = old == null ? 0 : share(old.totalNanos(), old.calls()) / 1e6;
      if (voice.calls() >= ENOUGH_CALLS && old != null && millis > Math.max(SLOW_MILLIS, MUCH_SLOWER * usual)) {
        return Optional.of(who + " takes " + Math.round(millis) + " ms for a call, the incumbent took " + Math.round(usual) + " ms.");
      }
    }
    return Optional.empty();
  }

  private static double share(long part, long of) {
    return of == 0 ? 0 : (double) part / of;
  }
}
