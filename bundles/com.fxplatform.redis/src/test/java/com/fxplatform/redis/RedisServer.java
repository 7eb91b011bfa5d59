package com.fxplatform.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;

/** A real redis-server on a port of its own. */
final class RedisServer implements AutoCloseable {
  final int port;
  private final Path folder;
  private Process process;

  RedisServer(Path folder) throws IOException {
    this.folder = folder;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    start();
  }

  void start() throws IOException {
    try {
      process = new ProcessBuilder("redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--dir", folder.toString())
          .redirectErrorStream(true).redirectOutput(folder.resolve("redis.log").toFile()).start();
    } catch (IOException missing) {
      Assumptions.abort("There is no redis-server on this machine: apt-get install redis-server");
    }
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (true) {
      try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
        LockSupport.parkNanos(20_000_000L);
      }
    }
  }

  String url() {
    return "redis://127.0.0.1:" + port + "/0";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
