package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.store.AuditChain.Pending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit trail on the database: entries wait in a bounded queue and are appended in batches by one thread, so that
 * nobody's request waits for them. While the database is away they wait; what does not fit is counted and said.
 */
@Component
public final class AuditTable implements AuditTrail {
  private static final Logger LOG = LoggerFactory.getLogger(AuditTable.class);
  private static final int BATCH = 500;
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_TALLIES = 20_000;
  private static final int TALLY_SECONDS = 60;
  private static final int RETRY_MILLIS = 1000;
  // what comes within it is written together: a transaction costs more than its rows
  private static final int GATHER_MILLIS = 50;

  private final AuditChain chain;
  private final int capacity;
  private final ArrayBlockingQueue<Pending> waiting;
  private final Map<Entry, AtomicInteger> tallies = new ConcurrentHashMap<>();
  private final AtomicBoolean due = new AtomicBoolean();
  private final AtomicLong lost = new AtomicLong();
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(job -> {
    Thread worker = Executors.defaultThreadFactory().newThread(job);
    worker.setName("fx-store-audit");
    worker.setDaemon(true);
    return worker;
  });
  private List<Pending> batch = List.of();
  private long lostSaid;
  private boolean failing;

  @Activate
  public AuditTable(@Reference Database database) {
    this(database, MOST_WAITING);
  }

  AuditTable(Database database, int capacity) {
    this.chain = new AuditChain(database);
    this.capacity = capacity;
    this.waiting = new ArrayBlockingQueue<>(capacity);
    thread.scheduleWithFixedDelay(this::minute, TALLY_SECONDS, TALLY_SECONDS, TimeUnit.SECONDS);
  }

  /** What is still waiting is written, if the database takes it within five seconds. */
  @Deactivate
  void close() {
    try {
      thread.execute(this::minute);
      thread.shutdown();
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (RejectedExecutionException alreadyClosed) {
      return;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    int left = waiting.size() + batch.size();
    if (left > 0) {
      LOG.warn("Audit records could not be written before the end: count={}", left);
    }
  }

  @Override
  public void note(Entry entry) {
    if (!waiting.offer(new Pending(Instant.now(), entry))) {
      lost.incrementAndGet();
    }
    soon(GATHER_MILLIS);
  }

  @Override
  public void tally(Entry entry) {
    AtomicInteger count = tallies.get(entry);
    if (count != null) {
      count.incrementAndGet();
      return;
    }
    // beyond the bound each is written by itself: nothing is left out
    if (tallies.size() >= MOST_TALLIES || tallies.putIfAbsent(entry, new AtomicInteger()) == null) {
      note(entry);
    } else {
      tally(entry);
    }
  }

  @Override
  public List<Kept> ofUser(String userId, Optional<Long> before, int limit) {
    return chain.ofUser(userId, before, limit);
  }

  /** How many entries did not fit since the start. */
  long lost() {
    return lost.get();
  }

  /** The end of a minute: repetitions become one record each. */
  void minute() {
    for (Entry entry : List.copyOf(tallies.keySet())) {
      AtomicInteger count = tallies.remove(entry);
      int times = count == null ? 0 : count.get();
      if (times > 0) {
        Map<String, Object> details = new LinkedHashMap<>(entry.details());
        details.put("times", times);
        note(new Entry(entry.action(), entry.result(), entry.userId(), entry.executorId(), entry.source(), details));
      }
    }
    long now = lost.get();
    if (now > lostSaid) {
      LOG.warn("Audit records were lost because too many were waiting: count={} since the start={} queue={}", now - lostSaid, now, capacity);
      lostSaid = now;
    }
    write();
  }

  private void soon(long millis) {
    if (due.compareAndSet(false, true)) {
      try {
        thread.schedule(this::write, millis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        LOG.debug("An audit record came after the end", closed);
      }
    }
  }

  private void write() {
    due.set(false);
    try {
      while (true) {
        if (batch.isEmpty()) {
          List<Pending> next = new ArrayList<>();
          waiting.drainTo(next, BATCH);
          batch = next;
        }
        if (batch.isEmpty()) {
          return;
        }
        chain.append(batch);
        batch = List.of();
        failing = false;
      }
    } catch (RuntimeException notNow) {
      if (notNow instanceof Refusal no && no.status() == 400) {
        // will never be taken; the others must not wait behind it
        LOG.error("Audit records cannot be kept and are lost: count={}", batch.size());
        lost.addAndGet(batch.size());
        batch = List.of();
      }
      if (!failing) {
        failing = true;
        LOG.warn("Audit records cannot be written now; they wait: cause={}", notNow.getMessage());
      }
      soon(RETRY_MILLIS);
    }
  }
}
