package com.fxplatform.store;

import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.live.Changes;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What was read of executors, so that one request reads its executor once, and the next one need not. What this process
 * changes is seen at once, whichever version of the room changed it; what another process changes, within the life that is
 * given to a row.
 */
final class ExecutorCache implements AutoCloseable {
  private static final int MOST = 20_000;

  /**
   * A row.
   *
   * @param keptSecret the shared secret as it is kept, sealed
   * @param openSecret the same opened, once somebody asked for it
   * @param source which database it was read from
   * @param readAt before it was read, by {@link System#nanoTime()}
   */
  record Row(Executor executor, String secretHash, Optional<String> keptSecret, AtomicReference<String> openSecret,
      Optional<String> retiredHash, Optional<Instant> retiredUntil, Database.Source source, long readAt) {
    Optional<String> retiredNow() {
      return retiredUntil.filter(until -> Instant.now().isBefore(until)).flatMap(until -> retiredHash);
    }
  }

  private final Supplier<Database.Source> source;
  private final Cache<String, Row> rows = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(Duration.ofMinutes(1)).build();
  // a key belongs to one executor for ever; only keys that exist are remembered
  private final Cache<String, String> ids = Caffeine.newBuilder().maximumSize(MOST).build();
  private final AtomicLong changes = new AtomicLong();
  private final Changes told = Changes.of("executors");
  private final Consumer<String> forget = this::forget;

  /** @param source the database in force */
  ExecutorCache(Supplier<Database.Source> source) {
    this.source = source;
    told.listen(forget);
  }

  Optional<Row> byId(String id, Supplier<Optional<Row>> read) {
    Row known = rows.getIfPresent(id);
    return known != null && fresh(known) ? Optional.of(known) : remember(read);
  }

  Optional<Row> byKey(String apiKey, Supplier<Optional<Row>> read) {
    String id = ids.getIfPresent(apiKey);
    return id == null ? remember(read) : byId(id, read);
  }

  private boolean fresh(Row row) {
    Database.Source now = source.get();
    return row.source == now && System.nanoTime() - row.readAt < now.believed().toNanos();
  }

  private Optional<Row> remember(Supplier<Optional<Row>> read) {
    long before = changes.get();
    Optional<Row> row = read.get();
    row.ifPresent(r -> {
      String id = r.executor.id();
      ids.put(r.executor.apiKey(), id);
      rows.put(id, r);
      if (changes.get() != before) {
        // somebody changed something while this was read: it may be the row from before
        rows.invalidate(id);
      }
    });
    return row;
  }

  /** After the change is committed. */
  void changed(String id) {
    told.tell(id);
  }

  private void forget(String id) {
    changes.incrementAndGet();
    rows.invalidate(id);
  }

  @Override
  public void close() {
    told.leave(forget);
  }
}
