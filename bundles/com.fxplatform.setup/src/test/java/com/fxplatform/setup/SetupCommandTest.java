package com.fxplatform.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.vault.SecretVault;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetupCommandTest {
  private static final String KEY = "exe_" + "0123456789abcdef".repeat(2);
  private static final String SECRET = "fedcba9876543210".repeat(4);
  private static final String GOOD =
      "{\"success\":true,\"config\":{\"executorId\":\"c1\",\"executorName\":\"VPS Singapore\",\"zmqPort\":5555,\"features\":{\"a\":true,\"b\":false}}}";

  /** A vault in memory that may be full. */
  private static final class MemoryVault implements SecretVault {
    String secret;
    String broken = "";

    @Override
    public Optional<char[]> read(String name) {
      return Optional.ofNullable(secret).map(String::toCharArray);
    }

    @Override
    public void write(String name, char[] given) throws IOException {
      if (!broken.isEmpty()) {
        throw new IOException(broken);
      }
      secret = new String(given);
    }

    @Override
    public void delete(String name) {
      secret = null;
    }

    @Override
    public String place() {
      return "memory";
    }
  }

  @TempDir Path instance;
  private final MemoryVault vault = new MemoryVault();
  private final List<Map<String, String>> asked = new ArrayList<>();
  private HttpServer server;
  private String url;
  private int status = 200;
  private String body = GOOD;
  private Map<String, String> headers = Map.of();
  private String out = "";
  private String err = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Map<String, String> seen = new HashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> seen.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
            seen.put("path", exchange.getRequestURI().toString());
            asked.add(seen);
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    assertFalse(out.contains(SECRET) || err.contains(SECRET), "the secret is never echoed");
  }

  private int run(String... args) {
    return run(Map.of(), SECRET + "\n", args);
  }

  private int run(Map<String, String> settings, String input, String... args) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    SetupCommand command = new SetupCommand(Duration.ofMillis(1500), Duration.ofMillis(300));
    command.bindVault(vault, Map.of("service.id", 1L));
    Map<String, Object> call = new HashMap<>();
    call.put("args", List.of(args));
    call.put("in", new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1)));
    call.put("out", new PrintStream(said, true, StandardCharsets.UTF_8));
    call.put("err", new PrintStream(complained, true, StandardCharsets.UTF_8));
    call.put("instance", instance);
    call.put("settings", settings);
    int exit = command.apply(call);
    out = said.toString(StandardCharsets.UTF_8);
    err = complained.toString(StandardCharsets.UTF_8);
    return exit;
  }

  private int usual() {
    return run("--platform-url", url, "--api-key", KEY, "--api-secret-stdin");
  }

  private void refused(String sentence) {
    assertTrue(err.contains(sentence), "said: " + err);
    assertEquals(1, err.strip().lines().count(), "one sentence: " + err);
    assertFalse(Files.exists(instance.resolve("config")), "nothing is written");
    assertEquals(null, vault.secret, "nothing is kept");
  }

  private Path file() {
    return instance.resolve("config/com.fxplatform.executor.cfg");
  }

  @Test
  void keepsWhatWorksAndSaysWhatComesNext() throws IOException {
    assertEquals(0, usual(), () -> err);
    assertEquals(SECRET, vault.secret);
    List<String> lines = Files.readAllLines(file());
    assertTrue(lines.contains("platformUrl=" + url) && lines.contains("apiKey=" + KEY), lines.toString());
    assertTrue(lines.stream().anyMatch(l -> l.startsWith("setupAt=20")));
    assertFalse(Files.readString(file()).contains(SECRET));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    assertTrue(out.contains("VPS Singapore") && out.contains("5 settings") && out.contains("fx start executor"), out);
    assertEquals("/api/executor/config", asked.get(0).get("path"));
    assertEquals(KEY, asked.get(0).get("x-api-key"));
    assertEquals(SECRET, asked.get(0).get("x-api-secret"));
  }

  @Test
  void keepsTheOwnersLinesAndChangesSetupAtEachTime() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "# mine\noverride.zmqPort = 6001\napiKey: old\\\n  continued\nplatformUrl=x\n\nfolder=keep\n");
    assertEquals(0, usual());
    String first = Files.readString(file());
    assertTrue(first.startsWith("# mine\noverride.zmqPort = 6001\napiKey=" + KEY + "\nplatformUrl=" + url + "\n\nfolder=keep\nsetupAt="), first);
    assertEquals(0, usual());
    String second = Files.readString(file());
    assertEquals(first.lines().count(), second.lines().count());
    assertFalse(first.equals(second), "setupAt tells a running executor");
  }

  @Test
  void forgivesBlanksQuotesSlashesAndSubPaths() {
    assertEquals(0, run(Map.of(), "  \t" + SECRET + " \r\n", "--platform-url=  " + url + "/trade/ ", "--api-key", " \"" + KEY + "\" ", "--api-secret-stdin"), () -> err);
    assertEquals(SECRET, vault.secret);
    assertEquals("/trade/api/executor/config", asked.get(0).get("path"));
  }

  @Test
  void theUsualPlatformIsTheDefault() {
    assertEquals(0, run(Map.of("fx.platform.url", url), SECRET, "--api-key", KEY, "--api-secret-stdin", "--data", "x"), () -> err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {\"error\":\"Invalid API secret\",\"code\":\"INVALID_CREDENTIALS\"} | The API secret is wrong",
        "404 | {\"error\":\"Executor not found or invalid API key\",\"code\":\"EXECUTOR_NOT_FOUND\"} | knows no executor with this API key",
        "400 | {\"error\":\"Invalid API key format\",\"code\":\"INVALID_API_KEY_FORMAT\"} | does not accept the form of this API key",
        "403 | {\"error\":\"no\"} | does not allow this executor in",
        "429 | {\"error\":\"Too many\",\"code\":\"RATE_LIMIT_EXCEEDED\"} | Too many attempts: wait a minute",
        "500 | {\"error\":\"Server configuration incomplete\",\"code\":\"CONFIG_ERROR\"} | has a problem of its own (HTTP 500)",
        "200 | <html>Welcome</html> | not an FX Platform server",
        "200 | {\"hello\":\"world\"} | not an FX Platform server",
        "200 | {\"success\":true} | not an FX Platform server",
        "200 | {\"success\":true,\"config\":{}} | not an FX Platform server",
        "200 | {\"success\":false,\"config\":{\"executorId\":\"x\"}} | not an FX Platform server",
        "200 | [1] | not an FX Platform server",
        "404 | <html>Not Found</html> | not an FX Platform server",
        "404 | {\"error\":\"no such page\"} | not an FX Platform server",
        "401 | Unauthorized | not an FX Platform server",
        "502 | <html>Bad Gateway</html> | HTTP 502"
      })
  void saysWhatTheServerMeans(int says, String text, String sentence) {
    status = says;
    body = text;
    assertEquals(1, usual());
    refused(sentence);
  }

  @Test
  void saysHowLongToWait() {
    status = 429;
    body = "{\"error\":\"x\"}";
    headers = Map.of("Retry-After", "42");
    assertEquals(1, usual());
    refused("wait 42 seconds");
  }

  @Test
  void doesNotFollowARedirect() {
    status = 302;
    body = "";
    headers = Map.of("Location", "https://other.example.com/login?next=x");
    assertEquals(1, usual());
    refused("sends us on to https://other.example.com:");
    assertEquals(1, asked.size());
  }

  @Test
  void anEndlessAnswerIsNotOurs() {
    body = "x".repeat(300_000);
    assertEquals(1, usual());
    refused("not an FX Platform server");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://fx.example.com | use https://fx.example.com instead", "fx.example.com | must begin with https://", "'https://a b' | is no URL",
        "https://u:p@fx.example.com | no user name", "https://127.0.0.1:1/x?y | no ?"
      })
  void refusesAddressesThatAreNone(String address, String sentence) {
    assertEquals(1, run("--platform-url", address, "--api-key", KEY, "--api-secret-stdin"));
    refused(sentence);
    assertTrue(asked.isEmpty());
  }

  @Test
  void refusesKeysAndSecretsThatAreNone() {
    String[][] bad = {
      {"exe_123", SECRET, "is no API key"}, {"sk_" + "0".repeat(32), SECRET, "is no API key"}, {SECRET, KEY, "looks like the API secret"},
      {KEY, "", "The API secret is empty"}, {KEY, "   ", "The API secret is empty"}, {KEY, KEY, "looks like the API key"}, {KEY, "a b", "characters that no secret has"}
    };
    for (String[] one : bad) {
      assertEquals(1, run(Map.of(), one[1] + "\n", "--platform-url", url, "--api-key", one[0], "--api-secret-stdin"));
      refused(one[2]);
    }
    assertTrue(asked.isEmpty());
  }

  @Test
  void withoutATerminalItSaysWhatToGive() {
    assertEquals(1, run("--platform-url", url));
    refused("--api-key");
    assertEquals(1, run("--platform-url", url, "--api-key", KEY));
    refused("--api-secret-stdin");
    assertEquals(1, run("--api-key", KEY, "--api-secret-stdin"));
    refused("--platform-url");
    assertEquals(1, run("--api-secret", SECRET));
    refused("can be read by others");
    assertEquals(1, run("--platform-url"));
    refused("needs a value");
    assertEquals(2, run("--nonsense"), "a call that nobody can carry out");
    refused("does not know --nonsense");
  }

  @Test
  void helpTeaches() {
    assertEquals(0, run("--help"));
    for (String word : new String[] {"--platform-url", "--api-key", "--api-secret-stdin", "--data", "nothing is written unless they work"}) {
      assertTrue(out.contains(word), word);
    }
  }

  @Test
  void nobodyListens() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertEquals(1, run("--platform-url", "http://127.0.0.1:" + free, "--api-key", KEY, "--api-secret-stdin"));
    refused("Nobody listens at");
  }

  @Test
  void nobodyKnowsTheName() {
    assertEquals(1, run("--platform-url", "https://no-such-host.invalid", "--api-key", KEY, "--api-secret-stdin"));
    refused("Nobody knows the address no-such-host.invalid");
  }

  @Test
  void nobodyAnswersAndItSaysThatItWaits() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      assertEquals(1, run("--platform-url", "http://127.0.0.1:" + silent.getLocalPort(), "--api-key", KEY, "--api-secret-stdin"));
      refused("does not answer");
      assertTrue(out.contains("Still waiting for 127.0.0.1"), out);
    }
  }

  @Test
  void notTls() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var threads = java.util.concurrent.Executors.newSingleThreadExecutor();
      threads.execute(
          () -> {
            try (var client = plain.accept()) {
              client.getInputStream().read(new byte[64]);
              client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
              client.getInputStream().readAllBytes();
            } catch (IOException over) {
              threads.shutdown();
            }
          });
      assertEquals(1, run("--platform-url", "https://127.0.0.1:" + plain.getLocalPort(), "--api-key", KEY, "--api-secret-stdin"));
      refused("does not speak TLS");
      threads.shutdownNow();
    }
  }

  @Test
  void aCertificateThatNobodyKnows() throws Exception {
    HttpsServer tls = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    tls.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
    tls.start();
    try {
      assertEquals(1, run("--platform-url", "https://127.0.0.1:" + tls.getAddress().getPort(), "--api-key", KEY, "--api-secret-stdin"));
      refused("is not trusted by this machine");
    } finally {
      tls.stop(0);
    }
  }

  @Test
  void aServerThatHangsUp() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var threads = java.util.concurrent.Executors.newSingleThreadExecutor();
      threads.execute(
          () -> {
            try {
              while (true) {
                rude.accept().close();
              }
            } catch (IOException closed) {
              over.countDown();
            }
          });
      assertEquals(1, run("--platform-url", "http://127.0.0.1:" + rude.getLocalPort(), "--api-key", KEY, "--api-secret-stdin"));
      refused("broke");
      rude.close();
      assertTrue(over.await(5, TimeUnit.SECONDS));
      threads.shutdown();
    }
  }

  @Test
  void aVaultThatRefusesChangesNothing() {
    vault.broken = "/x/vault is open to other users of this machine: run chmod 700 /x/vault.";
    assertEquals(1, usual());
    refused("chmod 700");
  }

  @Test
  void aSettingsFileThatCannotBeWrittenLeavesTheOldSecret() throws IOException {
    vault.secret = "former";
    Files.createFile(instance.resolve("config"));
    assertEquals(1, usual());
    assertTrue(err.contains("could not be written, so nothing was changed"), err);
    assertEquals("former", vault.secret);
  }

  private SSLContext selfSigned() throws Exception {
    Path store = instance.resolve("test.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=nobody", "-storetype", "PKCS12", "-storepass", "changeit", "-keystore", store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }
}
