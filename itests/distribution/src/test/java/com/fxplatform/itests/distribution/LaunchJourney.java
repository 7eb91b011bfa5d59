package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The built tree as an operator uses it: real processes, real ports, an instance folder of its own. */
@Timeout(120)
class LaunchJourney {
  private static final Path TREE = Path.of(System.getProperty("fx.tree"));

  @TempDir Path temp;

  private record Said(int code, String text) {}

  @AfterEach
  void leaveNothingBehind() throws Exception {
    fx("stop", "server");
    assertEquals(List.of(), processes());
  }

  private Path data() {
    return temp.resolve("instance");
  }

  private ProcessBuilder command(String... args) {
    List<String> command = new ArrayList<>(List.of(TREE.resolve("bin/fx").toString()));
    command.addAll(List.of(args));
    command.addAll(List.of("--data", data().toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("FX_"));
    builder.environment().putAll(Map.of("FX_HTTP_PORT", "0", "FX_ADMIN_PORT", "0"));
    return builder;
  }

  private static Said say(ProcessBuilder builder) throws Exception {
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text);
  }

  private Said fx(String... args) throws Exception {
    return say(command(args));
  }

  /** The JVMs that run this instance. */
  private List<Long> processes() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(data().toString()))
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid).toList();
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, what);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private String log() {
    try {
      return Files.readString(data().resolve("data/logs/server.log"));
    } catch (IOException none) {
      return "";
    }
  }

  private int port(String text, String before) {
    Matcher port = Pattern.compile(Pattern.quote(before) + "http://127\\.0\\.0\\.1:([0-9]+)").matcher(text);
    assertTrue(port.find(), text);
    return Integer.parseInt(port.group(1));
  }

  private String get(int port, String path, int status, boolean token) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    if (token) {
      connection.setRequestProperty("Authorization", "Bearer " + Files.readString(data().resolve("data/admin.token")));
    }
    assertEquals(status, connection.getResponseCode());
    try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aServerIsStartedAskedReconfiguredAndStopped() throws Exception {
    Said start = fx("start", "server", "--set", "com.fxplatform.sessions/.secret=hunter2hunter2hunter2hunter2hunter2", "--set=fx.log.level=INFO");
    assertEquals(0, start.code, start.text);
    assertTrue(start.text.contains("server is up after "), start.text);
    int door = port(start.text, "back door ");
    int http = port(start.text, ": ");

    assertEquals("{\"live\":true,\"ready\":", get(door, "/health", 200, false).substring(0, 21));
    assertTrue(get(door, "/health", 200, true).contains("\"com.fxplatform.web\""));
    HttpURLConnection front = (HttpURLConnection) URI.create("http://127.0.0.1:" + http + "/").toURL().openConnection();
    assertTrue(front.getResponseCode() > 0);
    assertEquals(null, front.getHeaderField("Server"));
    assertEquals(null, front.getHeaderField("X-Powered-By"));

    List<Long> processes = processes();
    assertEquals(1, processes.size());
    Path proc = Path.of("/proc/" + processes.get(0));
    if (Files.isDirectory(proc)) {
      assertFalse(Files.readString(proc.resolve("cmdline")).contains("hunter2"));
      assertFalse(Files.readString(proc.resolve("environ")).contains("hunter2"));
    }

    Said again = fx("start", "server");
    assertEquals(0, again.code);
    assertTrue(again.text.startsWith("server is running already, pid " + processes.get(0)), again.text);
    assertTrue(fx("run", "server").text.contains("is running or being started"));
    Said status = fx("status");
    assertEquals(0, status.code, status.text);
    assertTrue(status.text.startsWith("server  live"), status.text);
    assertTrue(fx("status", "server", "--json").text.contains("\"live\":true"));

    Files.writeString(data().resolve("config/com.fxplatform.web.cfg"), "allowedOrigins = https://a.example\n");
    await("the new configuration is read", () -> log().contains("The configuration was read again."));
    Files.writeString(data().resolve("config/com.fxplatform.web.cfg"), "what is this\n");
    await("the slip is named", () -> log().contains("config/com.fxplatform.web.cfg:1: the line is no `key = value`"));
    assertTrue(Pattern.compile("WARN .*config/com\\.fxplatform\\.web\\.cfg:1").matcher(log()).find());

    Said stop = fx("stop", "server");
    assertEquals(0, stop.code, stop.text);
    assertTrue(stop.text.startsWith("server stopped after "), stop.text);
    assertFalse(Files.exists(data().resolve("data/run/server.json")));
    assertTrue(log().contains("FX Platform stopped."));
    try (Stream<Path> all = Files.walk(data())) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        assertFalse(Files.readString(file, StandardCharsets.ISO_8859_1).contains("hunter2"), file.toString());
      }
    }
  }

  @Test
  void theFirstStartMapsTheClassesThatTheBuildArchived() throws Exception {
    Said start = fx("start", "server");
    assertEquals(0, start.code, start.text);
    String cache = TREE.resolve("data/cache").toAbsolutePath().normalize().toString();
    Path maps = Path.of("/proc/" + processes().get(0) + "/maps");
    // that it is named is not enough: a JVM that it does not fit says nothing
    String seen = Files.isReadable(maps) ? Files.readString(maps)
        : ProcessHandle.of(processes().get(0)).orElseThrow().info().commandLine().orElse("");
    assertTrue(seen.contains(cache + "/server-"), "no archive of " + cache + " is mapped");
    assertTrue(Files.exists(Path.of(cache, "fx.jsa")), "the command line has no archive");
  }

  @Test
  void aTakenPortIsOneSentenceAndExitOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ProcessBuilder builder = command("start", "server");
      builder.environment().put("FX_HTTP_PORT", Integer.toString(taken.getLocalPort()));
      Said start = say(builder);
      assertEquals(1, start.code);
      assertEquals("fx: Port " + taken.getLocalPort() + " on 127.0.0.1 is taken by another program; choose another with"
          + " FX_HTTP_PORT=PORT in the environment, or with --set fx.http.port=PORT.", start.text.strip());
    }
    assertEquals(List.of(), processes());
  }

  @Test
  void theForegroundEndsInOrderWhenAsked() throws Exception {
    Process process = command("run", "server", "--set", "fx.jvm.heap=256m").start();
    try {
      await("it is up", () -> log().contains("FX Platform is up."));
      // the shell became the JVM, which made another with the heap that was set: the signal reaches both
      process.destroy();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
      assertTrue(log().contains("FX Platform stopped."));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void afterAKillItSaysSoAndStartsAgain() throws Exception {
    assertEquals(0, fx("start", "server").code);
    long pid = processes().get(0);
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await("it is dead", () -> processes().isEmpty());
    Said status = fx("status");
    assertEquals(1, status.code);
    assertTrue(status.text.contains("It ended without being stopped"), status.text);
    assertEquals(0, fx("start", "server").code);
  }

  private Path runtime(String name, String... lines) throws IOException {
    Path file = data().resolve("runtimes/" + name + ".runtime");
    Files.createDirectories(file.getParent());
    return Files.write(file, List.of(lines));
  }

  @Test
  void whatDoesNotLiveIsStoppedWithTheReasons() throws Exception {
    Path jar = TREE.resolve("bundles/test.sick-1.0.0.jar");
    try {
      sickBundle(jar);
      runtime("sick", "include core", "include backdoor", "bundle test.sick", "set fx.admin.port=0 fx.start.patience=2");
      Said start = fx("start", "sick");
      assertEquals(1, start.code, start.text);
      assertFalse(start.text.contains(" INFO "), start.text);
      assertTrue(start.text.contains("fx: sick did not start."), start.text);
      assertTrue(start.text.contains("sick does not live after 2 s."), start.text);
      assertTrue(start.text.contains("test disk: The disk is full: make room."), start.text);
      assertEquals(List.of(), processes());
      assertTrue(fx("check", "sick").text.contains("check: sick is clean"));
    } finally {
      Files.deleteIfExists(jar);
    }
  }

  private static void sickBundle(Path file) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", "test.sick", "Bundle-Version", "1.0.0",
        "Import-Package", "org.apache.felix.hc.api", "Service-Component", "OSGI-INF/sick.xml").forEach(main::putValue);
    try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
      String entry = SickCheck.class.getName().replace('.', '/') + ".class";
      jar.putNextEntry(new JarEntry(entry));
      try (InputStream in = SickCheck.class.getClassLoader().getResourceAsStream(entry)) {
        in.transferTo(jar);
      }
      jar.putNextEntry(new JarEntry("OSGI-INF/sick.xml"));
      jar.write(("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"sick\">"
          + "<implementation class=\"" + SickCheck.class.getName() + "\"/><property name=\"hc.name\" value=\"test disk\"/>"
          + "<property name=\"hc.tags\" value=\"live\"/><service><provide interface=\"org.apache.felix.hc.api.HealthCheck\"/></service>"
          + "</scr:component>").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aRuntimeThatLacksABundleIsSaidByCheckAndByStart() throws Exception {
    runtime("mine", "include core", "bundle com.fxplatform.deploy", "bundle com.acme.gone");
    Said check = fx("check", "mine");
    assertEquals(1, check.code);
    assertTrue(check.text.contains("runtimes/mine.runtime:3: there is no com.acme.gone-<version>.jar in bundles/"), check.text);
    Said start = fx("start", "mine");
    assertEquals(1, start.code);
    assertTrue(start.text.contains("runtimes/mine.runtime:3: there is no com.acme.gone-<version>.jar"), start.text);
  }

  @Test
  void everyJarIsNamedAfterItsSymbolicName() throws IOException {
    try (Stream<Path> jars = Files.list(TREE.resolve("bundles"))) {
      for (Path file : jars.toList()) {
        try (JarFile jar = new JarFile(file.toFile())) {
          String name = jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName").split(";")[0].trim();
          assertTrue(file.getFileName().toString().startsWith(name + "-"), file.getFileName() + " is " + name);
        }
      }
    }
  }

  @Test
  void everyRuntimeOfTheTreeIsClean() throws Exception {
    try (Stream<Path> files = Files.list(TREE.resolve("runtimes"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".runtime", "");
        if (!name.equals("http") && !name.equals("backdoor")) {
          Said check = fx("check", name);
          assertEquals(0, check.code, check.text);
          assertTrue(check.text.contains("check: " + name + " is clean"), check.text);
        }
      }
    }
  }

  @Test
  void configShowsEveryValueWithItsOriginAndSecretsAsDots() throws Exception {
    ProcessBuilder builder = command("config", "server", "--set", "fx.http.port=9000");
    builder.environment().putAll(Map.of("NEXTAUTH_SECRET", "hunter2", "NEXTAUTH_URL", "https://fx.example",
        "DATABASE_URL", "postgresql://fx:hunter2@db/fx"));
    builder.environment().remove("PUSHER_APP_ID");
    String text = say(builder).text;
    assertTrue(text.contains("  fx.http.port = 9000    # --set"), text);
    assertTrue(text.contains("  fx.admin.port = 0    # environment FX_ADMIN_PORT"), text);
    assertTrue(text.contains("  platformUrl = https://fx.example    # runtimes/server.runtime:"), text);
    assertTrue(text.contains("  .secret = ......    # runtimes/server.runtime:"), text);
    assertTrue(text.contains("  appId = (missing: environment variable PUSHER_APP_ID)"), text);
    assertFalse(text.contains("hunter2"), text);
  }

  @Test
  void theCommandLineTeaches() throws Exception {
    List<String> verbs = List.of("run", "start", "stop", "status", "config", "check", "assemble", "quickstart", "deploy", "rollback", "deployments",
        "keys", "sign", "emergency-stop", "resume", "archive", "version");
    for (String verb : verbs) {
      Said help = fx(verb, "--help");
      assertEquals(0, help.code, help.text);
      assertTrue(help.text.contains("Usage: fx " + verb) && help.text.contains("Example"), help.text);
    }
    String carried = fx("--help").text;
    assertTrue(carried.contains("Carried by bundles: ") && carried.contains("setup"), carried);
    assertTrue(fx("version").text.startsWith("FX Platform 0."));
    assertEquals(fx("start", "--help"), fx("help", "start"));
    Said unknown = fx("strat", "server");
    assertEquals(2, unknown.code);
    assertTrue(unknown.text.contains("There is no command strat; there are "), unknown.text);
    for (String verb : verbs) {
      assertTrue(unknown.text.contains(verb), verb + " is not named: " + unknown.text);
    }
    assertTrue(fx("start", "srver").text.contains("There is no runtime srver; there are "));
    assertTrue(fx("server").text.contains("server is a runtime to keep running"));
  }

  @Test
  void theExecutorsFilesKnowNothingOfThePublishersSecret() throws IOException {
    try (Stream<Path> files = Files.list(TREE.resolve("runtimes"))) {
      for (Path file : files.toList()) {
        assertEquals(file.endsWith("server.runtime"), Files.readString(file).contains("PUSHER" + "_SECRET"), file.toString());
      }
    }
  }
}
