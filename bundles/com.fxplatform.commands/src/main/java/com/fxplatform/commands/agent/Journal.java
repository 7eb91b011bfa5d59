package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.vault.PrivateFile;
import com.fxplatform.commands.agent.Entry.State;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this executor was told and what it did about it, on disk. A known id is never begun twice, whatever happens to
 * the process: each change is a line of the {@link Tail} first, and the store, which is read, is saved now and then. While
 * another process or another version of this bundle holds the file, it waits for its turn.
 */
@Component(
    service = {Journal.class, HealthCheck.class},
    immediate = true,
    property = {"hc.name=commands", "hc.tags=live", "hc.tags=ready"},
    configurationPid = "com.fxplatform.commands",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Journal.Config.class)
public final class Journal implements HealthCheck {
  static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** The journal cannot be used now. */
  static final String CLOSED = "JOURNAL_CLOSED";

  /** What {@code fx emergency-stop} leaves beside the journal if the executor does not run. */
  static final String STOP_NOTE = "emergency-stop";

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final Duration KEPT = Duration.ofHours(72);
  private static final Duration KEPT_WHEN_FULL = Duration.ofHours(1);
  private static final int MOST = 100_000;
  private static final int ROOM = 1000;
  private static final int LATELY = 256;
  // a change is in the tail at once; a commit writes whole pages, and one for each change would be most of a command's time
  private static final long SAVED_MILLIS = 1000;
  // an ordinary file channel is closed when a thread that uses it is interrupted; an asynchronous one is not
  private static final String UNINTERRUPTED = "async:";

  @ObjectClassDefinition(name = "FX Platform command journal")
  @interface Config {
    @AttributeDefinition(description = "The folder of the journal")
    String folder() default "";
  }

  /**
   * A position that a command of ours opened and none of ours closed.
   *
   * @param openPrice as the terminal told it; null if it did not
   * @param strategyId whose it is; null for nobody's
   */
  record Open(
      String ticket, String commandId, String symbol, String action, BigDecimal volume, long openedAt, BigDecimal openPrice, String strategyId) {}

  /**
   * Trading is halted since the command of that instant, by the server's clock.
   *
   * @param flatAt when the terminal was first proven to hold no position, by our clock; 0 while that is not proven
   * @param proof how, in one sentence
   */
  record Halt(long since, String reason, long flatAt, String proof) {
    boolean flat() {
      return flatAt != 0;
    }
  }

  /**
   * What the platform wants of one strategy; kept whether or not somebody runs it.
   *
   * @param wanted {@code running}, {@code paused} or {@code stopped}
   * @param definition as sent
   */
  record Wanted(String strategyId, String wanted, Map<String, Object> definition, long changedAt) {}

  /** How the journal is, for a person. */
  record Health(boolean open, boolean waiting, String detail) {}

  private static final class Book {
    final MVStore store;
    final MVMap<String, String> commands;
    final MVMap<Long, String> order;
    final MVMap<String, String> positions;
    final MVMap<String, String> flags;
    final MVMap<String, String> strategies;
    final Tail tail;
    // what is being worked on, so that it is not parsed again at each step
    private final Map<String, Entry> lately =
        Collections.synchronizedMap(
            new LinkedHashMap<>() {
              private static final long serialVersionUID = 1L;

              @Override
              protected boolean removeEldestEntry(Map.Entry<String, Entry> eldest) {
                return size() > LATELY;
              }
            });

    Book(MVStore store, Tail tail) {
      this.store = store;
      this.tail = tail;
      commands = store.openMap("commands", texts());
      order = store.openMap("order", new MVMap.Builder<Long, String>().keyType(LongDataType.INSTANCE).valueType(StringDataType.INSTANCE));
      positions = store.openMap("positions", texts());
      flags = store.openMap("flags", texts());
      strategies = store.openMap("strategies", texts());
    }

    Entry entry(String id) {
      Entry known = lately.get(id);
      if (known != null) {
        return known;
      }
      String text = commands.get(id);
      return text == null ? null : read(text, Entry.class);
    }

    void put(Entry entry) {
      put(commands, entry.id(), write(entry));
      lately.put(entry.id(), entry);
    }

