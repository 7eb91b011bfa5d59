package com.fxplatform.api.command;

import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Runs trading strategies on the executor; a plugin offers it. The executor keeps what the platform wants over restarts
 * and tells it again to a runner that comes. A runner trades by handing {@code OPEN_POSITION} commands with the
 * parameter {@code strategyId} to {@link CommandIntake}, so that the journal and every limit see them.
 */
@ConsumerType
public interface StrategyRunner {
  /** What the platform wants of a strategy. */
  enum Wanted {
    RUNNING,
    PAUSED,
    STOPPED
  }

  /**
   * One strategy.
   *
   * @param id the platform's
   * @param wanted what to do with it
   * @param definition {@code strategyName}, {@code symbol}, {@code timeframe}, {@code rules}, {@code options},
   *     {@code settings} as sent (wire-contract 5.12), not trusted
   */
  record Strategy(String id, Wanted wanted, Map<String, Object> definition) {}

  /**
   * Takes what is wanted from now on; the same may be told again. Called concurrently, returns within a second.
   *
   * @return why it cannot be done, in one sentence, or empty
   */
  Optional<String> want(Strategy strategy);
}
