package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Chaos.Variant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * 300 deaths and cuts under a stream of commands: {@code -Dbenchmark=Chaos:seed:rounds:robust:postgres}, whichever of the
 * last two is wanted. Ends with 1 if anything was done twice, lost, or told differently by two of the three.
 */
public final class Chaos {
  private Chaos() {}

  public static void main(String[] arguments) throws Exception {
    long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : System.currentTimeMillis() % 1_000_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
    Set<Variant> variants = EnumSet.noneOf(Variant.class);
    Arrays.stream(arguments).skip(2).map(each -> Variant.valueOf(each.toUpperCase(Locale.ROOT))).forEach(variants::add);
    StringBuilder again = new StringBuilder("-Dbenchmark=Chaos:" + seed + ":" + rounds);
    variants.forEach(each -> again.append(':').append(each.name().toLowerCase(Locale.ROOT)));
    System.out.println("chaos seed " + seed + ", " + rounds + " rounds; again with " + again);
    boolean well;
    try (var chaos = new com.fxplatform.itests.distribution.Chaos(seed, rounds, variants)) {
      System.out.println("logs: " + chaos.folder());
      var verdict = chaos.run();
      verdict.wrong().forEach((kind, all) -> all.forEach(each -> System.out.println(kind + " " + each)));
      System.out.println(verdict.totals());
      well = verdict.well();
    }
    System.exit(well ? 0 : 1);
  }
}
