package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Await;
import com.fxplatform.itests.distribution.Browser;
import com.fxplatform.itests.distribution.Credentials;
import com.fxplatform.itests.distribution.Jars;
import com.fxplatform.itests.distribution.LedgerFile;
import com.fxplatform.itests.distribution.Newcomer;
import com.fxplatform.itests.distribution.Product;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Bundles are renewed while 32 connections are in use, every fifth newcomer bad: by the caretaker, and then in place by Apache Felix
 * File Install, which is how others do it. {@code -Dfx.swaps=100}: how often each, a tenth of it in place; {@code -Dfx.swaps.requests}:
 * at least so many requests meanwhile.
 */
public final class Swaps {
  private static final int TIMES = Integer.getInteger("fx.swaps", 100);
  private static final int CONNECTIONS = 32;
  private static final long PACE = Duration.ofMillis(Long.getLong("fx.swaps.pace", 20)).toNanos();
  private static final Duration CALM = Duration.ofSeconds(Long.getLong("fx.swaps.calm", 30));
  private static final long ENOUGH_CALLS = Long.getLong("fx.swaps.requests", 200_000);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> ROOMS =
      List.of("com.fxplatform.credentials", "com.fxplatform.ratelimit", "com.fxplatform.provisioning", "com.fxplatform.sessions");
  private static final String LIMITS = "com.fxplatform.ratelimit/limits=config=1000000/60,auth=1000000/60,heartbeat=1000000/60,"
      + "validate=1000000/60,session=1000000/60";
  private static final String POLL_MILLIS = "100";
  private static final Pattern LOADERS = Pattern.compile("\\s(\\d+)\\s+\\d+\\s+org\\.apache\\.felix\\.framework\\.BundleWiringImpl\\$BundleClassLoader");
  private static final Pattern BY_CLASS = Pattern.compile("(?m)^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+)");
  private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

  /** How a newcomer is bad; each of them in turn. */
  private enum Bad { THROWS, LONELY, SICK, LATER, SLOW }

  /**
   * What jcmd says of the server: class loaders of bundles, and bytes that are in use after a collection. The database's own objects
   * grow with what the heartbeats write (org.h2, and its arrays, BitSets and map nodes), so that the growth is told by class.
   */
  private record Memory(long loaders, long bytes, Map<String, Long> byClass) {
    /** What has grown most since, in kB. */
    String growth(Memory since) {
      return byClass.keySet().stream().sorted(Comparator.comparing(name -> since.byClass.getOrDefault(name, 0L) - byClass.get(name))).limit(8)
          .map(name -> name + " +" + (byClass.get(name) - since.byClass.getOrDefault(name, 0L)) / 1000).collect(Collectors.joining(", "));
    }
  }

  private final Product product;
  private final Path rebuilt;
  private final Path gate;
  private int serial;

  private Swaps(Product product) throws IOException {
    this.product = product;
    rebuilt = Files.createDirectories(product.folder.resolve("rebuilt"));
    gate = Files.createFile(product.folder.resolve("gate"));
  }

  public static void main(String[] arguments) throws Exception {
    boolean well;
    try (Product product = new Product()) {
      well = new Swaps(product).byTheCaretaker();
    }
    try (Product product = new Product()) {
      new Swaps(product).inPlace();
    }
    if (!well) {
      throw new IllegalStateException("What was promised was not kept; see above");
    }
  }

  private Newcomer newcomer(String target, String value) throws IOException {
    return target.equals(Newcomer.PLUGIN) ? Newcomer.plugin(value) : Newcomer.of(Jars.of(product.tree(), target));
  }

  private Newcomer bad(String target, Bad how, String value) throws IOException {
    Newcomer newcomer = newcomer(target, value);
    return switch (how) {
      case THROWS -> newcomer.behaves("activate", "throws");
      case LONELY -> newcomer.lonely();
      case SICK -> newcomer.behaves("health", "sick");
      case LATER -> newcomer.behaves("health", "later");
      case SLOW -> target.equals(Newcomer.PLUGIN) ? newcomer.behaves("millis", "500") : newcomer.behaves("gate.activate", gate.toString());
    };
  }

