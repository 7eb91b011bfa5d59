package com.fxplatform.ratelimit;

import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.metrics.Meter;
import com.fxplatform.api.nodes.NodesAway;
import com.fxplatform.api.nodes.SharedCells;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions.BucketExecutionException;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Buckets in this process's memory, or, where there are {@link SharedCells}, in those: then all nodes count together. A
 * bucket that is full again is forgotten; their number is bounded.
 */
@Component(configurationPid = "com.fxplatform.ratelimit")
@Designate(ocd = BucketedRateLimiter.Config.class)
public final class BucketedRateLimiter implements RateLimiter {
  private static final Meter REFUSALS = Meter.counter("fx_rate_limit_refusals_total", "Requests that were over a limit.", "bucket");

  @ObjectClassDefinition(name = "FX Platform rate limits")
  @interface Config {
    @AttributeDefinition(description = "Limits as name=count/seconds, separated by commas; they replace the ones of the same name")
    String limits() default "";

    @AttributeDefinition(description = "Most keys remembered per limit")
    int keys() default 100_000;
  }

  private static final String STANDARD =
      CONFIG + "=10/60," + SECRET + "=10/60," + SESSION + "=1000/60," + ANONYMOUS + "=100/60,"
          + SIGN_IN + "=30/60," + SIGN_IN_FAILURE + "=5/900,closing=100/60";

  /** One limit with its buckets, made when the first is asked for; a changed limit starts anew. */
  private static final class Limit {
    private final long count;
    private final Duration window;
    private final int keys;
    private volatile Cache<String, Bucket> buckets;

    Limit(long count, Duration window, int keys) {
      this.count = count;
      this.window = window;
      this.keys = keys;
    }

    // all at once at the end of the window, like the predecessor's fixed window: ten, not ten and a trickle
    private Bandwidth bandwidth() {
      return Bandwidth.builder().capacity(count).refillIntervally(count, window).build();
    }

    BucketConfiguration configuration() {
      return BucketConfiguration.builder().addLimit(bandwidth()).build();
    }

    Bucket bucket(String key) {
      return buckets().get(key, k -> Bucket.builder().addLimit(bandwidth()).build());
    }

    Permit take(Bucket from) {
      ConsumptionProbe probe = from.tryConsumeAndReturnRemaining(1);
      return new Permit(probe.isConsumed(), count, probe.getRemainingTokens(),
          probe.isConsumed() ? Duration.ZERO : Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    Permit look(Bucket into) {
      EstimationProbe probe = into.estimateAbilityToConsume(1);
      return new Permit(probe.canBeConsumed(), count, probe.getRemainingTokens(),
          probe.canBeConsumed() ? Duration.ZERO : Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    Permit untouched() {
      return new Permit(true, count, count, Duration.ZERO);
    }

    Bucket known(String key) {
      Cache<String, Bucket> made = buckets;
      return made == null ? null : made.getIfPresent(key);
    }

    private Cache<String, Bucket> buckets() {
      Cache<String, Bucket> made = buckets;
      if (made == null) {
        synchronized (this) {
          made = buckets;
          if (made == null) {
            made = Caffeine.newBuilder().maximumSize(keys).expireAfterAccess(window.plusSeconds(1)).build();
            buckets = made;
          }
        }
      }
      return made;
    }
  }

  /** While the cells are away: what each node goes on counting by itself. */
  private static final Set<String> BY_ITSELF = Set.of(SIGN_IN, SIGN_IN_FAILURE);

  private static final Duration SOON = Duration.ofSeconds(5);

  private final Roster<SharedCells> cells = new Roster<>(Duration.ofSeconds(5));
  private volatile SharedBuckets shared;
  private volatile Map<String, Limit> limits = Map.of();

  @Activate
  public BucketedRateLimiter(Config config) {
    configure(config);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindCells(SharedCells service, Map<String, ?> properties) {
    cells.bind(service, properties);
    shared = new SharedBuckets(cells);
  }

  void unbindCells(SharedCells service) {
    cells.unbind(service);
    if (!cells.speaks("")) {
      shared = null;
    }
  }

  @Modified
  void configure(Config config) {
    Map<String, Limit> next = new HashMap<>();
    String wanted = config.limits() == null || config.limits().startsWith("$[") ? "" : config.limits();
    for (String line : (STANDARD + "," + wanted).split(",")) {
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.trim().split("[=/]");
      long count;
      long seconds;
      try {
        count = Long.parseLong(parts[1].trim());
        seconds = Long.parseLong(parts[2].trim());
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException malformed) {
        throw new IllegalArgumentException("limits: \"" + line.trim() + "\" is not name=count/seconds");
      }
      if (count < 1 || seconds < 1) {
        throw new IllegalArgumentException("limits: \"" + line.trim() + "\" must allow at least one per second");
      }
      Duration window = Duration.ofSeconds(seconds);
      Limit before = limits.get(parts[0].trim());
      next.put(parts[0].trim(), before != null && before.count == count && before.window.equals(window)
          ? before
          : new Limit(count, window, config.keys()));
    }
    limits = Map.copyOf(next);
  }

  @Override
  public Permit ask(String bucket, String key) {
    Permit permit = permit(bucket, key, true);
    if (!permit.granted()) {
      REFUSALS.add(1, bucket);
    }
    return permit;
  }

  @Override
  public Permit peek(String bucket, String key) {
    return permit(bucket, key, false);
  }

  @Override
  public void forget(String bucket, String key) {
    Limit limit = limit(bucket);
    Bucket here = limit.known(key);
    if (here != null) {
      here.reset();
    }
    SharedBuckets together = shared;
    if (together != null) {
      try {
        together.bucket(bucket, key, limit.configuration()).reset();
      } catch (NodesAway | BucketExecutionException away) {
        // what the nodes counted together ends with its window
        return;
      }
    }
  }

  private Permit permit(String bucket, String key, boolean take) {
    Limit limit = limit(bucket);
    SharedBuckets together = shared;
    if (together != null) {
      try {
        Bucket here = together.bucket(bucket, key, limit.configuration());
        return take ? limit.take(here) : limit.look(here);
      } catch (NodesAway | BucketExecutionException away) {
        if (bucket.equals(SECRET)) {
          return new Permit(false, limit.count, 0, SOON);
        }
        if (!BY_ITSELF.contains(bucket)) {
          return limit.untouched();
        }
      }
    }
    if (take) {
      return limit.take(limit.bucket(key));
    }
    Bucket known = limit.known(key);
    return known == null ? limit.untouched() : limit.look(known);
  }

  private Limit limit(String bucket) {
    Limit limit = limits.get(bucket);
    if (limit == null) {
      throw new IllegalArgumentException("No limit is configured for " + bucket);
    }
    return limit;
  }
}
