package com.fxplatform.api.provisioning;

import com.fxplatform.api.executor.Executor;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Adds settings to what an executor is given: THE extension point of the product.
 *
 * <p>Pure and fast: at most 200 ms, no network, no waiting; called concurrently and often. What it said of an
 * executor counts for five seconds, or until {@link Provisioning#changed()}, its own configuration, or the executor changes. Return
 * the same map for the same executor: the revision that executors fetch by is computed from the values. Namespace your
 * keys ({@code acme.maxSpread}). Values are JSON: {@code String}, {@code Boolean}, {@code Number}, {@code Map},
 * {@code List}; at most 64 kB altogether. No clock values, no secrets of the server.
 *
 * <p>An optional plugin that throws contributes nothing and turns the health check to WARN. A required one that throws
 * or is missing refuses the whole configuration: there is never a half-configured trader. Throw
 * {@link com.fxplatform.api.Refusal} to refuse one executor with a reason of your own.
 */
@ConsumerType
public interface ConfigPlugin {
  /** Service property, mandatory: one id, for example {@code acme.risk}. One voice speaks per id. */
  String ID = "provisioning.id";

  /** Service property, {@code Boolean}, default false: without this plugin there is no configuration at all. */
  String REQUIRED = "provisioning.required";

  Map<String, ?> contribute(Executor executor);
}
