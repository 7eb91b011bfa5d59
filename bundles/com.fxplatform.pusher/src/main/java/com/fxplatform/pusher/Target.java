package com.fxplatform.pusher;

/** Where an executor listens; two equal targets need no new connection. */
record Target(String executorId, String key, String cluster, String host, int port, boolean tls) {
  boolean complete() {
    return !executorId.isEmpty() && !key.isEmpty() && !(host.isEmpty() && cluster.isEmpty());
  }

  String channel() {
    return "private-executor-" + executorId;
  }

  String server() {
    return host.isEmpty() ? "Pusher cluster " + cluster : host + ":" + port;
  }
}
