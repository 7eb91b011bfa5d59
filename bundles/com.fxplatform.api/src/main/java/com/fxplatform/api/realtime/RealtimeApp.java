package com.fxplatform.api.realtime;

import java.util.Optional;

/**
 * The Pusher app that the server publishes to: hosted, or our own gateway's. {@link RealtimeSettings} tells which is
 * in force, {@link RealtimeGateway} which one the gateway serves.
 *
 * @param appId the app's id
 * @param key the public key
 * @param secret signs channels and publishes; never leaves the server
 * @param cluster cluster name for clients that know nothing else
 * @param host host of a self-hosted server as clients reach it; empty for hosted Pusher
 * @param port port of a self-hosted server; 0 for hosted Pusher
 * @param tls whether clients and the publisher use TLS
 */
public record RealtimeApp(
    String appId, String key, String secret, String cluster, Optional<String> host, int port, boolean tls) {
  /** Without the secret. */
  @Override
  public String toString() {
    return "RealtimeApp[" + appId + ", " + key + ", " + cluster + ", " + host.orElse("hosted") + ":" + port + "]";
  }
}