  private static List<String> targets() {
    List<String> all = new ArrayList<>(List.of(Newcomer.PLUGIN));
    all.addAll(ROOMS);
    return all;
  }

  // ---- by the caretaker

  private LedgerFile ledger;
  private Browser door;
  private String[] token;
  private final List<Double> serving = new ArrayList<>();
  private final List<Double> rollback = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private int bounced;
  private int badOnes;

  private boolean byTheCaretaker() throws Exception {
    int http = product.freePort();
    int back = product.freePort();
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD), "fx.http.port=" + http,
        "fx.admin.port=" + back, "com.fxplatform.deploy/probation=1", "com.fxplatform.deploy/patience=5",
        "com.fxplatform.deploy/pollMillis=" + POLL_MILLIS, LIMITS);
    Credentials executor = Credentials.create(new Browser("http://127.0.0.1:" + http).signIn(Product.EMAIL, Product.PASSWORD), "Soaked");
    ledger = new LedgerFile(product.instance("server"));
    door = new Browser("http://127.0.0.1:" + back);
    String password = Files.readString(product.instance("server").resolve("data/admin.token"));
    token = new String[] {"Authorization", "Basic " + Base64.getEncoder().encodeToString(("me:" + password).getBytes(StandardCharsets.UTF_8))};
    try (Callers callers = new Callers(http, executor, CONNECTIONS, PACE)) {
      callers.begin();
      for (String target : targets()) {
        swap(target, null);
      }
      serving.clear();
      linger(CALM);
      Callers.Phase calm = callers.begin();
      linger(CALM);
      // after the load, so that the database's own cache is warm
      Memory before = memory(callers);
      Callers.Phase swapping = callers.begin();
      long began = System.nanoTime();
      for (String target : targets()) {
        for (int i = 0; i < TIMES; i++) {
          swap(target, i % 5 == 4 ? Bad.values()[badOnes % Bad.values().length] : null);
        }
        System.out.printf("%s: %d times; so far %,d requests, %d failed%n", target, TIMES, swapping.calls.sum(), swapping.failed.sum());
      }
      int swaps = TIMES * targets().size();
      // on a slow machine the swaps are over sooner than the requests: some more of them
      while (swapping.calls.sum() < ENOUGH_CALLS) {
        for (String target : targets()) {
          swap(target, null);
          swaps++;
        }
      }
      double minutes = (System.nanoTime() - began) / 6e10;
      Memory after = memory(callers);
      heard(callers);
      swapping.failures.forEach(System.out::println);
      wrong.forEach(System.out::println);
      double ratio = swapping.percentile(0.99) / calm.percentile(0.99);
      System.out.printf("caretaker: %d swaps in %.1f min, of them %d bad; %,d requests on %d connections, %d failed; %d things wrong%n",
          swaps, minutes, badOnes, swapping.calls.sum(), CONNECTIONS, swapping.failed.sum(), wrong.size());
      System.out.printf("caretaker: %d of %d bad ones were sent back by themselves%n", bounced, badOnes);
      System.out.printf("caretaker: p50 %.2f ms, p99 %.2f ms while swapping; p50 %.2f ms, p99 %.2f ms without; p99 times %.2f%n",
          swapping.percentile(0.5), swapping.percentile(0.99), calm.percentile(0.5), calm.percentile(0.99), ratio);
      System.out.printf("caretaker: from dropped to serving median %.0f ms (the folder is looked at every %s ms, twice); "
          + "from promoted to rolled back median %.0f ms%n", median(serving), POLL_MILLIS, median(rollback));
      System.out.printf("caretaker: class loaders of bundles %d before, %d after; heap after a collection %.1f MB before, %.1f MB after; "
          + "grown most, in kB: %s%n", before.loaders, after.loaders, before.bytes / 1e6, after.bytes / 1e6, after.growth(before));
      return swapping.failed.sum() == 0 && wrong.isEmpty() && bounced == badOnes && after.loaders <= before.loaders;
    }
  }

  private void swap(String target, Bad how) throws Exception {
    String version = "1.0." + ++serial;
    String value = (how == null ? "good-" : "bad-") + version;
    Path jar = (how == null ? newcomer(target, value) : bad(target, how, value)).write(version, rebuilt);
    Path folder = product.instance("server").resolve("deploy");
    Instant dropped = Instant.now();
    Files.move(jar, folder.resolve(jar.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    long end = System.nanoTime() + PATIENCE.toNanos();
    String state = ledger.state(target, version);
    while (!state.equals("SETTLED") && !state.equals("REJECTED")) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(target + " " + version + " stays " + state);
      }
      if (how != null && state.equals("TRIAL")) {
        quietOnTrial(target, version);
      }
      LockSupport.parkNanos(how == null ? 2_000_000 : 50_000_000);
      state = ledger.state(target, version);
    }
    if (how == null) {
      if (state.equals("REJECTED")) {
        wrong.add("A good one was sent back: " + ledger.of(target, version));
      }
      Instant promoted = ledger.when(target, version, "PROMOTED");
      serving.add((promoted.equals(Instant.MAX) ? ledger.when(target, version, "PROBATION") : promoted).toEpochMilli() - (double) dropped.toEpochMilli());
      return;
    }
    badOnes++;
    if (state.equals("REJECTED")) {
      bounced++;
    } else {
      wrong.add("A bad one stays: " + how + " " + ledger.of(target, version));
    }
    Instant promoted = ledger.when(target, version, "PROMOTED");
    if (!promoted.equals(Instant.MAX)) {
      rollback.add((double) Duration.between(promoted, ledger.when(target, version, "REJECTED")).toMillis());
      if (how != Bad.LATER) {
        wrong.add("A bad one was promoted: " + how + " " + ledger.of(target, version));
      }
    } else if (how == Bad.LATER) {
      wrong.add("It was not tried to the end: " + ledger.of(target, version));
    }
  }

  /** The voices of a newcomer on trial were asked by nobody. */
  private void quietOnTrial(String target, String version) throws Exception {
    String page = door.get("/", token).http().body();
    if (!ledger.state(target, version).equals("TRIAL")) {
      return;
    }
    Matcher voice = Pattern.compile("<td>" + Pattern.quote(target) + "</td><td>" + Pattern.quote(version) + "</td><td>[^/]*(?:</span>)?</td><td>([0-9,]+)</td>")
        .matcher(page);
    while (voice.find()) {
      if (!voice.group(1).equals("0")) {
        wrong.add("A bad one answered on trial: " + target + " " + version + " " + voice.group());
      }
    }
  }

  /** No executor was given what a bad plugin said before it was promoted. */
  private void heard(Callers callers) throws IOException {
    for (Map.Entry<String, Instant> said : callers.firstHeard().entrySet()) {
      if (said.getKey().startsWith("bad-")) {
        Instant promoted = ledger.when(Newcomer.PLUGIN, said.getKey().substring(4), "PROMOTED");
        if (said.getValue().isBefore(promoted)) {
          wrong.add("A bad plugin spoke before it was promoted: " + said + ", promoted " + promoted);
        }
      }
    }
    if (callers.firstHeard().keySet().stream().noneMatch(value -> value.startsWith("good-"))) {
      wrong.add("Nobody heard the plugin at all");
    }
  }

  private Memory memory(Callers callers) throws Exception {
    callers.pause();
    String histogram = "";
    // what is only weakly held goes in the first rounds
    for (int i = 0; i < 3; i++) {
      Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
          Long.toString(product.process("server").pid()), "GC.class_histogram").redirectErrorStream(true).start();
      histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      jcmd.waitFor();
    }
    Matcher loaders = LOADERS.matcher(histogram);
    Matcher total = TOTAL.matcher(histogram);
    if (!loaders.find() || !total.find()) {
      throw new IllegalStateException("jcmd said " + histogram);
    }
    Map<String, Long> byClass = new HashMap<>();
    BY_CLASS.matcher(histogram).results().forEach(line -> byClass.put(line.group(2), Long.parseLong(line.group(1))));
    String keep = System.getProperty("fx.swaps.histogram", "");
    if (!keep.isEmpty()) {
      Files.writeString(Path.of(keep + "-" + serial), histogram);
      new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
          Long.toString(product.process("server").pid()), "GC.heap_dump", keep + "-" + serial + ".hprof").start().waitFor();
    }
    return new Memory(Long.parseLong(loaders.group(1)), Long.parseLong(total.group(1)), byClass);
  }

  // ---- in place

  private void inPlace() throws Exception {
    Path watched = Files.createDirectories(product.folder.resolve("watched"));
    for (String target : targets()) {
      drop(newcomer(target, "first").write("1.0.0", rebuilt), watched.resolve(target + ".jar"));
    }
    Path install = Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator)).map(Path::of)
        .filter(jar -> jar.getFileName().toString().startsWith("org.apache.felix.fileinstall-")).findFirst().orElseThrow();
    Files.copy(install, product.tree().resolve("bundles").resolve(install.getFileName()));
    List<String> lines = new ArrayList<>(List.of("bundle org.apache.felix.fileinstall", "set felix.fileinstall.dir=" + watched,
        "set felix.fileinstall.poll=" + POLL_MILLIS, "set felix.fileinstall.noInitialDelay=true",
        "set felix.fileinstall.tmpdir=" + Files.createDirectories(product.folder.resolve("tmp"))));
    try (Stream<String> official = Files.lines(product.tree().resolve("runtimes/server.runtime"))) {
      official.filter(line -> ROOMS.stream().noneMatch(room -> line.matches("bundle\\s+" + Pattern.quote(room)))).forEach(lines::add);
    }
    Files.write(product.tree().resolve("runtimes/inplace.runtime"), lines);
    int http = product.freePort();
    int back = product.freePort();
    product.start("inplace", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD), "fx.http.port=" + http,
        "fx.admin.port=" + back, LIMITS);
    door = new Browser("http://127.0.0.1:" + back);
    token = new String[] {"Authorization", "Bearer " + Files.readString(product.instance("inplace").resolve("data/admin.token"))};
    Browser owner = new Browser("http://127.0.0.1:" + http);
    Await.until("the server answers", PATIENCE, () -> owner.get("/api/auth/csrf").status() == 200);
    Credentials executor = Credentials.create(owner.signIn(Product.EMAIL, Product.PASSWORD), "Soaked");
    int times = Math.max(5, TIMES / 10);
    int stayed = 0;
    int all = 0;
    try (Callers callers = new Callers(http, executor, CONNECTIONS, PACE)) {
      callers.begin();
      linger(CALM);
      Callers.Phase calm = callers.begin();
      linger(CALM);
      Callers.Phase swapping = callers.begin();
      for (String target : targets()) {
        for (int i = 0; i < times; i++) {
          // a slow one would hold File Install's only thread for half a minute
          Bad how = i % 5 == 4 ? Bad.values()[all / 5 % 4] : null;
          String version = "1.0." + ++serial;
          drop((how == null ? newcomer(target, "good-" + version) : bad(target, how, "bad-" + version)).write(version, rebuilt),
              watched.resolve(target + ".jar"));
          // as long as a probation of the other side
          linger(Duration.ofMillis(1500));
          stayed += how == null || !stands(target, version) ? 0 : 1;
          all++;
        }
      }
      linger(Duration.ofSeconds(2));
      swapping.failures.stream().limit(3).forEach(System.out::println);
      System.out.printf("in place: %d updates, of them %d bad; %,d requests on %d connections, %,d failed; %d of the bad ones stayed%n",
          all, all / 5, swapping.calls.sum(), CONNECTIONS, swapping.failed.sum(), stayed);
      System.out.printf("in place: p50 %.2f ms, p99 %.2f ms while updating; p50 %.2f ms, p99 %.2f ms without%n",
          swapping.percentile(0.5), swapping.percentile(0.99), calm.percentile(0.5), calm.percentile(0.99));
    }
  }

  private boolean stands(String target, String version) throws Exception {
    String status = door.get("/status", token).http().body();
    return Pattern.compile("\"name\":\"" + Pattern.quote(target) + "\",\"version\":\"" + Pattern.quote(version) + "\"").matcher(status).find();
  }

  private static void drop(Path jar, Path to) throws IOException {
    Files.move(jar, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void linger(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(Math.max(1, end - System.nanoTime()));
    }
  }

  private static double median(List<Double> all) {
    List<Double> sorted = new ArrayList<>(all);
    Collections.sort(sorted);
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }
}
