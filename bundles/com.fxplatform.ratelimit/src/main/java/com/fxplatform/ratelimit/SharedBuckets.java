package com.fxplatform.ratelimit;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.nodes.NodesAway;
import com.fxplatform.api.nodes.SharedCells;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AbstractCompareAndSwapBasedProxyManager;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AsyncCompareAndSwapOperation;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.CompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Bucket4j's buckets in cells that all nodes see: read, computed here, and swapped if nobody was faster. */
final class SharedBuckets extends AbstractCompareAndSwapBasedProxyManager<String> {
  private static final ExpirationAfterWriteStrategy FORGETTING =
      ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(5));
  /** Forty callers of one key at once take their turns; more than that and the last ones count as unanswered. */
  private static final int TURNS = 200;

  private final Roster<SharedCells> cells;

  SharedBuckets(Roster<SharedCells> cells) {
    super(ClientSideConfig.getDefault()
        .withClientClock(TimeMeter.SYSTEM_MILLISECONDS)
        .withMaxRetries(TURNS));
    this.cells = cells;
  }

  /** A changed limit has other cells, so it starts anew on all nodes; keys are hashed: strangers choose them. */
  Bucket bucket(String name, String key, BucketConfiguration configuration) {
    var bandwidth = configuration.getBandwidths()[0];
    return builder().build("limit:" + name + ":" + bandwidth.getCapacity() + "/"
        + Duration.ofNanos(bandwidth.getRefillPeriodNanos()).toSeconds() + ":" + digest(key), configuration);
  }

  private static NodesAway gone() {
    return new NodesAway("Nobody holds cells any more", null);
  }

  private static String digest(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 27);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every JDK has SHA-256", impossible);
    }
  }

  @Override
  protected CompareAndSwapOperation beginCompareAndSwapOperation(String key) {
    return new CompareAndSwapOperation() {
      @Override
      public Optional<byte[]> getStateData(Optional<Long> patience) {
        return cells.<Optional<byte[]>>tryCall("", all -> all.get(key)).orElseThrow(SharedBuckets::gone);
      }

      @Override
      public boolean compareAndSwap(byte[] before, byte[] after, RemoteBucketState state, Optional<Long> patience) {
        Duration keep = Duration.ofMillis(FORGETTING.calculateTimeToLiveMillis(state, currentTimeNanos()));
        return cells.<Boolean>tryCall("", all -> all.swap(key, before, after, keep)).orElseThrow(SharedBuckets::gone);
      }
    };
  }

  @Override
  protected AsyncCompareAndSwapOperation beginAsyncCompareAndSwapOperation(String key) {
    throw new IllegalStateException("Limits are asked and answered in one go");
  }

  @Override
  protected CompletableFuture<Void> removeAsync(String key) {
    throw new IllegalStateException("Limits are asked and answered in one go");
  }

  @Override
  public void removeProxy(String key) {
    throw new IllegalStateException("Limits end by themselves");
  }

  @Override
  public boolean isAsyncModeSupported() {
    return false;
  }
}
