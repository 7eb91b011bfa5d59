package com.fxplatform.itests.benchmarks;

import ch.qos.logback.classic.Level;
import com.fxplatform.itests.distribution.Browser;
import com.fxplatform.itests.distribution.Product;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.mindrot.jbcrypt.BCrypt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ten thousand executors that say once a minute that they live, on the embedded database and on PostgreSQL: what it takes of the
 * processor, and what it makes the database write. {@code -Dbenchmark=Heartbeats:seconds:executors}; 60 and 10,000 unless told.
 */
public final class Heartbeats {
  private static final int CONNECTIONS = 32;
  private static final int MINUTE = 60;
  private static final String SECRET = "0123456789abcdef".repeat(4);
  /** How long the server takes a secret that bcrypt proved for granted. */
  private static final Duration PROOF = Duration.ofMinutes(10);

  /** Where the server keeps its rows, and what that makes of heartbeats. */
  private interface Store extends AutoCloseable {
    Map<String, String> environment();

    Connection connect() throws SQLException;

    Written written() throws Exception;

    @Override
    void close() throws Exception;
  }

  /** What a database has written until now: rows by table, and whatever else it tells, as {@code unit -> amount}. */
  private record Written(Map<String, Long> rows, Map<String, Long> more, double processorSeconds) {
    String since(Written before, long beats) {
      StringBuilder text = new StringBuilder();
      double all = 0;
      for (String table : rows.keySet()) {
        double each = (rows.get(table) - before.rows.getOrDefault(table, 0L)) / (double) beats;
        all += each;
        if (each >= 0.005) {
          text.append(text.isEmpty() ? "" : ", ").append(table).append(String.format(" %.2f", each));
        }
      }
      String rows = String.format("%.2f rows (%s)", all, text);
      StringBuilder rest = new StringBuilder();
      more.forEach((unit, amount) ->
          rest.append(String.format(", %.2f %s", (amount - before.more.get(unit)) / (double) beats, unit)));
      return rows + rest;
    }
  }

  private final int seconds;
  private final int executors;
  private final Product product = new Product();
  private final int port = product.freePort();

  private Heartbeats(int seconds, int executors) throws IOException {
    this.seconds = seconds;
    this.executors = executors;
  }

  public static void main(String[] arguments) throws Exception {
    ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
    int executors = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    new Heartbeats(seconds, executors).on("H2", Embedded::new);
    new Heartbeats(seconds, executors).on("PostgreSQL", benchmark -> new Postgres());
    double verify = bcryptSeconds();
    System.out.printf("beside it, every executor's secret is proven again after %d minutes: %.1f bcrypt a second, %.0f %% of one "
        + "processor at cost 10 (%.0f ms each)%n", PROOF.toMinutes(), executors / (double) PROOF.toSeconds(),
        100 * verify * executors / PROOF.toSeconds(), 1000 * verify);
  }

  /** Opens a store for a benchmark. */
  private interface Opener {
    Store open(Heartbeats benchmark) throws Exception;
  }

  private void on(String name, Opener opener) throws Exception {
    try (product; Store store = opener.open(this)) {
      // the first start makes the tables and the owner
      start(store);
      product.stop("server");
      insertExecutors(store);
      start(store);
      warmUp(name);
      measure(name, store);
    }
  }

