package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Browser;
import com.fxplatform.itests.distribution.Credentials;
import com.fxplatform.itests.distribution.Product;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.mindrot.jbcrypt.BCrypt;

/**
 * What executors ask most, configuration and Pusher authorisation, beside an empty servlet of the same Felix HTTP and of a bare Jetty
 * that answer the same bytes; the storm after a restart beside jBCrypt alone; and an attack on one key.
 * {@code -Dbenchmark=ContractLoad:attack} runs this part only.
 */
public final class ContractLoad {
  private static final List<String> PARTS = List.of("steady", "storm", "attack");
  private static final int EXECUTORS = Integer.getInteger("fx.executors", 1000);
  private static final int CONNECTIONS = 64;
  private static final int ROUNDS = 5;
  private static final Duration TURN = Duration.ofSeconds(4);
  // each side alone, until its compiler has done its work
  private static final Duration WARM_UP = Duration.ofSeconds(25);
  private static final int ATTACK_SECONDS = Integer.getInteger("fx.attack.seconds", 60);
  private static final int WRONG_PER_SECOND = 2000;
  private static final String EMPTY = "com.fxplatform.itests.empty";

  /** Requests per second, and how long the slowest took, in milliseconds. */
  private record Load(double perSecond, double p50, double p99, int failed) {}

  private final Product product = new Product();
  private final int port = product.freePort();
  private final List<Credentials> executors = Collections.synchronizedList(new ArrayList<>());

  private ContractLoad() throws IOException {}

  public static void main(String[] arguments) throws Exception {
    ContractLoad benchmark = new ContractLoad();
    try {
      benchmark.run(arguments.length == 0 ? PARTS : List.of(arguments));
    } finally {
      benchmark.product.close();
    }
  }

  private void run(List<String> parts) throws Exception {
    startServer();
    createExecutors();
    KeptLine.Answer config;
    try (KeptLine line = new KeptLine(port)) {
      config = line.send(config(executors.get(0)));
    }
    for (String part : parts) {
      switch (part) {
        case "steady" -> steady(config.body());
        case "storm" -> storm();
        case "attack" -> attack();
        default -> throw new IllegalArgumentException("The parts are " + PARTS + ", not " + part);
      }
    }
  }

  private void startServer() throws Exception {
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + port, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.ratelimit/limits=session=1000000/60,config=1000000/60");
  }

  private void createExecutors() throws Exception {
    Browser owner = new Browser("http://127.0.0.1:" + port).signIn(Product.EMAIL, Product.PASSWORD);
    AtomicInteger next = new AtomicInteger();
    parallel(4, () -> {
      for (int i = next.getAndIncrement(); i < EXECUTORS; i = next.getAndIncrement()) {
        executors.add(Credentials.create(owner, "Load " + i));
        if (i % 200 == 199) {
          System.out.printf("%d executors are created%n", i + 1);
        }
      }
    });
  }

  // -- in turns with the empty ones