    void remove(Entry entry) {
      lately.remove(entry.id());
      remove(commands, entry.id());
      order.remove(entry.seq());
    }

    String put(MVMap<String, String> map, String key, String value) {
      note(map, key, value);
      return map.put(key, value);
    }

    String remove(MVMap<String, String> map, String key) {
      if (map.containsKey(key)) {
        note(map, key, null);
      }
      return map.remove(key);
    }

    private void note(MVMap<String, String> map, String key, String value) {
      if (tail.isLong()) {
        // the oldest lines go: what they say must be in the store
        store.commit();
        store.sync();
        tail.turn();
      }
      tail.append(map.getName(), key, value);
    }

    /** What a line of the tail says happens again. */
    void again(String name, String key, String value) {
      for (MVMap<String, String> map : List.of(commands, positions, flags, strategies)) {
        if (map.getName().equals(name)) {
          String old = value == null ? map.remove(key) : map.put(key, value);
          if (map == commands && value != null) {
            order.put(read(value, Entry.class).seq(), key);
          } else if (map == commands && old != null) {
            order.remove(read(old, Entry.class).seq());
          }
        }
      }
    }

    private static MVMap.Builder<String, String> texts() {
      return new MVMap.Builder<String, String>().keyType(StringDataType.INSTANCE).valueType(StringDataType.INSTANCE);
    }
  }

  private final ScheduledExecutorService keeper;
  private final List<Runnable> whenOpen = new CopyOnWriteArrayList<>();
  private final Object writing = new Object();
  private volatile Book book;
  private volatile Health health = new Health(false, true, "The journal is not open yet.");
  private volatile Optional<Halt> halt = Optional.empty();
  private volatile Optional<String> pause = Optional.empty();
  private volatile String folder;
  private final int most;
  private long nextSeq;
  private boolean closed;

  @Activate
  public Journal(Config config) {
    this(config, MOST);
  }

  /** @param most how many commands are kept at most */
  Journal(Config config, int most) {
    this.most = most;
    folder = config.folder();
    keeper = Executors.newSingleThreadScheduledExecutor(Agent.named("fx-commands-journal"));
    open();
    keeper.scheduleWithFixedDelay(this::save, SAVED_MILLIS, SAVED_MILLIS, TimeUnit.MILLISECONDS);
    keeper.scheduleWithFixedDelay(this::prune, 10, 10, TimeUnit.MINUTES);
  }

  @Modified
  void modified(Config config) {
    if (!config.folder().equals(folder)) {
      synchronized (writing) {
        shut();
        folder = config.folder();
      }
      open();
    }
  }

  @Deactivate
  void close() {
    keeper.shutdownNow();
    synchronized (writing) {
      closed = true;
      shut();
    }
  }

  private void shut() {
    Book open = book;
    book = null;
    health = new Health(false, true, "The journal is not open yet.");
    if (open != null) {
      try {
        open.store.commit();
        open.store.sync();
        open.store.close();
        open.tail.clear();
      } catch (IOException stays) {
        LOG.debug("The journal's tail stays; it is read again at the next start.", stays);
      } catch (MVStoreException broken) {
        LOG.error("The command journal could not be closed properly; what was forced to disk is safe.", broken);
        open.store.closeImmediately();
      } finally {
        open.tail.close();
      }
    }
  }

  private void open() {
    boolean opened;
    synchronized (writing) {
      opened = !closed && book == null && tryOpen();
    }
    if (opened) {
      whenOpen.forEach(Runnable::run);
    } else if (!closed && health.waiting()) {
      keeper.schedule(this::open, 100, TimeUnit.MILLISECONDS);
    }
  }

