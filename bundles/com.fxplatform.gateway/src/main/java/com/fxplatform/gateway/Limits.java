package com.fxplatform.gateway;

import java.time.Duration;

/**
 * What the gateway bears. The defaults are those of hosted Pusher Channels, so that what works here works there.
 *
 * @param activityTimeout silence after which a client is probed
 * @param pongTimeout how long the probe may stay unanswered
 * @param outboundBytes what may wait for one slow client before it is closed
 * @param connections open at once
 * @param channelsPerConnection subscriptions of one connection
 * @param members users on one presence channel
 * @param clientEventsPerSecond of one connection
 * @param malformedFrames of one connection before it is closed
 */
record Limits(
    Duration activityTimeout,
    Duration pongTimeout,
    int outboundBytes,
    int connections,
    int channelsPerConnection,
    int members,
    int clientEventsPerSecond,
    int malformedFrames) {
  static final int FRAME_BYTES = 32 * 1024;
  static final int DATA_BYTES = 10 * 1024;
  static final int EVENT_NAME = 200;
  static final int USER_ID = 128;
  static final int USER_INFO_BYTES = 1024;
  static final Duration CACHE = Duration.ofMinutes(30);

  static Limits standard() {
    return new Limits(Duration.ofSeconds(120), Duration.ofSeconds(30), 1 << 20, 10_000, 200, 100, 10, 100);
  }
}
