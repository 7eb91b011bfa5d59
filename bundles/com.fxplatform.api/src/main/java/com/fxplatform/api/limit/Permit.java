package com.fxplatform.api.limit;

import java.time.Duration;

/**
 * The answer of a {@link RateLimiter}.
 *
 * @param granted whether the caller may go on
 * @param limit how many are allowed per window
 * @param remaining how many are left in this window
 * @param retryAfter when asking again makes sense; zero if granted
 */
public record Permit(boolean granted, long limit, long remaining, Duration retryAfter) {}
