package com.fxplatform.redis;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.nodes.NodeListener;
import com.fxplatform.api.nodes.NodesAway;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The lines to one Redis: a pool for the cells, one that tells, one that hears. After {@link #TOLERATED} failures in a
 * row nobody asks any more until a probe says that it is back, so that a request never waits for a dead Redis.
 */
final class RedisLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
  private static final int TOLERATED = 3;
  private static final int QUEUE = 10_000;
  private static final int LONGEST = 4_000_000;
  private static final int TELLING_MS = 2_000;
  /** The pulse comes every two seconds: who hears nothing for six has a dead line. */
  private static final int PULSE_MS = 2_000;
  private static final int SILENCE_MS = 6_000;
  private static final int AGAIN_MS = 500;
  private static final String PULSE = "pulse";

  private static final byte[] SWAP = ("local now = redis.call('get', KEYS[1])\n"
      + "if (not now and ARGV[1] == '') or now == ARGV[1] then\n"
      + "  redis.call('psetex', KEYS[1], ARGV[3], ARGV[2])\n"
      + "  return 1\n"
      + "end\n"
      + "return 0").getBytes(StandardCharsets.UTF_8);

  private final String self = HexFormat.of().formatHex(new SecureRandom().generateSeed(8));
  private final RedisAddress address;
  private final String prefix;
  private final String channel;
  private final Roster<NodeListener> listeners;
  private final JedisPool pool;
  private final long patienceNanos;
  private final ThreadPoolExecutor teller = one("fx-redis-teller", QUEUE);
  private final ThreadPoolExecutor hearing = one("fx-redis-hearing", QUEUE);
  private final ThreadPoolExecutor line = one("fx-redis-line", 1);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(named("fx-redis-timer"));
  private final AtomicInteger failures = new AtomicInteger();
  private final LongAdder told = new LongAdder();
  private final LongAdder heard = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private volatile Instant awaySince;
  private volatile boolean subscribed;
  private volatile boolean closed;
  private volatile Jedis hearingLine;
  private Jedis tellingLine;

  RedisLink(RedisAddress address, String prefix, int patience, Roster<NodeListener> listeners) {
    this.address = address;
    this.prefix = prefix + ":";
    this.channel = prefix + ":nodes";
    this.listeners = listeners;
    this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patience);
    JedisPoolConfig sizes = new JedisPoolConfig();
    sizes.setMaxTotal(16);
    sizes.setMaxIdle(16);
    sizes.setMaxWait(Duration.ofMillis(patience));
    sizes.setJmxEnabled(false);
    sizes.setTestWhileIdle(false);
    sizes.setTimeBetweenEvictionRuns(Duration.ofMillis(-1));
    pool = new JedisPool(sizes, address.place(), address.client(patience, SILENCE_MS));
    line.execute(this::hear);
    timer.scheduleWithFixedDelay(this::pulse, PULSE_MS, PULSE_MS, TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(this::probe, AGAIN_MS, AGAIN_MS, TimeUnit.MILLISECONDS);
  }

  private static ThreadPoolExecutor one(String name, int queue) {
    return new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), named(name));
  }

  private static ThreadFactory named(String name) {
    return task -> {
      Thread thread = Executors.defaultThreadFactory().newThread(task);
      thread.setName(name);
      thread.setDaemon(true);
      return thread;
    };
  }

  // --- cells

  Optional<byte[]> get(String key) {
    return Optional.ofNullable(ask(jedis -> jedis.get(bytes(prefix + key))));
  }

  boolean swap(String key, byte[] expected, byte[] next, Duration keep) {
    Object swapped = ask(jedis -> jedis.eval(SWAP, List.of(bytes(prefix + key)),
        List.of(expected == null ? new byte[0] : expected, next, bytes(String.valueOf(Math.max(1, keep.toMillis()))))));
    return Long.valueOf(1).equals(swapped);
  }

  private <T> T ask(Function<Jedis, T> question) {
    if (awaySince != null || closed) {
      throw new NodesAway("Redis does not answer", null);
    }
    try {
      T answer = answer(question);
      failures.set(0);
      return answer;
    } catch (JedisException | IllegalStateException failed) {
      if (failures.incrementAndGet() >= TOLERATED) {
        away(failed);
      }
      throw new NodesAway("Redis does not answer", failed);
    }
  }

  private <T> T answer(Function<Jedis, T> question) {
    long start = System.nanoTime();
    try (Jedis jedis = pool.getResource()) {
      return question.apply(jedis);
    } catch (JedisException stale) {
      if (System.nanoTime() - start > patienceNanos / 2) {
        throw stale;
      }
      // a connection that Redis has closed meanwhile says nothing about Redis
      pool.clear();
      try (Jedis jedis = pool.getResource()) {
        return question.apply(jedis);
      }
    }
  }

  private void away(RuntimeException why) {
    boolean news;
    synchronized (this) {
      news = awaySince == null && !closed;
      if (news) {
        awaySince = Instant.now();
      }
    }
    if (news) {
      LOG.warn("Redis does not answer: wrong secrets are refused unseen, known good ones are not counted, and events reach "
          + "only this node's clients until it is back redis={} why={}", address, reason(why));
    }
  }

  private void probe() {
    Instant since = awaySince;
    if (since == null || closed) {
      return;
    }
    try (Jedis jedis = address.connect(TELLING_MS, TELLING_MS)) {
      jedis.ping();
      pool.clear();
      failures.set(0);
      awaySince = null;
      LOG.info("Redis answers again redis={} seconds={}", address, Duration.between(since, Instant.now()).toSeconds());
    } catch (RuntimeException still) {
      LOG.debug("Redis is still away", still);
    }
  }

  // --- telling

  boolean tell(String topic, String message) {
    if (closed || message.length() > LONGEST) {
      return false;
    }
    try {
      teller.execute(() -> publish(self + "\n" + topic + "\n" + message));
      return true;
    } catch (RejectedExecutionException full) {
      lost.increment();
      return false;
    }
  }

  /** Only on the teller's thread. */
  private void publish(String text) {
    for (int attempt = 0; attempt < 2; attempt++) {
      if (closed || awaySince != null && tellingLine == null) {
        break;
      }
      try {
        if (tellingLine == null) {
          tellingLine = address.connect(TELLING_MS, TELLING_MS);
        }
        tellingLine.publish(channel, text);
        told.increment();
        return;
      } catch (RuntimeException failed) {
        hangUp(tellingLine);
        tellingLine = null;
        if (attempt == 1) {
          away(failed);
        }
      }
    }
    lost.increment();
  }

  private void pulse() {
    tell(PULSE, "");
  }

  // --- hearing

  private void hear() {
    try (Jedis jedis = address.connect(TELLING_MS, SILENCE_MS)) {
      hearingLine = jedis;
      if (!closed) {
        jedis.subscribe(new JedisPubSub() {
          @Override
          public void onSubscribe(String name, int count) {
            subscribed = true;
            pass(() -> listeners.each(listener -> {
              listener.reconnected();
              return true;
            }));
          }

          @Override
          public void onMessage(String name, String text) {
            take(text);
          }
        }, channel);
      }
    } catch (RuntimeException broken) {
      if (!closed) {
        LOG.debug("The line to the other nodes is down", broken);
        away(broken);
      }
    } finally {
      subscribed = false;
      hearingLine = null;
    }
    if (!closed) {
      try {
        timer.schedule(() -> line.execute(this::hear), AGAIN_MS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closing) {
        LOG.debug("Closing, nobody hears any more");
      }
    }
  }

  private void take(String text) {
    int first = text.indexOf('\n');
    int second = text.indexOf('\n', first + 1);
    if (first < 1 || second < 0 || text.startsWith(self)) {
      return;
    }
    String topic = text.substring(first + 1, second);
    if (!topic.equals(PULSE)) {
      heard.increment();
      pass(() -> listeners.tryCall(topic, listener -> {
        listener.heard(text.substring(0, first), text.substring(second + 1));
        return true;
      }));
    }
  }

  /** A listener that comes when the line stands already. */
  void introduce(NodeListener listener) {
    if (subscribed) {
      pass(listener::reconnected);
    }
  }

  private void pass(Runnable news) {
    try {
      hearing.execute(() -> {
        try {
          news.run();
        } catch (RuntimeException bug) {
          LOG.error("What another node told was not understood", bug);
        }
      });
    } catch (RejectedExecutionException full) {
      lost.increment();
    }
  }

  // --- how it is

  Optional<Instant> awaySince() {
    return Optional.ofNullable(awaySince);
  }

  boolean subscribed() {
    return subscribed;
  }

  String counts() {
    return told.sum() + " messages told, " + heard.sum() + " heard, " + lost.sum() + " lost";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String reason(Throwable failed) {
    Throwable root = failed;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  private static void hangUp(Jedis jedis) {
    if (jedis != null) {
      try {
        jedis.close();
      } catch (RuntimeException gone) {
        LOG.debug("It was gone already", gone);
      }
    }
  }

  @Override
  public void close() {
    // what is on its way out, a farewell perhaps, may still leave
    teller.shutdown();
    try {
      if (!teller.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.debug("Not everything could be told");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    timer.shutdownNow();
    hangUp(hearingLine);
    hangUp(tellingLine);
    line.shutdownNow();
    hearing.shutdownNow();
    pool.close();
  }
}
