package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Evidence.Trade;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Server, executor and terminal as processes of the product under a stream of commands, while one of them dies by
 * {@code kill -9} or a wire is cut, round after round; in the end the three must tell the same story. The seed makes the
 * plan: who, when, how long, which commands.
 */
public final class Chaos implements AutoCloseable {
  private static final Set<String> ENDS = Set.of("executed", "failed", "expired", "cancelled", "unknown");
  private static final String FAULTS = "delay:150@0.003,late:250@0.003,drop@0.003,crash@0.0005,crash-before@0.0005";
  private static final String[] SYMBOLS = {"EURUSD", "GBPUSD", "USDJPY"};

  private enum Blow { SERVER, EXECUTOR, PAPER, PLATFORM_WIRE, TERMINAL_WIRE }

  // a dead server rests everybody: more often something else is hit
  private static final Blow[] DICE = {
    Blow.SERVER, Blow.EXECUTOR, Blow.EXECUTOR, Blow.PAPER, Blow.PAPER, Blow.PLATFORM_WIRE, Blow.PLATFORM_WIRE, Blow.PLATFORM_WIRE,
    Blow.TERMINAL_WIRE, Blow.TERMINAL_WIRE, Blow.TERMINAL_WIRE, Blow.TERMINAL_WIRE
  };

  /** What may be otherwise: executor and terminal speak protocol 2; the server writes to PostgreSQL. */
  public enum Variant { ROBUST, POSTGRES }

  /** How it ended. */
  public record Verdict(String totals, Map<String, List<String>> wrong) {
    public boolean well() {
      return wrong.values().stream().allMatch(List::isEmpty);
    }

    /** Whether the three tell the same story, however long it took. */
    boolean agreed() {
      return List.of("DOUBLE", "LOST", "DISAGREE").stream().allMatch(kind -> wrong.get(kind).isEmpty());
    }
  }

  /** One process that is started again whenever it dies. */
  private final class Member {
    final String name;
    final Supplier<List<String>> sets;
    volatile CompletableFuture<Void> up = CompletableFuture.completedFuture(null);
    volatile long since;

    Member(String name, Supplier<List<String>> sets) {
      this.name = name;
      this.sets = sets;
    }

    void start() {
      up = CompletableFuture.runAsync(() -> {
        for (int attempt = 1; ; attempt++) {
          try {
            product.start(name, environment, sets.get().toArray(String[]::new));
            since = System.nanoTime();
            return;
          } catch (IOException | InterruptedException | AssertionError no) {
            if (!name.equals("paper") || attempt == 3) {
              // an ordered crash may meet the terminal while it starts
              troubles.add(name + " did not start: " + no.getMessage());
            }
            if (attempt == 3) {
              throw new AssertionError(no);
            }
          }
        }
      }, threads);
    }

    void awaitUp() throws Exception {
      up.get(120, TimeUnit.SECONDS);
    }

    boolean alive() {
      try {
        return product.process(name).isAlive();
      } catch (IOException | AssertionError dead) {
        return false;
      }
    }

    /** Returns whether it had died by itself. */
    boolean revive() {
      if (up.isDone() && !alive()) {
        start();
        return true;
      }
      return false;
    }
  }

