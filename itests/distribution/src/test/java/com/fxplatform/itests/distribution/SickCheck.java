package com.fxplatform.itests.distribution;

import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;

/** Becomes the only class of a bundle that never lives. */
public final class SickCheck implements HealthCheck {
  @Override
  public Result execute() {
    return new Result(Result.Status.CRITICAL, "The disk is full: make room.");
  }
}
