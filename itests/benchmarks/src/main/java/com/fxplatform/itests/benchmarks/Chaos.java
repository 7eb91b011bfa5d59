package com.fxplatform.itests.benchmarks;

/**
 * 300 deaths and cuts under a stream of commands: {@code -Dbenchmark=Chaos:seed:rounds:robust}, each of the three optional
 * from the end. Ends with 1 if anything was done twice, lost, or told differently by two of the three.
 */
public final class Chaos {
  private Chaos() {}

  public static void main(String[] arguments) throws Exception {
    long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : System.currentTimeMillis() % 1_000_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
    boolean robust = arguments.length > 2 && arguments[2].equals("robust");
    System.out.println("chaos seed " + seed + ", " + rounds + " rounds; again with -Dbenchmark=Chaos:" + seed + ":" + rounds + (robust ? ":robust" : ""));
    boolean well;
    try (var chaos = new com.fxplatform.itests.distribution.Chaos(seed, rounds, robust)) {
      System.out.println("logs: " + chaos.folder());
      var verdict = chaos.run();
      verdict.wrong().forEach((kind, all) -> all.forEach(each -> System.out.println(kind + " " + each)));
      System.out.println(verdict.totals());
      well = verdict.well();
    }
    System.exit(well ? 0 : 1);
  }
}