  private final long seed;
  private final int rounds;
  private final boolean robust;
  private final Optional<EmbeddedPostgres> postgres;
  private final Map<String, String> environment = new HashMap<>(Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD));
  private final Product product = new Product();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Cable> platformWires = new ArrayList<>();
  private final List<Cable> terminalWires = new ArrayList<>();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final Map<String, String> sent = new ConcurrentHashMap<>();
  private final Set<String> closing = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger paperLives = new AtomicInteger();
  private final Set<Integer> ports = new HashSet<>();
  private final Browser owner;
  private final Credentials executor;
  private final Path tradeLog;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private volatile String faults = FAULTS;

  public Chaos(long seed, int rounds, Set<Variant> variants) throws Exception {
    this.seed = seed;
    this.rounds = rounds;
    robust = variants.contains(Variant.ROBUST);
    postgres = variants.contains(Variant.POSTGRES)
        ? Optional.of(EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).start()) : Optional.empty();
    postgres.ifPresent(
        database -> environment.put("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:" + database.getPort() + "/postgres"));
    if (rounds >= 50) {
      // hundreds of starts are worth an archive of classes
      product.fx("server", Map.of(), "", "archive");
    }
    int http = port();
    int httpWire = port();
    int terminal = port();
    int terminalWire = port();
    int robustPort = threePorts();
    int robustWire = threePorts();
    platformWires.add(new Cable(httpWire, http));
    terminalWires.add(new Cable(terminalWire, terminal));
    if (robust) {
      terminalWires.add(new Cable(robustWire, robustPort));
      terminalWires.add(new Cable(robustWire + 1, robustPort + 1));
      terminalWires.add(new Cable(robustWire + 2, robustPort + 2));
    }
    int[] doors = {port(), port(), port(), port(), port()};
    Path secret = product.folder.resolve("InpSharedSecret");
    tradeLog = product.instance("paper").resolve("data/paper/trades.log");
    members.put("server", new Member("server", () -> List.of("fx.http.port=" + http, "fx.admin.port=" + doors[0],
        "com.fxplatform.ratelimit/limits=session=1000000/60,auth=1000000/60,config=1000000/60,heartbeat=1000000/60,command=1000000/60")));
    members.put("paper", new Member("paper", () -> {
      List<String> sets = new ArrayList<>(List.of("fx.terminal.port=" + terminal, "fx.admin.port=" + doors[1],
          "com.fxplatform.paper/secretFile=" + secret, "com.fxplatform.paper/balance=100000000",
          "com.fxplatform.paper/seed=" + (seed + paperLives.incrementAndGet())));
      if (!faults.isEmpty()) {
        sets.add("com.fxplatform.paper/faults=" + faults);
      }
      if (robust) {
        sets.add("com.fxplatform.paper/executor=tcp://127.0.0.1:" + robustWire);
      }
      return sets;
    }));
    members.put("executor", new Member("executor", () -> {
      List<String> sets = new ArrayList<>(List.of("fx.http.port=" + doors[2], "fx.admin.port=" + doors[3],
          "com.fxplatform.executor/override.zmqPort=" + doors[4], "com.fxplatform.executor/override.zmqCommandPort=" + terminalWire,
          "com.fxplatform.executor/override.pusherPort=" + httpWire));
      if (robust) {
        sets.add("com.fxplatform.executor/override.zmqProtocol=robust");
        sets.add("com.fxplatform.executor/override.zmqRobustPort=" + robustPort);
      }
      return sets;
    }));
    members.get("server").start();
    members.get("server").awaitUp();
    owner = new Browser("http://127.0.0.1:" + http).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Chaos");
    Files.createFile(secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, executor.sharedSecret());
    members.get("paper").start();
    members.get("paper").awaitUp();
    members.get("executor").start();
    members.get("executor").awaitUp();
    product.fx("executor", Map.of("FX_PLATFORM_URL", "http://127.0.0.1:" + httpWire), executor.secret() + "\n",
        "setup", "--api-key", executor.apiKey(), "--api-secret-stdin").well();
    Product.Said ready = product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "30");
    // an ordered crash may meet the terminal before it has been seen ready once
    while (ready.code() != 0 && members.get("paper").revive()) {
      members.get("paper").awaitUp();
      ready = product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "30");
    }
    if (ready.code() != 0) {
      throw new AssertionError(ready.text() + "\n" + product.log("executor") + "\n" + product.log("paper"));
    }
  }

  /** Below the range that outgoing connections take theirs from: a port must be free again after a death. */
  private int port() throws IOException {
    while (true) {
      int port = 20_000 + ThreadLocalRandom.current().nextInt(10_000);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (ports.add(probe.getLocalPort())) {
          return port;
        }
      } catch (IOException taken) {
        continue;
      }
    }
  }

  private int threePorts() throws IOException {
    while (true) {
      int first = port();
      try (ServerSocket second = new ServerSocket(first + 1, 1, InetAddress.getLoopbackAddress());
          ServerSocket third = new ServerSocket(first + 2, 1, InetAddress.getLoopbackAddress())) {
        if (ports.addAll(Set.of(second.getLocalPort(), third.getLocalPort()))) {
          return first;
        }
      } catch (IOException taken) {
        continue;
      }
    }
  }

  public Verdict run() throws Exception {
    long began = System.nanoTime();
    List<CompletableFuture<Void>> senders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int sender = i;
      senders.add(CompletableFuture.runAsync(() -> send(sender, new Random(seed * 31 + sender)), threads));
    }
    Map<Blow, Integer> blows = new TreeMap<>();
    int deaths = 0;
    Random random = new Random(seed);
    long longest = TimeUnit.SECONDS.toNanos(Long.getLong("fx.chaos.seconds", 3600));
    int round = 0;
    while (round < rounds && System.nanoTime() - began < longest) {
      round++;
      Blow blow = DICE[random.nextInt(DICE.length)];
      int wait = 200 + random.nextInt(1000);
      boolean silent = random.nextBoolean();
      int cut = 50 + random.nextInt(600);
      if (blow == Blow.SERVER || blow == Blow.EXECUTOR || blow == Blow.PAPER) {
        // whoever is still starting has nothing to lose
        members.get(blow.name().toLowerCase(Locale.ROOT)).awaitUp();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(wait));
      for (Member member : members.values()) {
        if (member.revive()) {
          deaths++;
          if (!member.name.equals("paper")) {
            troubles.add(member.name + " died by itself in round " + round);
          }
        }
      }
      switch (blow) {
        case SERVER, EXECUTOR, PAPER -> {
          Member victim = members.get(blow.name().toLowerCase(Locale.ROOT));
          // whoever died by itself a moment ago is being started already
          if (victim.up.isDone()) {
            if (victim.alive()) {
              product.kill(victim.name);
            }
            victim.start();
          }
        }
        default -> {
          List<Cable> wires = blow == Blow.PLATFORM_WIRE ? platformWires : terminalWires;
          wires.forEach(wire -> wire.cut(silent));
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(cut));
          wires.forEach(Cable::mend);
        }
      }
      blows.merge(blow, 1, Integer::sum);
      if (round % 25 == 0) {
        System.out.printf("  round %d after %d s: %d commands, %d trades, %s%n", round, (System.nanoTime() - began) / 1_000_000_000,
            sent.size(), Evidence.trades(tradeLog).size(), troubles.isEmpty() ? "no trouble" : troubles.size() + " troubles");
      }
    }
    over.set(true);
    for (CompletableFuture<Void> sender : senders) {
      sender.get(120, TimeUnit.SECONDS);
    }
    return settle(began, round, blows, deaths);
  }

  private Verdict settle(long began, int done, Map<Blow, Integer> blows, int deaths) throws Exception {
    faults = "";
    for (Member member : members.values()) {
      member.awaitUp();
    }
    if (members.get("paper").alive()) {
      product.stop("paper");
    }
    members.get("paper").start();
    for (Member member : members.values()) {
      member.awaitUp();
      member.revive();
      member.awaitUp();
    }
    long calm = System.nanoTime();
    long[] pendingUntil = {0};
    long[] allUntil = {0};
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    Await.until("every command has an end; so far " + sent.size() + " sent", Duration.ofSeconds(120), () -> {
      rows.clear();
      rows.putAll(Evidence.rows(owner, executor.id()));
      boolean pending = rows.values().stream().anyMatch(row -> row.path("status").asText().equals("pending"));
      boolean all = rows.values().stream().allMatch(row -> ENDS.contains(row.path("status").asText()));
      long now = System.nanoTime();
      if (pending) {
        pendingUntil[0] = now;
      }
      allUntil[0] = now;
      LockSupport.parkNanos(100_000_000L);
      // those that nobody can hear about any more have been waited for, too
      return all || now - calm > TimeUnit.SECONDS.toNanos(90);
    });
    double pending = pendingUntil[0] == 0 ? 0 : (pendingUntil[0] - calm) / 1e9;
    double settled = (allUntil[0] - calm) / 1e9;
    // the last words of the journal may still be on their way
    Map<String, String> statuses = new LinkedHashMap<>();
    product.stop("executor");
    Map<String, JsonNode> journal = Evidence.journal(product.instance("executor").resolve("data/journal/commands.mv"));
    rows.clear();
    rows.putAll(Evidence.rows(owner, executor.id()));
    rows.forEach((id, row) -> statuses.put(id, row.path("status").asText()));
    List<Trade> trades = Evidence.trades(tradeLog);
    Map<String, List<String>> wrong = Evidence.compare(sent, rows, journal, trades);
    wrong.put("TROUBLE", List.copyOf(troubles));
    wrong.put("SLOW", pending > 10 ? List.of("a command stayed pending for " + pending + " s while both ends were up") : List.of());
    Map<String, Long> byEnd = statuses.values().stream().collect(Collectors.groupingBy(status -> status, TreeMap::new, Collectors.counting()));
    long unknownDone = rows.values().stream()
        .filter(row -> row.path("status").asText().equals("unknown") && row.path("command").asText().equals("OPEN_POSITION"))
        .filter(row -> trades.stream().anyMatch(trade -> trade.comment().startsWith(Evidence.tag(row.path("id").asText())))).count();
    String totals = String.format(
        "chaos seed=%d protocol=%s rounds=%d %s deathsByFault=%d commands=%d %s unknownThatOpened=%d trades=%d doubles=%d lost=%d disagreements=%d"
            + " troubles=%d lastPending=%.1fs settled=%.1fs took=%ds",
        seed, robust ? "2" : "1", done, blows, deaths, rows.size(), byEnd, unknownDone, trades.size(), wrong.get("DOUBLE").size(),
        wrong.get("LOST").size(), wrong.get("DISAGREE").size(), troubles.size(), pending, settled, (System.nanoTime() - began) / 1_000_000_000);
    return new Verdict(totals, wrong);
  }

  /** Sends until it is over, each with a key of its own, again and again until it is accepted. */
  private void send(int sender, Random random) {
    for (int number = 0; !over.get(); number++) {
      String key = "chaos-" + sender + "-" + number;
      Map<String, Object> body = next(random, key);
      while (true) {
        try {
          Answer answer = owner.send("POST", "/api/executor/" + executor.id() + "/command", body, "Idempotency-Key", key);
          if (answer.status() == 201) {
            sent.put(key, answer.json().path("command").path("id").asText());
            break;
          }
          if (answer.status() < 500) {
            troubles.add("refused: " + answer.status() + " " + answer.http().body());
            break;
          }
        } catch (IOException serverIsDead) {
          // the same click, again
        } catch (InterruptedException stop) {
          return;
        }
        LockSupport.parkNanos(50_000_000L);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150 + random.nextInt(300)));
    }
  }

  private Map<String, Object> next(Random random, String key) {
    int dice = random.nextInt(100);
    int which = random.nextInt(1000);
    if (dice >= 45 && dice < 80) {
      List<String> open = open();
      if (!open.isEmpty()) {
        String ticket = open.get(which % open.size());
        closing.add(ticket);
        return Map.of("command", "CLOSE_POSITION", "parameters", Map.of("ticket", ticket));
      }
    }
    if (dice >= 80 && dice < 99) {
      return Map.of("command", "GET_STATUS");
    }
    if (dice == 99) {
      return Map.of("command", "CLOSE_ALL_POSITIONS");
    }
    return Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", SYMBOLS[which % SYMBOLS.length],
        "type", which % 2 == 0 ? "BUY" : "SELL", "volume", 0.01, "strategyId", key));
  }

  /** What nobody has asked to close yet. */
  private List<String> open() {
    try {
      Set<String> open = new HashSet<>();
      for (Trade trade : Evidence.trades(tradeLog)) {
        if (trade.kind().equals("OPEN")) {
          open.add(trade.ticket());
        } else if (trade.kind().equals("CLOSE")) {
          open.remove(trade.ticket());
        }
      }
      open.removeAll(closing);
      List<String> sorted = new ArrayList<>(open);
      Collections.sort(sorted);
      return sorted;
    } catch (IOException notNow) {
      return List.of();
    }
  }

  /** Where the logs are, for whoever wants to know why. */
  public Path folder() {
    return product.folder;
  }

  @Override
  public void close() throws IOException {
    over.set(true);
    for (Member member : members.values()) {
      try {
        member.up.get(60, TimeUnit.SECONDS);
      } catch (Exception died) {
        troubles.add(member.name + " is not up at the end");
      }
    }
    threads.shutdownNow();
    if (Boolean.getBoolean("fx.chaos.keep")) {
      for (String name : members.keySet()) {
        try {
          product.stop(name);
        } catch (AssertionError | InterruptedException stopped) {
          continue;
        }
      }
    } else {
      product.close();
    }
    if (postgres.isPresent()) {
      postgres.get().close();
    }
    for (Cable wire : platformWires) {
      wire.close();
    }
    for (Cable wire : terminalWires) {
      wire.close();
    }
  }
}
