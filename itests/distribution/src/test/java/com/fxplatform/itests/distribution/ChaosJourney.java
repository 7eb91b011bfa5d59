package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short chaos, with the journeys that take long; the long one is the benchmark of that name. */
@Timeout(240)
@Tag("slow")
class ChaosJourney {
  @Test
  void nothingIsDoneTwiceAndNothingIsLost() throws Exception {
    run(Set.of());
  }

  @Test
  void norInProtocolTwo() throws Exception {
    run(Set.of(Chaos.Variant.ROBUST));
  }

  private static void run(Set<Chaos.Variant> variants) throws Exception {
    long seed = Long.getLong("fx.chaos.seed", System.currentTimeMillis() % 1_000_000);
    System.out.println("chaos seed " + seed + " (again with -Dfx.chaos.seed=" + seed + ")");
    try (Chaos chaos = new Chaos(seed, Integer.getInteger("fx.chaos.rounds", 12), variants)) {
      Chaos.Verdict verdict = chaos.run();
      System.out.println(verdict.totals());
      assertTrue(verdict.agreed(), verdict.totals() + "\n" + verdict.wrong());
    }
  }
}
