package com.fxplatform.ratelimit;

import com.fxplatform.api.limit.Permit;
import com.fxplatform.api.limit.RateLimiter;
import com.fxplatform.api.metrics.Meter;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Buckets in this process's memory. A bucket that is full again is forgotten; their number is bounded. */
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
          + SIGN_IN + "=30/60," + SIGN_IN_FAILURE + "=5/900";

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

    Bucket bucket(String key) {
      return buckets().get(key, k -> Bucket.builder()
          // all at once at the end of the window, like the predecessor's fixed window: ten, not ten and a trickle
          .addLimit(Bandwidth.builder().capacity(count).refillIntervally(count, window).build())
          .build());
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

  private volatile Map<String, Limit> limits = Map.of();

  @Activate
  public BucketedRateLimiter(Config config) {
    configure(config);
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
    Limit limit = limit(bucket);
    ConsumptionProbe probe = limit.bucket(key).tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      REFUSALS.add(1, bucket);
    }
    return new Permit(probe.isConsumed(), limit.count, probe.getRemainingTokens(),
        probe.isConsumed() ? Duration.ZERO : Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  @Override
  public Permit peek(String bucket, String key) {
    Limit limit = limit(bucket);
    Bucket known = limit.known(key);
    if (known == null) {
      return new Permit(true, limit.count, limit.count, Duration.ZERO);
    }
    var estimate = known.estimateAbilityToConsume(1);
    return new Permit(estimate.canBeConsumed(), limit.count, estimate.getRemainingTokens(),
        estimate.canBeConsumed() ? Duration.ZERO : Duration.ofNanos(estimate.getNanosToWaitForRefill()));
  }

  private Limit limit(String bucket) {
    Limit limit = limits.get(bucket);
    if (limit == null) {
      throw new IllegalArgumentException("No limit is configured for " + bucket);
    }
    return limit;
  }
}