  private void steady(byte[] body) throws Exception {
    int empty = startEmpty(body);
    Path folder = Files.createDirectories(product.folder.resolve("bare"));
    Files.write(folder.resolve("body.json"), body);
    int bare = product.freePort();
    Process jetty = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC",
        "-classpath", System.getProperty("java.class.path") + java.io.File.pathSeparator + folder, BareJetty.class.getName(), "" + bare)
        .redirectErrorStream(true).redirectOutput(folder.resolve("out.txt").toFile()).start();
    try {
      awaitAnswer(bare);
      List<byte[]> configs = executors.stream().map(this::config).toList();
      List<byte[]> channels = executors.stream().map(this::channel).toList();
      // bcrypt once for each: from here on the secrets are known to be good
      once(new ConcurrentLinkedQueue<>(configs), new AtomicInteger());
      Load[][] loads = new Load[4][ROUNDS];
      for (int i = -1; i < ROUNDS; i++) {
        Duration turn = i < 0 ? WARM_UP : TURN;
        Load[] said = {load(port, configs, turn), load(port, channels, turn), load(empty, configs, turn), load(bare, configs, turn)};
        for (int side = 0; side < said.length && i >= 0; side++) {
          loads[side][i] = said[side];
        }
      }
      double of = print("an empty Felix HTTP servlet", loads[2], 0, 0);
      double jettyRate = print("a bare Jetty 12 servlet", loads[3], 0, 0);
      print("GET /api/executor/config", loads[0], of, jettyRate);
      print("POST /api/pusher/auth", loads[1], of, jettyRate);
    } finally {
      jetty.destroy();
      jetty.waitFor();
      product.stop("empty");
    }
  }

  private static double print(String what, Load[] loads, double empty, double bare) {
    double rate = Arrays.stream(loads).mapToDouble(Load::perSecond).sorted().toArray()[loads.length / 2];
    System.out.printf("%s, %d connections: %.0f requests/s, p50 %.1f ms, p99 %.1f ms, failed %d%s%n", what, CONNECTIONS, rate,
        Arrays.stream(loads).mapToDouble(Load::p50).sorted().toArray()[loads.length / 2],
        Arrays.stream(loads).mapToDouble(Load::p99).sorted().toArray()[loads.length / 2],
        Arrays.stream(loads).mapToInt(Load::failed).sum(),
        empty == 0 ? "" : String.format("; %.0f %% of the empty servlet, %.0f %% of bare Jetty", 100 * rate / empty, 100 * rate / bare));
    return rate;
  }

  /** The http runtime with the empty servlet in the place of our web room. */
  private int startEmpty(byte[] body) throws Exception {
    Path jar = product.tree().resolve("bundles/" + EMPTY + "-1.0.0.jar");
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.putValue("Manifest-Version", "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    main.putValue("Bundle-SymbolicName", EMPTY);
    main.putValue("Bundle-Version", "1.0.0");
    main.putValue("Import-Package", "jakarta.servlet;version=\"[6,7)\",jakarta.servlet.http;version=\"[6,7)\"");
    main.putValue("Service-Component", "OSGI-INF/empty.xml");
    String name = EmptyServlet.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
      put(out, name, EmptyServlet.class.getResourceAsStream("/" + name).readAllBytes());
      put(out, "body.json", body);
      put(out, "OSGI-INF/empty.xml", ("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"empty\">"
          + "<implementation class=\"" + EmptyServlet.class.getName() + "\"/>"
          + "<service><provide interface=\"jakarta.servlet.Servlet\"/></service>"
          + "<property name=\"osgi.http.whiteboard.servlet.pattern\" value=\"/*\"/></scr:component>").getBytes(StandardCharsets.UTF_8));
    }
    Path runtimes = product.tree().resolve("runtimes");
    String http = Files.readString(runtimes.resolve("http.runtime")).replaceAll("(?m)^bundle +com\\.fxplatform\\.web$", "bundle " + EMPTY);
    Files.writeString(runtimes.resolve("empty.runtime"), "include core\ninclude backdoor\nset fx.http.port=8080\nset fx.admin.port=8181\n"
        + "set fx.jvm.options=-XX:+UseSerialGC\n" + http);
    int empty = product.freePort();
    product.start("empty", Map.of(), "fx.http.port=" + empty, "fx.admin.port=" + product.freePort());
    awaitAnswer(empty);
    return empty;
  }

  private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content);
    jar.closeEntry();
  }

  private static void awaitAnswer(int port) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try (KeptLine line = new KeptLine(port)) {
        if (line.send(KeptLine.request("GET /", port, "", "", "")).status() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // asked again
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Nobody answers on port " + port);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static Load load(int port, List<byte[]> requests, Duration turn) throws Exception {
    AtomicInteger failed = new AtomicInteger();
    List<long[]> all = Collections.synchronizedList(new ArrayList<>());
    long began = System.nanoTime();
    long end = began + turn.toNanos();
    parallel(CONNECTIONS, () -> {
      long[] times = new long[500_000];
      int count = 0;
      try (KeptLine line = new KeptLine(port)) {
        for (long now = System.nanoTime(); now < end && count < times.length; count++) {
          byte[] request = requests.get(ThreadLocalRandom.current().nextInt(requests.size()));
          if (line.send(request).status() != 200) {
            failed.incrementAndGet();
          }
          long then = System.nanoTime();
          times[count] = then - now;
          now = then;
        }
      }
      all.add(Arrays.copyOf(times, count));
    });
    double seconds = (System.nanoTime() - began) / 1e9;
    long[] times = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return new Load(times.length / seconds, times[times.length / 2] / 1e6, times[(int) (times.length * 0.99)] / 1e6, failed.get());
  }

  // -- the first requests after a restart

  private void storm() throws Exception {
    product.stop("server");
    double alone = bcryptAlone();
    startServer();
    Credentials known = executors.get(0);
    try (KeptLine line = new KeptLine(port)) {
      line.send(config(known));
    }
    ConcurrentLinkedQueue<byte[]> first = new ConcurrentLinkedQueue<>();
    executors.subList(1, executors.size()).forEach(executor -> first.add(config(executor)));
    AtomicInteger busy = new AtomicInteger();
    long began = System.nanoTime();
    long[] times = beside(known, 20, () -> once(first, busy));
    double rate = (executors.size() - 1) / ((System.nanoTime() - began) / 1e9);
    System.out.printf("first requests after a restart: %.1f/s, %.0f %% of jBCrypt alone on two threads (%.1f/s), %d times busy; "
        + "an executor that is known meanwhile: p50 %.1f ms, p99 %.1f ms%n", rate, 100 * rate / alone, alone, busy.get(),
        times[times.length / 2] / 1e6, times[(int) (times.length * 0.99)] / 1e6);
  }

  private static double bcryptAlone() throws Exception {
    String hash = BCrypt.hashpw("0123456789abcdef0123456789abcdef", BCrypt.gensalt(10));
    AtomicInteger count = new AtomicInteger();
    long began = System.nanoTime();
    long end = began + Duration.ofSeconds(10).toNanos();
    parallel(2, () -> {
      while (System.nanoTime() < end) {
        BCrypt.checkpw("0123456789abcdef0123456789abcdef", hash);
        count.incrementAndGet();
      }
    });
    return count.get() / ((System.nanoTime() - began) / 1e9);
  }

  /** Each request until it is 200; a full queue says 503, and is asked again. */
  private void once(ConcurrentLinkedQueue<byte[]> requests, AtomicInteger busy) throws Exception {
    parallel(CONNECTIONS, () -> {
      try (KeptLine line = new KeptLine(port)) {
        for (byte[] request = requests.poll(); request != null; request = requests.poll()) {
          KeptLine.Answer answer = line.send(request);
          while (answer.status() == 503) {
            busy.incrementAndGet();
            LockSupport.parkNanos(200_000_000L);
            answer = line.send(request);
          }
          if (answer.status() != 200) {
            throw new IllegalStateException(answer.status() + " " + answer.text());
          }
        }
      }
    });
  }

  // -- the attack

  private void attack() throws Exception {
    Credentials victim = executors.get(0);
    String wrong = "X-API-Key: " + victim.apiKey() + "\r\nX-API-Secret: sk_wrong_" + "0".repeat(40) + "\r\n";
    byte[] guess = KeptLine.request("GET /api/executor/config", port, wrong, "", "");
    long before = resident();
    AtomicInteger due = new AtomicInteger();
    AtomicInteger guesses = new AtomicInteger();
    AtomicInteger strangers = new AtomicInteger();
    long began = System.nanoTime();
    long end = began + Duration.ofSeconds(ATTACK_SECONDS).toNanos();
    long[] times = beside(victim, 50, () -> parallel(1 + CONNECTIONS, () -> {
      if (strangers.compareAndSet(0, 1)) {
        unknownKeys(end, strangers);
      } else {
        guess(guess, due, guesses, began, end);
      }
    }));
    System.out.printf("%d s of %d wrong secrets per second on one key, and %d unknown keys from as many addresses: its owner p50 %.1f ms, "
        + "p99 %.1f ms, all 200; resident memory %d MB before, %d MB after%n", ATTACK_SECONDS, guesses.get() / ATTACK_SECONDS,
        strangers.get(), times[times.length / 2] / 1e6, times[(int) (times.length * 0.99)] / 1e6, before, resident());
  }

  /** Whichever connection is free takes the next guess that is due: the few that are let through to bcrypt do not hold up the others. */
  private void guess(byte[] request, AtomicInteger due, AtomicInteger guesses, long began, long end) throws IOException {
    try (KeptLine line = new KeptLine(InetAddress.getByName("127.0.0.2"), port)) {
      while (true) {
        long next = began + due.getAndIncrement() * (1_000_000_000L / WRONG_PER_SECOND);
        while (System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
        if (System.nanoTime() >= end) {
          return;
        }
        int status = line.send(request).status();
        if (status != 401 && status != 429 && status != 503) {
          throw new IllegalStateException("A wrong secret was answered " + status);
        }
        guesses.incrementAndGet();
      }
    }
  }

  private void unknownKeys(long end, AtomicInteger strangers) throws IOException {
    Random random = new Random(1);
    while (System.nanoTime() < end) {
      byte[] address = {127, (byte) (1 + random.nextInt(250)), (byte) random.nextInt(250), (byte) (1 + random.nextInt(250))};
      try (KeptLine line = new KeptLine(InetAddress.getByAddress(address), port)) {
        String headers = "X-API-Key: exec_" + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong())
            + "\r\nX-API-Secret: " + Long.toHexString(random.nextLong()) + "\r\n";
        line.send(KeptLine.request("GET /api/executor/config", port, headers, "", ""));
      }
      strangers.incrementAndGet();
      LockSupport.parkNanos(2_000_000);
    }
  }

  private long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + product.process("server").pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    return 0;
  }

  // --

  /** How long the requests of a known executor take while something else happens, sorted; each must be 200. */
  private long[] beside(Credentials known, int perSecond, Work work) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Long> times = new ArrayList<>();
    ExecutorService one = Executors.newSingleThreadExecutor();
    Future<?> asking = one.submit(() -> {
      try (KeptLine line = new KeptLine(port)) {
        byte[] request = config(known);
        while (!over.get()) {
          long began = System.nanoTime();
          KeptLine.Answer answer = line.send(request);
          times.add(System.nanoTime() - began);
          if (answer.status() != 200) {
            throw new IllegalStateException("The owner was answered " + answer.status() + " " + answer.text());
          }
          LockSupport.parkNanos(1_000_000_000L / perSecond);
        }
        return null;
      }
    });
    try {
      work.run();
    } finally {
      over.set(true);
      asking.get();
      one.shutdown();
    }
    return times.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** Something that may fail. */
  private interface Work {
    void run() throws Exception;
  }

  private static void parallel(int threads, Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(pool.submit(() -> {
          work.run();
          return null;
        }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      pool.shutdown();
    }
  }

  private static String keys(Credentials executor) {
    return "X-API-Key: " + executor.apiKey() + "\r\nX-API-Secret: " + executor.secret() + "\r\n";
  }

  private byte[] config(Credentials executor) {
    return KeptLine.request("GET /api/executor/config", port, keys(executor), "", "");
  }

  private byte[] channel(Credentials executor) {
    return KeptLine.request("POST /api/pusher/auth", port, keys(executor), "application/x-www-form-urlencoded",
        "socket_id=1.2&channel_name=private-executor-" + executor.id());
  }
}
