package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A newcomer follows the plugin template's README to the letter. */
@Tag("slow")
@Timeout(400)
class PluginTemplateJourney {
  private static final Path REPOSITORY = Path.of(System.getProperty("fx.repository")).toAbsolutePath().normalize();
  private static final long MINUTES = 5;

  private static String script() throws IOException {
    Matcher blocks = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(REPOSITORY.resolve("bundles/plugin-template/README.md")));
    StringBuilder script = new StringBuilder("set -ex\n");
    while (blocks.find()) {
      script.append(blocks.group(1));
    }
    return script.toString();
  }

  @Test
  void itsReadmeIsTrue() throws Exception {
    try (Product product = new Product()) {
      String platform = "http://127.0.0.1:" + product.freePort();
      // one product, its own folder as instance, as the README has it; a shorter probation is all that is not in it
      Files.writeString(Files.createDirectories(product.tree().resolve("config")).resolve("com.fxplatform.deploy.cfg"), "probation = 2\n");
      String ports = platform.substring(platform.lastIndexOf(':') + 1);
      Map<String, String> environment = Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
          "FX_HTTP_PORT", ports, "FX_ADMIN_PORT", Integer.toString(product.freePort()));
      String fx = product.tree().resolve("bin/fx").toString();
      String started = sh(product.folder, environment, fx + " start server");
      try {
        assertTrue(started.contains("server is up"), started);
        Credentials executor = Credentials.create(new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD), "Newcomer");
        Path home = Files.createDirectories(product.folder.resolve("home"));
        String said = sh(REPOSITORY, Map.of("HOME", home.toString(), "FX", product.tree().toString(), "PLATFORM", platform,
            "EXECUTOR_KEY", executor.apiKey(), "EXECUTOR_SECRET", executor.secret(), "FX_KEY_PASSPHRASE", "correct horse battery",
            "MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -Dmaven.repo.local=" + repository(product.folder.resolve("m2"))), script());
        assertTrue(said.contains("is signed by CN=Acme Ltd"), said);
        assertTrue(Pattern.compile("REJECTED: The rehearsal of its ConfigPlugin failed: .*zmqPort").matcher(said).find(), said);
        assertTrue(Pattern.compile("com.acme.maxspread 1.1.0  PROMOTED").matcher(said).find(), said);
        Matcher settled = Pattern.compile("(?m)^SETTLED$").matcher(said);
        assertEquals(3, settled.results().count(), said);
      } finally {
        sh(product.folder, environment, fx + " stop server");
      }
    }
  }

  /** What was downloaded for the build, without the platform's own: what is installed here stays here. */
  private static Path repository(Path fresh) throws IOException {
    Path known = Path.of(System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
    link(known, fresh, "com");
    link(known.resolve("com"), fresh.resolve("com"), "fxplatform");
    return fresh;
  }

  private static void link(Path from, Path to, String without) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> all = Files.list(from)) {
      for (Path one : all.filter(path -> !path.getFileName().toString().equals(without)).toList()) {
        Files.createSymbolicLink(to.resolve(one.getFileName()), one);
      }
    }
  }

  private static String sh(Path folder, Map<String, String> environment, String script) throws Exception {
    Path out = Files.createTempFile("journey", ".out");
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).directory(folder.toFile()).redirectErrorStream(true)
        .redirectOutput(out.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("FX_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    try {
      boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
      String said = Files.readString(out, StandardCharsets.UTF_8);
      assertTrue(ended, said);
      assertEquals(0, process.exitValue(), said);
      return said;
    } finally {
      process.destroyForcibly();
      Files.delete(out);
    }
  }
}
