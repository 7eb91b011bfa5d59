package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.distribution.Browser;
import com.fxplatform.itests.distribution.Credentials;
import com.fxplatform.itests.distribution.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Server, paper terminal and executor as three processes, as the quickstart starts them. */
final class Trio implements AutoCloseable {
  final Product product = new Product();
  final int port;
  final Browser owner;
  final Credentials executor;
  /** From {@code fx setup} to ready. */
  final long setupNanos;

  /** @param more settings of the server */
  Trio(String... more) throws Exception {
    int http = product.freePort();
    port = http;
    int terminal = product.freePort();
    // asking all the time is the benchmark's way, not a user's: the limit of 1000 a minute is for users
    List<String> sets = new ArrayList<>(List.of(
        "fx.http.port=" + http, "fx.admin.port=" + product.freePort(), "com.fxplatform.ratelimit/limits=session=1000000/60,config=1000000/60,heartbeat=1000000/60"));
    sets.addAll(List.of(more));
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD), sets.toArray(String[]::new));
    owner = new Browser("http://127.0.0.1:" + http).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Benchmark");
    Path pasted = product.folder.resolve("InpSharedSecret");
    Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(pasted, executor.sharedSecret());
    product.start("paper", Map.of(), "fx.terminal.port=" + terminal, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.paper/secretFile=" + pasted);
    product.start("executor", Map.of(), "fx.http.port=" + product.freePort(), "fx.admin.port=" + product.freePort(),
        "com.fxplatform.executor/override.zmqPort=" + product.freePort(), "com.fxplatform.executor/override.zmqCommandPort=" + terminal);
    long began = System.nanoTime();
    product.fx("executor", Map.of("FX_PLATFORM_URL", owner.platform), executor.secret() + "\n",
        "setup", "--api-key", executor.apiKey(), "--api-secret-stdin");
    product.fx("executor", Map.of(), "", "status", "executor", "--wait-ready", "60");
    setupNanos = System.nanoTime() - began;
  }

  OwnersEvents events() throws Exception {
    String key = owner.get("/api/executor/config", executor.headers()).json().findValue("pusherKey").asText();
    return new OwnersEvents(owner, executor.userId(), key);
  }

  @Override
  public void close() throws Exception {
    product.close();
  }
}