  private void start(Store store) throws Exception {
    Map<String, String> environment = new HashMap<>(store.environment());
    environment.putAll(Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD));
    product.start("server", environment, "fx.http.port=" + port, "fx.admin.port=" + product.freePort());
    // it seals the shared secrets first
    Product.Said ready = product.fx("server", Map.of(), "", "status", "server", "--wait-ready", "120");
    if (ready.code() != 0) {
      throw new IllegalStateException(ready.text() + "\n" + product.log("server"));
    }
  }

  /** By the back stairs: through the web each would cost a bcrypt of cost 10. One hash, of cost 4, for all. */
  private void insertExecutors(Store store) throws SQLException {
    String hash = BCrypt.hashpw(SECRET, BCrypt.gensalt(4));
    OffsetDateTime now = OffsetDateTime.ofInstant(Instant.now(), ZoneOffset.UTC);
    try (Connection connection = store.connect();
        Statement users = connection.createStatement();
        ResultSet owner = users.executeQuery("SELECT id FROM users");
        PreparedStatement insert = connection.prepareStatement("INSERT INTO executors (id, user_id, name, live_name, api_key,"
            + " secret_hash, shared_secret, platform, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'MT5', 'offline', ?, ?)")) {
      owner.next();
      String userId = owner.getString(1);
      connection.setAutoCommit(false);
      for (int i = 0; i < executors; i++) {
        Object[] values = {id(i), userId, "Beat " + i, "Beat " + i, key(i), hash, "shared-" + i, now, now};
        for (int column = 0; column < values.length; column++) {
          insert.setObject(column + 1, values[column]);
        }
        insert.addBatch();
        if (i % 1000 == 999) {
          insert.executeBatch();
        }
      }
      insert.executeBatch();
      connection.commit();
    }
  }

  /** The first heartbeat of each costs a bcrypt, and the compiler has not seen it yet. */
  private void warmUp(String name) throws Exception {
    AtomicInteger done = new AtomicInteger();
    beats(executors, 0, (beat, nanos, well) -> {
      if (!well) {
        throw new IllegalStateException("The first heartbeat of executor " + beat + " failed");
      }
      int count = done.incrementAndGet();
      if (count % 2000 == 0) {
        System.out.printf("%s: %,d executors were heard%n", name, count);
      }
    });
  }

  private void measure(String name, Store store) throws Exception {
    ProcessHandle server = product.process("server");
    long count = (long) executors * seconds / MINUTE;
    long[] times = new long[(int) count];
    AtomicInteger failed = new AtomicInteger();
    Written before = store.written();
    double used = Proc.processorSeconds(server);
    long began = System.nanoTime();
    beats(count, MINUTE * 1_000_000_000L / executors, (beat, nanos, well) -> {
      times[beat] = nanos;
      if (!well) {
        failed.incrementAndGet();
      }
    });
    double took = (System.nanoTime() - began) / 1e9;
    double share = (Proc.processorSeconds(server) - used) / took;
    Written after = store.written();
    Arrays.sort(times);
    double database = (after.processorSeconds - before.processorSeconds) / took;
    System.out.printf("%s, %,d executors, a heartbeat a minute each, %d s: %.1f/s on %d connections, %d failed; p50 %.1f ms, "
        + "p99 %.1f ms; the server %.1f %% of one processor%s; written for each heartbeat: %s%n", name, executors, seconds, count / took,
        CONNECTIONS, failed.get(), times[times.length / 2] / 1e6, times[(int) (times.length * 0.99)] / 1e6, 100 * share,
        database == 0 ? "" : String.format(", the database %.1f %%", 100 * database), after.since(before, count));
  }

  /** What became of one. */
  private interface Heard {
    void beat(int number, long nanos, boolean well);
  }

  /** @param pace nanoseconds from one heartbeat to the next, whoever's it is */
  private void beats(long count, long pace, Heard heard) throws Exception {
    AtomicInteger next = new AtomicInteger();
    long began = System.nanoTime();
    ExecutorService pool = Executors.newFixedThreadPool(CONNECTIONS);
    var all = Arrays.asList(new java.util.concurrent.Future<?>[CONNECTIONS]);
    for (int i = 0; i < CONNECTIONS; i++) {
      all.set(i, pool.submit(() -> {
        KeptLine line = new KeptLine(port);
        try {
          for (int beat = next.getAndIncrement(); beat < count; beat = next.getAndIncrement()) {
            long due = began + beat * pace;
            // one that had to wait for a connection has waited for the server
            long from = pace > 0 && System.nanoTime() > due ? due : 0;
            while (System.nanoTime() < due) {
              LockSupport.parkNanos(due - System.nanoTime());
            }
            from = from == 0 ? System.nanoTime() : from;
            boolean well;
            try {
              well = line.send(heartbeat(beat)).status() == 200;
            } catch (IOException broken) {
              well = false;
              line.close();
              line = new KeptLine(port);
            }
            heard.beat(beat, System.nanoTime() - from, well);
          }
        } finally {
          line.close();
        }
        return null;
      }));
    }
    pool.shutdown();
    for (var each : all) {
      each.get();
    }
  }

  private static String id(int executor) {
    return String.format("cbeat%020d", executor);
  }

  private static String key(int executor) {
    return String.format("exe_%032x", executor);
  }

  /** As our executor says it, with a terminal. */
  private byte[] heartbeat(int beat) {
    int executor = beat % executors;
    String body = "{\"status\":\"online\",\"metadata\":{\"version\":\"0.1.0\",\"platform\":\"linux\",\"accountBalance\":10000.00,"
        + "\"accountEquity\":" + (9000 + beat % 2000) + ".25,\"openPositions\":" + beat % 7
        + ",\"brokerServer\":\"Broker-Live 01\",\"accountNumber\":\"" + (70_000_000 + executor) + "\",\"terminalState\":\"READY\",\"realtimeState\":\"CONNECTED\","
        + "\"configRevision\":\"0123456789abcdef01234567\",\"configState\":\"applied\",\"clockSkewMs\":12,"
        + "\"timestamp\":\"" + Instant.now() + "\"}}";
    return KeptLine.request("POST /api/executor/" + id(executor) + "/heartbeat", port,
        "X-API-Key: " + key(executor) + "\r\nX-API-Secret: " + SECRET + "\r\nX-Executor-Id: " + id(executor) + "\r\n",
        "application/json", body);
  }

  private static double bcryptSeconds() {
    String hash = BCrypt.hashpw(SECRET, BCrypt.gensalt(10));
    BCrypt.checkpw(SECRET, hash);
    long began = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      BCrypt.checkpw(SECRET, hash);
    }
    return (System.nanoTime() - began) / 1e9 / 20;
  }

  /** H2 in the server's process, which counts nothing itself: the rows are told from the number of the last audit record. */
  private static final class Embedded implements Store {
    private final Heartbeats benchmark;
    private Browser owner;

    Embedded(Heartbeats benchmark) {
      this.benchmark = benchmark;
    }

    @Override
    public Map<String, String> environment() {
      return Map.of();
    }

    @Override
    public Connection connect() throws SQLException {
      Path file = benchmark.product.instance("server").resolve("data/store/fxplatform");
      return DriverManager.getConnection("jdbc:h2:file:" + file, "fx", "");
    }

    @Override
    public Written written() throws Exception {
      if (owner == null) {
        owner = new Browser("http://127.0.0.1:" + benchmark.port).signIn(Product.EMAIL, Product.PASSWORD);
      }
      long audit = owner.get("/api/audit?limit=1").json().at("/records/0/number").asLong();
      long bytes = Proc.writtenBytes(benchmark.product.process("server"));
      return new Written(Map.of("audit, beside the executor's own", audit), Map.of("bytes to the disk", bytes), 0);
    }

    @Override
    public void close() {
      // it ends with the server
    }
  }

  /** A real one that forces to the disk what it commits, as an operator's does. */
  private static final class Postgres implements Store {
    private final Path data = Files.createTempDirectory("fx-heartbeats-");
    private final EmbeddedPostgres postgres;

    Postgres() throws IOException {
      postgres = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(40)).setDataDirectory(data)
          .setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on").start();
    }

    @Override
    public Map<String, String> environment() {
      return Map.of("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/postgres");
    }

    @Override
    public Connection connect() throws SQLException {
      return postgres.getPostgresDatabase().getConnection();
    }

    @Override
    public Written written() throws Exception {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0));
      ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
      double used = Proc.familySeconds(postmaster);
      // its backends tell what they did at most twice a second
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
      Map<String, Long> rows = new TreeMap<>();
      Map<String, Long> more = new TreeMap<>();
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        try (ResultSet tables = statement.executeQuery(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")) {
          while (tables.next()) {
            rows.put(tables.getString(1), tables.getLong(2));
          }
        }
        try (ResultSet whole = statement.executeQuery("SELECT xact_commit, (pg_current_wal_lsn() - '0/0')::bigint"
            + " FROM pg_stat_database WHERE datname = current_database()")) {
          whole.next();
          more.put("transactions", whole.getLong(1));
          more.put("bytes of WAL", whole.getLong(2));
        }
      }
      return new Written(rows, more, used);
    }

    @Override
    public void close() throws IOException {
      postgres.close();
    }
  }
}
