package com.fxplatform.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.executor.Finding.State;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code fx diagnose}: asks the executor that runs here, or measures by itself from what is stored. */
@Component(service = Function.class, property = "fx.command=diagnose")
public final class DiagnoseCommand implements Function<Map<String, Object>, Integer> {
  private static final String HELP =
      """
      fx diagnose: measures every link of this executor, one after the other, and says what to do where one fails.

        fx diagnose                 name server, connection, TLS, credentials, clock, realtime, terminal, token, AutoTrading
        fx diagnose --data DIR      of another instance

      An executor that runs is asked to measure itself; otherwise the stored configuration is used. Ends with 0 if no link
      fails. Nothing is traded and nothing is changed.
      """;

  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final PlatformLine line;
  private final Provisioner provisioner;
  private final ConfigurationAdmin configurations;

  @Activate
  public DiagnoseCommand(@Reference PlatformLine line, @Reference Provisioner provisioner, @Reference ConfigurationAdmin configurations) {
    this.line = line;
    this.provisioner = provisioner;
    this.configurations = configurations;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTerminal(TerminalLink service, Map<String, ?> properties) {
    terminal.bind(service, properties);
  }

  void unbindTerminal(TerminalLink service) {
    terminal.unbind(service);
  }

  @Override
  public Integer apply(Map<String, Object> call) {
    PrintStream out = (PrintStream) call.get("out");
    List<?> args = call.get("args") instanceof List<?> given ? given : List.of();
    if (args.contains("-h") || args.contains("--help")) {
      out.print(HELP);
      return 0;
    }
    if (!args.isEmpty()) {
      // not even the instance is looked at: what was meant by it may be another one
      ((PrintStream) call.get("err")).println("fx diagnose does not know " + args.get(0) + "; see fx diagnose --help.");
      return 2;
    }
    int[] failed = {0};
    try {
      Optional<URI> running = running((Path) call.get("instance"));
      if (running.isPresent()) {
        out.println("The executor runs at " + running.get() + " and measures itself.");
        ask(running.get(), finding -> failed[0] += print(out, finding));
      } else {
        out.println("The executor does not run; measured from its stored configuration.");
        new Diagnosis(line, provisioner::stored, provisioner::flat, this::bridge).run(finding -> failed[0] += print(out, finding));
      }
    } catch (IOException gone) {
      out.println("The executor stopped answering while it measured: " + gone.getMessage());
      failed[0]++;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      failed[0]++;
    }
    out.println(failed[0] == 0 ? "No link fails." : failed[0] + (failed[0] == 1 ? " link fails." : " links fail."));
    out.flush();
    return failed[0] == 0 ? 0 : 1;
  }

  private static int print(PrintStream out, Finding finding) {
    out.printf("  %-8s %-12s %s%n", finding.state() == State.FAIL ? "FAIL" : finding.state().name().toLowerCase(Locale.ROOT), finding.link(), finding.detail());
    if (!finding.remedy().isEmpty()) {
      out.printf("  %-8s %-12s -> %s%n", "", "", finding.remedy());
    }
    out.flush();
    return finding.state() == State.FAIL ? 1 : 0;
  }

  /** Where the executor of this instance listens, if it answers: whatever its runtime is called, practice for one. */
  static Optional<URI> running(Path instance) throws InterruptedException {
    try (Stream<Path> files = Files.list(instance.resolve("data/run"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".json")).sorted().toList()) {
        Optional<URI> page = answering(file);
        if (page.isPresent()) {
          return page;
        }
      }
    } catch (IOException nobody) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<URI> answering(Path file) throws InterruptedException {
    try {
      JsonNode run = PlatformLine.JSON.readTree(Files.readAllBytes(file));
      URI page = URI.create("http://127.0.0.1:" + run.path("httpPort").asInt());
      HttpResponse<String> answer = http().send(HttpRequest.newBuilder(page.resolve("/api/local/diagnosis")).timeout(Duration.ofSeconds(3)).build(), HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? Optional.of(page) : Optional.empty();
    } catch (IOException | IllegalArgumentException nobody) {
      return Optional.empty();
    }
  }

  private static void ask(URI page, java.util.function.Consumer<Finding> told) throws IOException, InterruptedException {
    HttpClient http = http();
    URI diagnosis = page.resolve("/api/local/diagnosis");
    http.send(
        HttpRequest.newBuilder(diagnosis).header("X-FX-Local", "fx").header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{}")).timeout(Duration.ofSeconds(5)).build(),
        HttpResponse.BodyHandlers.discarding());
    int seen = 0;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (System.nanoTime() < deadline) {
      JsonNode now = PlatformLine.JSON.readTree(http.send(HttpRequest.newBuilder(diagnosis).timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString()).body());
      for (; seen < now.path("links").size(); seen++) {
        JsonNode link = now.path("links").get(seen);
        told.accept(
            new Finding(
                link.path("link").asText(), State.valueOf(link.path("state").asText().toUpperCase(Locale.ROOT)), link.path("detail").asText(), link.path("remedy").asText()));
      }
      if (!now.path("running").asBoolean()) {
        return;
      }
      LockSupport.parkNanos(200_000_000);
    }
    throw new IOException("no end within 90 s");
  }

  private static HttpClient http() {
    return HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  }

  /** Brings the bridge up for one question; the port that Expert Advisors push to stays closed. */
  private Optional<TerminalLink> bridge(Dictionary<String, Object> flat) {
    Dictionary<String, Object> zmq = new Hashtable<>();
    for (String key : Collections.list(flat.keys())) {
      if (key.startsWith("zmq") || key.equals(".sharedSecret")) {
        zmq.put(key, flat.get(key));
      }
    }
    provisioner.sharedSecret(zmq);
    zmq.put("zmqPort", 0);
    zmq.put("accountInterval", 0);
    try {
      configurations.getConfiguration("com.fxplatform.zmq", "?").update(zmq);
    } catch (IOException broken) {
      return Optional.empty();
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (!terminal.speaks("") || terminal.<Boolean>call(link -> link.status().state() == TerminalLink.State.IDLE)) {
      if (System.nanoTime() > deadline) {
        return Optional.empty();
      }
      LockSupport.parkNanos(20_000_000);
    }
    return Optional.of(terminal.<TerminalLink>call(link -> link));
  }
}