  private boolean tryOpen() {
    String place = folder.startsWith("$[") ? "" : folder.strip();
    if (place.isEmpty()) {
      health = new Health(false, false, "The command journal has no folder: set folder in config/com.fxplatform.commands.cfg.");
      return false;
    }
    try {
      Path file = Path.of(place).toAbsolutePath().resolve("commands.mv");
      PrivateFile.folder(file.getParent());
      Book opened = whole(file);
      halt = Optional.ofNullable(opened.flags.get("halt")).map(text -> read(text, Halt.class));
      pause = Optional.ofNullable(opened.flags.get("pause"));
      nextSeq = opened.order.isEmpty() ? 1 : opened.order.lastKey() + 1;
      book = opened;
      health = new Health(true, false, "");
      LOG.info("The command journal is open. file={} commands={}", file, opened.commands.size());
      return true;
    } catch (MVStoreException trouble) {
      if (trouble.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        health = new Health(false, true, "Somebody else holds the command journal in " + place + "; waiting for it.");
      } else {
        broken(place, trouble);
      }
    } catch (IOException | InvalidPathException | IllegalStateException trouble) {
      broken(place, trouble);
    }
    return false;
  }

  /** Opens the store and gives it what it lost with the process before. */
  private static Book whole(Path file) throws IOException {
    MVStore store = store(file);
    Tail tail = null;
    try {
      tail = new Tail(file.getParent());
      if (tail.replay(new Book(store, tail)::again) > 0) {
        store.commit();
        store.sync();
        // a store that was closed in order loses nothing any more
        store.close();
        store = store(file);
      }
      Book book = new Book(store, tail);
      tail.clear();
      return book;
    } catch (IOException | RuntimeException trouble) {
      store.closeImmediately();
      if (tail != null) {
        tail.close();
      }
      throw trouble;
    }
  }

  private static MVStore store(Path file) {
    return new MVStore.Builder().fileName(UNINTERRUPTED + file).autoCommitDisabled().open();
  }

  private void broken(String place, Exception trouble) {
    // without it we could not know what was done already: better no trade than a second one
    health =
        new Health(
            false, false, "The command journal in " + place + " cannot be read, so no command is taken: move commands.mv and commands.tail away and check the terminal.");
    LOG.error("The command journal cannot be opened; no command is taken. folder={}", place, trouble);
  }

