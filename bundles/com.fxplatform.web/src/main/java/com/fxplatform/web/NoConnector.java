package com.fxplatform.web;

import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * A connector that opens no port: the way to Jetty's server, which Felix hands only to makers of connectors. It lasts as long
 * as its maker's service, and the server.
 */
final class NoConnector extends ServerConnector {
  private final Runnable arrived;
  private final Runnable leaving;

  NoConnector(Server server, Runnable arrived, Runnable leaving) {
    super(server, 0, 1);
    this.arrived = arrived;
    this.leaving = leaving;
    // Felix prints where each of them listens
    setHost("localhost");
  }

  @Override
  protected void doStart() {
    arrived.run();
  }

  @Override
  protected void doStop() {
    leaving.run();
  }

  @Override
  public CompletableFuture<Void> shutdown() {
    return CompletableFuture.completedFuture(null);
  }
}
