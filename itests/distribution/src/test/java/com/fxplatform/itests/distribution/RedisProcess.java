package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Debian's redis-server on a port of its own; installed if that is possible. */
final class RedisProcess implements AutoCloseable {
  final int port;
  private final Path folder;
  private Process process;

  RedisProcess(int port, Path folder) throws Exception {
    this.port = port;
    this.folder = Files.createDirectories(folder);
    Debian.need("redis-server", "redis-server");
    start();
  }

  void start() throws Exception {
    process = new ProcessBuilder("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "",
        "--requirepass", "hunter3", "--dir", folder.toString())
        .redirectErrorStream(true).redirectOutput(folder.resolve("redis.log").toFile()).start();
    Await.until("Redis listens", Duration.ofSeconds(20), () -> {
      try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return true;
      } catch (IOException notYet) {
        return false;
      }
    });
  }

  String url() {
    return "redis://:hunter3@127.0.0.1:" + port + "/0";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