  /** What somebody left for us beside the journal, at most 500 characters. */
  Optional<String> request(String name) {
    try {
      Path note = Path.of(folder).toAbsolutePath().resolve(name);
      if (!Files.isRegularFile(note)) {
        return Optional.empty();
      }
      String text = new String(Files.readAllBytes(note), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
      return Optional.of(text.substring(0, Math.min(500, text.length())));
    } catch (IOException | InvalidPathException unreadable) {
      // that it is there is what counts
      return Optional.of("a note that cannot be read");
    }
  }

  void forget(String name) {
    try {
      Files.deleteIfExists(Path.of(folder).toAbsolutePath().resolve(name));
    } catch (IOException | InvalidPathException stuck) {
      LOG.warn("A note beside the journal cannot be removed and will count again at the next start. file={}", name);
    }
  }

  /** Runs at once if the journal is open, and each time it is opened. */
  void whenOpen(Runnable work) {
    whenOpen.add(work);
    if (book != null) {
      work.run();
    }
  }

  void forgetListener(Runnable work) {
    whenOpen.remove(work);
  }

  Health health() {
    return health;
  }

  Optional<Entry> find(String id) {
    return Optional.ofNullable(book().entry(id));
  }

  /** Takes a new command down; empty if its id is known. {@code make} gets the number of the command. */
  Optional<Entry> add(String id, java.util.function.LongFunction<Entry> make) {
    synchronized (writing) {
      Book b = book();
      if (b.commands.containsKey(id)) {
        return Optional.empty();
      }
      Entry entry = make.apply(nextSeq);
      if (b.commands.size() >= most && !makeRoom(b) && !CommandNames.CLOSING.contains(entry.name())) {
        throw new Refusal(503, CLOSED, "The command journal is full.");
      }
      nextSeq++;
      b.put(entry);
      b.order.put(entry.seq(), id);
      // the process may die from here on; a machine that dies loses only what the server brings again
      return Optional.of(entry);
    }
  }

  /** Lets go of the oldest that ended an hour ago and are with the platform: nobody brings those again. */
  private boolean makeRoom(Book b) {
    long before = Instant.now().minus(KEPT_WHEN_FULL).toEpochMilli();
    List<Entry> old = new ArrayList<>();
    for (var c = b.order.cursor(null); c.hasNext() && old.size() < ROOM; ) {
      c.next();
      Entry entry = Optional.ofNullable(b.commands.get(c.getValue())).map(text -> read(text, Entry.class)).orElse(null);
      if (entry != null && entry.changedAt() >= before) {
        // younger ones follow
        break;
      }
      if (entry != null && entry.state().isFinal() && entry.reported()) {
        old.add(entry);
      }
    }
    remove(b, old);
    return !old.isEmpty();
  }

  private static void remove(Book b, List<Entry> old) {
    old.forEach(b::remove);
  }

  /** Writes down that the effect may happen now, and returns once that is on the disk; false if the command has ended. */
  boolean sent(String id, long now) {
    synchronized (writing) {
      Book b = book();
      Entry after = change(b, id, entry -> entry.state() == State.ACCEPTED ? entry.sent(now) : entry);
      b.tail.force();
      return after.state() == State.SENT;
    }
  }

  /** Writes down how a command ended; a command that ended keeps its end unless that was UNKNOWN. Returns what stands. */
  Entry ended(String id, State state, String status, Map<String, Object> result, long now) {
    synchronized (writing) {
      Book b = book();
      Entry after =
          change(
              b,
              id,
              entry ->
                  entry.state().isFinal() && !(entry.state() == State.UNKNOWN && state != State.UNKNOWN)
                      ? entry
                      : entry.ended(state, status, result, now));
      return after;
    }
  }

  /** Ends a command unless it has begun. Returns whether it did. */
  boolean endUnlessBegun(String id, State state, String status, Map<String, Object> result, long now) {
    synchronized (writing) {
      Book b = book();
      boolean[] ended = {false};
      if (!b.commands.containsKey(id)) {
        return false;
      }
      change(
          b,
          id,
          entry -> {
            ended[0] = entry.state() == State.ACCEPTED;
            return ended[0] ? entry.ended(state, status, result, now) : entry;
          });
      return ended[0];
    }
  }

  /** Marks a final word as taken by the server, if it is still the word that stands; or as to be told again. */
  void reported(String id, String status, boolean taken) {
    synchronized (writing) {
      Book b = book();
      if (b.commands.containsKey(id)) {
        change(b, id, entry -> entry.state().isFinal() && entry.status().equals(status) ? entry.reported(taken) : entry);
      }
    }
  }

  private static Entry change(Book b, String id, UnaryOperator<Entry> how) {
    Entry before = b.entry(id);
    if (before == null) {
      throw new IllegalStateException("The journal does not know command " + id);
    }
    Entry after = how.apply(before);
    if (after != before) {
      b.put(after);
    }
    return after;
  }

  /** All of some kind, in the order in which they came. */
  List<Entry> all(java.util.function.Predicate<Entry> which) {
    List<Entry> found = new ArrayList<>();
    for (var c = book().commands.cursor(null); c.hasNext(); ) {
      c.next();
      Entry entry = read(c.getValue(), Entry.class);
      if (which.test(entry)) {
        found.add(entry);
      }
    }
    found.sort(Comparator.comparingLong(Entry::seq));
    return found;
  }

  /** The last that came, newest first. */
  List<Entry> latest(int most) {
    Book b = book();
    List<Entry> found = new ArrayList<>();
    for (var keys = b.order.keyIteratorReverse(null); keys.hasNext() && found.size() < most; ) {
      String id = b.order.get(keys.next());
      if (id != null) {
        find(id).ifPresent(found::add);
      }
    }
    return found;
  }

  void opened(Open position) {
    synchronized (writing) {
      Book b = book();
      b.put(b.positions, position.ticket(), write(position));
    }
  }

  void closed(String ticket) {
    synchronized (writing) {
      Book b = book();
      b.remove(b.positions, ticket);
    }
  }

  List<Open> positions() {
    List<Open> open = new ArrayList<>();
    for (var c = book().positions.cursor(null); c.hasNext(); ) {
      c.next();
      open.add(read(c.getValue(), Open.class));
    }
    open.sort(Comparator.comparingLong(Open::openedAt));
    return open;
  }

  Optional<Halt> halted() {
    return halt;
  }

  /** Halts trading, on the disk before it returns; of two halts the later one stands. Flatness is to be proven anew. */
  void halt(long since, String reason) {
    synchronized (writing) {
      halt(new Halt(Math.max(since, halt.map(Halt::since).orElse(0L)), reason, 0, ""));
    }
  }

  /** Notes that the terminal holds nothing any more; nothing happens if that halt is over or another came. */
  boolean flat(Halt of, long now, String proof) {
    synchronized (writing) {
      if (!halt.filter(of::equals).isPresent()) {
        return false;
      }
      halt(new Halt(of.since(), of.reason(), now, proof));
      return true;
    }
  }

  private void halt(Halt next) {
    halt = Optional.of(next);
    Book b = book();
    b.put(b.flags, "halt", write(next));
    b.tail.force();
  }

  /** Why no new order goes out although nothing is halted; empty if orders do. */
  Optional<String> paused() {
    return pause;
  }

  /** Keeps new orders back, over restarts, until {@link #resume}. */
  void pause(String reason) {
    synchronized (writing) {
      pause = Optional.of(reason);
      Book b = book();
      b.put(b.flags, "pause", reason);
      b.tail.force();
    }
  }

  void resume() {
    synchronized (writing) {
      Book b = book();
      b.remove(b.flags, "halt");
      b.remove(b.flags, "pause");
      b.tail.force();
      halt = Optional.empty();
      pause = Optional.empty();
    }
  }

  /** A small thing to remember over restarts. */
  Optional<String> note(String name) {
    return Optional.ofNullable(book().flags.get(name));
  }

  void note(String name, String value) {
    synchronized (writing) {
      Book b = book();
      if (!value.equals(b.flags.get(name))) {
        b.put(b.flags, name, value);
      }
    }
  }

  Optional<Wanted> strategy(String id) {
    return Optional.ofNullable(book().strategies.get(id)).map(text -> read(text, Wanted.class));
  }

  List<Wanted> strategies() {
    List<Wanted> all = new ArrayList<>();
    for (var c = book().strategies.cursor(null); c.hasNext(); ) {
      c.next();
      all.add(read(c.getValue(), Wanted.class));
    }
    return all;
  }

  void want(Wanted strategy) {
    synchronized (writing) {
      Book b = book();
      b.put(b.strategies, strategy.strategyId(), write(strategy));
      b.tail.force();
    }
  }

  /** Gives the store what so far only the tail has. */
  private void save() {
    try {
      synchronized (writing) {
        if (book != null && book.store.hasUnsavedChanges()) {
          book.store.commit();
        }
      }
    } catch (RuntimeException trouble) {
      LOG.warn("The command journal could not be saved; the tail has what is missing, trying again. reason=\"{}\"", trouble.toString());
    }
  }

  /** Forgets what is long over and reported. */
  void prune() {
    try {
      if (book == null) {
        return;
      }
      long before = Instant.now().minus(KEPT).toEpochMilli();
      List<Entry> old = all(entry -> entry.state().isFinal() && entry.reported() && entry.changedAt() < before);
      synchronized (writing) {
        Book b = book();
        remove(b, old);
        b.store.commit();
        b.store.compactFile(50);
      }
    } catch (RuntimeException trouble) {
      LOG.warn("Old commands could not be removed from the journal; trying again later. reason=\"{}\"", trouble.toString());
    }
  }

  private Book book() {
    Book b = book;
    if (b == null) {
      throw new Refusal(503, CLOSED, health.detail().isEmpty() ? "The command journal is closed." : health.detail());
    }
    return b;
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException bug) {
      throw new IllegalStateException("Not a JSON value", bug);
    }
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException damaged) {
      throw new IllegalStateException("The journal holds a line that cannot be read", damaged);
    }
  }

  @Override
  public Result execute() {
    Health health = health();
    if (!health.open()) {
      return new Result(health.waiting() ? Result.Status.WARN : Result.Status.CRITICAL, health.detail());
    }
    return halted()
        .map(halt -> "Trading is halted (" + halt.reason() + "): send RESUME, or run fx resume, to trade again.")
        .or(() -> paused().map(why -> "Trading is paused (" + why + "): send RESUME, or run fx resume, to trade again."))
        .map(sentence -> new Result(Result.Status.WARN, sentence))
        .orElseGet(() -> new Result(Result.Status.OK, "The command journal is open."));
  }
}
