package com.fxplatform.commands.agent;

import com.fxplatform.api.command.CommandNames;
import com.fxplatform.api.command.Priority;
import java.util.List;
import java.util.Set;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Hands commands to few workers, the most urgent first. An emergency stop and what closes have workers of their own, so
 * that nothing that opens or reads can keep them waiting.
 */
final class Dispatcher {
  static final int MOST = 1000;
  private static final Set<String> SOONER = Set.of(CommandNames.CLOSE_POSITION, CommandNames.CLOSE_ALL_POSITIONS);
  private static final Set<String> LATER = Set.of("GET_ACCOUNT_INFO", "GET_POSITIONS", "GET_SYMBOL_INFO");

  private final Consumer<Entry> run;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ThreadPoolExecutor emergency = lane("fx-commands-emergency", 1);
  private final ThreadPoolExecutor closing = lane("fx-commands-closing", 2);
  private final ThreadPoolExecutor others = lane("fx-commands-worker", 3);

  private final class Item implements Runnable, Comparable<Item> {
    final Entry entry;
    final int weight;

    Item(Entry entry) {
      this.entry = entry;
      this.weight = weight(entry.name(), entry.priority());
    }

    @Override
    public void run() {
      waiting.decrementAndGet();
      run.accept(entry);
    }

    @Override
    public int compareTo(Item other) {
      return weight == other.weight ? Long.compare(entry.seq(), other.entry.seq()) : Integer.compare(other.weight, weight);
    }
  }

  Dispatcher(Consumer<Entry> run) {
    this.run = run;
  }

  /** Queues a command; false if the queue is full. There is always room for an emergency stop. */
  boolean offer(Entry entry) {
    boolean stop = entry.name().equals(CommandNames.EMERGENCY_STOP);
    if (waiting.incrementAndGet() > MOST && !stop) {
      waiting.decrementAndGet();
      return false;
    }
    ThreadPoolExecutor lane = stop ? emergency : CommandNames.CLOSING.contains(entry.name()) ? closing : others;
    lane.execute(new Item(entry));
    return true;
  }

  int waiting() {
    return waiting.get();
  }

  /** Begins nothing more and waits for what has begun. */
  void close(long patienceMillis) {
    List<ThreadPoolExecutor> lanes = List.of(emergency, closing, others);
    for (ThreadPoolExecutor lane : lanes) {
      lane.getQueue().clear();
      lane.shutdown();
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    try {
      for (ThreadPoolExecutor lane : lanes) {
        if (!lane.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          lane.shutdownNow();
          lane.awaitTermination(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException stop) {
      lanes.forEach(ThreadPoolExecutor::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }

  static int weight(String name, Priority priority) {
    int weight =
        switch (priority) {
          case URGENT -> 100;
          case HIGH -> 75;
          case NORMAL -> 50;
          case LOW -> 25;
        };
    return weight + (SOONER.contains(name) ? 10 : 0) - (LATER.contains(name) ? 10 : 0);
  }

  private static ThreadPoolExecutor lane(String name, int workers) {
    return new ThreadPoolExecutor(workers, workers, 0, TimeUnit.SECONDS, new PriorityBlockingQueue<>(), Agent.named(name));
  }
}
