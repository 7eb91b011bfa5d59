package com.fxplatform.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The verbs that the launcher itself carries. */
@Command(
    name = "fx",
    description = "FX Platform: connects trading strategies with MetaTrader 5 terminals.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  fx start server                      the platform server, in the background",
      "  fx status                            what runs, and what is not well with it",
      "  fx --data /srv/second start executor another instance beside it",
      "  fx config server                     every value in force and who said it",
      "",
      "Each command explains itself: fx start --help"
    })
final class Verbs implements Runnable {
  static final Set<String> NAMES = Set.of("run", "start", "stop", "status", "config", "check", "assemble", "deploy", "rollback",
      "deployments", "keys", "sign", "curve-keys", "emergency-stop", "resume", "archive", "quickstart", "version");

  private final Main main;
  @Spec private CommandSpec spec;
  @Mixin private Where where;
  @Option(names = {"-V", "--version"}, description = "Says the product's version.")
  private boolean version;

  Verbs(Main main) {
    this.main = main;
  }

  /** The options that every verb understands. */
  static final class Where {
    @Option(names = "--data", paramLabel = "DIR", scope = ScopeType.INHERIT,
        description = "The instance folder, with its own config, secrets, trust, deploy and data. It is made if need be. "
            + "Default: the product's own folder.")
    private Path data;

    @Option(names = "--set", paramLabel = "NAME=VALUE", scope = ScopeType.INHERIT,
        description = "A setting for this call, for example fx.http.port=9000, or one configuration value as pid/key=value. "
            + "May be repeated; wins over everything else.")
    private List<String> sets;

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Explains the command.")
    private boolean help;
  }

  private Fx fx() {
    return main.fx(where.data, where.sets);
  }

  @Override
  public void run() {
    if (version) {
      version();
      return;
    }
    spec.commandLine().usage(main.out());
  }

  @Command(name = "run",
      description = {
        "Runs a runtime in the foreground until Ctrl-C or SIGTERM.", "",
        "This is what a service manager or a container calls. The log goes to standard error and to data/logs/<name>.log. "
            + "Ends with 0 after an orderly stop, with 1 and the reasons if it cannot start or does not live within fx.start.patience (30 s)."
      },
      footer = {"", "Examples:", "  fx run server", "  FX_HTTP_PORT=9000 fx run server", "  fx run server --set fx.jvm.heap=1g"})
  int run(
      @Parameters(paramLabel = "RUNTIME", description = "The name of a file in runtimes/, without .runtime.") String name,
      @Option(names = "--daemon", hidden = true) boolean daemon,
      @Option(names = "--sets-on-stdin", hidden = true) boolean setsOnStdin) throws InterruptedException {
    Fx fx = daemon || setsOnStdin ? main.fx(where.data, main.setsOnStdin()) : fx();
    if (!daemon && !setsOnStdin) {
      var code = new Daemon(fx, name).rerunWithHeap();
      if (code.isPresent()) {
        return code.get();
      }
    }
    return new Server(fx, name, daemon).run();
  }

  @Command(name = "start",
      description = {
        "Starts a runtime in the background and waits until it lives.", "",
        "Says why if it does not within fx.start.patience (30 s), and leaves nothing behind then. A runtime runs once per name and instance; starting "
            + "one that runs is no error."
      },
      footer = {"", "Examples:", "  fx start server", "  fx start executor --set fx.platform.url=https://fx.example.com",
        "  fx start server --data /srv/staging --set fx.http.port=9080 --set fx.admin.port=9181"})
  int start(@Parameters(paramLabel = "RUNTIME", description = "The name of a file in runtimes/, without .runtime.") String name)
      throws InterruptedException {
    return new Daemon(fx(), name).start();
  }

  @Command(name = "stop",
      description = {"Stops a runtime in order; kills it if it has not ended after 10 s.", "", "Stopping what does not run is no error."},
      footer = {"", "Examples:", "  fx stop server", "  fx stop executor --data /srv/second"})
  int stop(@Parameters(paramLabel = "RUNTIME", description = "The name it was started with.") String name) throws InterruptedException {
    Fx fx = fx();
    if (RunFile.read(fx.instance(), name).isEmpty()) {
      fx.runtime(name);
    }
    return new Daemon(fx, name).stop();
  }

  @Command(name = "status",
      description = {
        "Tells what runs in this instance, and what is not well with it.", "",
        "live = the process can do its work; ready = it does its job right now. Ends with 0 if everything asked about lives "
            + "(with --wait-ready: is ready), else with 1."
      },
      footer = {"", "Examples:", "  fx status", "  fx status --json", "  fx status executor --wait-ready 60"})
  int status(
      @Parameters(paramLabel = "RUNTIME", arity = "0..1", description = "Only this one.") String name,
      @Option(names = "--json", description = "For programs.") boolean json,
      @Option(names = "--wait-ready", paramLabel = "SECONDS", description = "Waits so long for the runtime to be ready.") Integer wait)
      throws InterruptedException {
    Fx fx = fx();
    if (wait != null && name == null) {
      throw new Misuse("--wait-ready wants the name of a runtime: fx status server --wait-ready " + wait);
    }
    if (name != null && RunFile.read(fx.instance(), name).isEmpty()) {
      fx.runtime(name);
    }
    String goal = wait == null ? "live" : "ready";
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(wait == null ? 0 : wait);
    List<Map<String, Object>> rows = Daemon.status(fx, name);
    while (!well(rows, goal) && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(100);
      rows = Daemon.status(fx, name);
    }
    if (json) {
      fx.out().println(Json.write(rows));
    } else if (rows.isEmpty()) {
      fx.out().println((name == null ? "Nothing" : name + " is not running; nothing") + " runs in " + fx.instance().root() + ".");
    } else {
      rows.forEach(row -> print(fx, row));
    }
    return well(rows, goal) || (rows.isEmpty() && name == null) ? 0 : 1;
  }

  private static boolean well(List<Map<String, Object>> rows, String goal) {
    return !rows.isEmpty() && rows.stream().allMatch(row -> Boolean.TRUE.equals(row.get(goal)));
  }

  private static void print(Fx fx, Map<String, Object> row) {
    boolean running = Boolean.TRUE.equals(row.get("running"));
    fx.out().println(!running
        ? row.get("name") + "  not running"
        : row.get("name") + "  " + (Boolean.TRUE.equals(row.get("live")) ? "live" : "not live")
            + ", " + (Boolean.TRUE.equals(row.get("ready")) ? "ready" : "not ready")
            + "  pid " + row.get("pid") + "  up " + age(Instant.parse((String) row.get("since"))) + "  version " + row.get("version")
            + (row.get("httpPort").equals(0) ? "" : "  http " + row.get("httpPort"))
            + (row.get("adminPort").equals(0) ? "" : "  back door " + row.get("adminPort")));
    ((List<?>) row.get("complaints")).forEach(sentence -> fx.out().println("  " + sentence));
  }

  private static String age(Instant since) {
    Duration age = Duration.between(since, Instant.now());
    return age.toDays() > 0 ? age.toDays() + " d " + age.toHoursPart() + " h"
        : age.toHours() > 0 ? age.toHours() + " h " + age.toMinutesPart() + " min"
        : age.toMinutes() > 0 ? age.toMinutes() + " min " + age.toSecondsPart() + " s" : age.toSeconds() + " s";
  }

  @Command(name = "config",
      description = {
        "Prints every setting and configuration value in force for a runtime, and who said it.", "",
        "Later ones win: the runtime file, config/<pid>.cfg of the product, the same of the instance, --set. Secrets are dots."
      },
      footer = {"", "Examples:", "  fx config server", "  fx config executor --data /srv/second"})
  int config(@Parameters(paramLabel = "RUNTIME", description = "The name of a file in runtimes/, without .runtime.") String name) {
    Fx fx = fx();
    RuntimeFile runtime = fx.runtime(name);
    Settings settings = fx.settings(runtime);
    Shown shown = new Shown(fx.environment(), settings.texts());
    fx.out().println("settings");
    settings.all().forEach((key, value) -> print(fx, shown, key, value));
    fx.layers(runtime).read(sentence -> fx.err().println("fx: " + sentence)).forEach((pid, values) -> {
      fx.out().println();
      fx.out().println(pid);
      values.forEach((key, value) -> print(fx, shown, key, value));
    });
    return 0;
  }

  private static void print(Fx fx, Shown shown, String key, Value value) {
    fx.out().println("  " + key + " = " + shown.value(key, value) + "    # " + shown.origin(value));
  }

  @Command(name = "check",
      description = {
        "Looks whether a runtime would start: resolves every bundle, activates nothing.", "",
        "Answers in sentences: what is missing, who needs it, what to add. Ends with 0 if nothing would keep it from starting."
      },
      footer = {"", "Examples:", "  fx check server", "  fx check paper-trading --data /srv/second"})
  int check(@Parameters(paramLabel = "RUNTIME", description = "The name of a file in runtimes/, without .runtime.") String name) {
    Fx fx = fx();
    fx.instance().create();
    Logging.to(fx.instance().logs().resolve("check.log"), false, "WARN");
    Checkup.Findings found = Checkup.of(fx, name);
    found.wrong().forEach(fx.out()::println);
    found.warnings().forEach(sentence -> fx.out().println("warning: " + sentence));
    fx.out().println(found.wrong().isEmpty()
        ? "check: " + name + " is clean (" + found.bundles() + " bundles)"
        : "check: " + name + " would not start; " + found.wrong().size() + " to mend");
    Logging.close();
    return found.wrong().isEmpty() ? 0 : 1;
  }

  @Command(name = "assemble",
      description = {
        "Writes a product of its own as a zip: the runtimes named, what they include, their bundles, and bin/fx.", "",
        "Refuses what `fx check` would find wrong. Settings, secrets and plugins of this instance do not travel along."
      },
      footer = {"", "Examples:", "  fx assemble executor setup --to executor.zip", "  fx assemble paper-trading --to paper-trading.zip"})
  int assemble(
      @Parameters(paramLabel = "RUNTIME", arity = "1..*", description = "Names of files in runtimes/, without .runtime.") List<String> names,
      @Option(names = "--to", paramLabel = "ZIP", required = true, description = "The file to write.") Path zip) {
    Fx fx = fx();
    fx.instance().create();
    Logging.to(fx.instance().logs().resolve("check.log"), false, "WARN");
    try {
      Assembly.Written written = new Assembly(fx).write(names, zip);
      fx.out().println(written.zip() + " holds " + String.join(", ", names) + " with " + written.bundles() + " bundles, "
          + (written.bytes() >> 10) + " kB.");
      return 0;
    } finally {
      Logging.close();
    }
  }

  @Command(name = "deploy",
      description = {
        "Hands a plugin to a runtime that runs, and tells how it fares.", "",
        "The jar is tried beside the present version, takes over if it is good, and is watched for a while. A bad one bounces: "
            + "the present version keeps speaking, and this ends with 1 and the reason. Dropping the jar into deploy/ does the same, silently."
      },
      footer = {"", "Examples:", "  fx deploy acme-risk-1.1.0.jar", "  fx deploy acme-risk-1.1.0.jar --runtime server"})
  int deploy(
      @Parameters(paramLabel = "JAR", description = "The plugin.") Path jar,
      @Option(names = "--runtime", paramLabel = "RUNTIME", description = "Which one, if several run.") String runtime)
      throws InterruptedException {
    return Deployments.of(fx(), runtime).deploy(jar);
  }

  @Command(name = "rollback",
      description = {"Brings back the version of a plugin that had settled before the present one, by the same way."},
      footer = {"", "Example:", "  fx rollback com.acme.risk"})
  int rollback(
      @Parameters(paramLabel = "NAME", description = "Its symbolic name, as fx deployments tells it.") String name,
      @Option(names = "--runtime", paramLabel = "RUNTIME", description = "Which one, if several run.") String runtime)
      throws InterruptedException {
    return Deployments.of(fx(), runtime).rollback(name);
  }

  @Command(name = "deployments", description = {"Tells what was deployed, what became of it, and why."},
      footer = {"", "Example:", "  fx deployments"})
  int deployments(
      @Option(names = "--runtime", paramLabel = "RUNTIME", description = "Which one, if several run.") String runtime) {
    return Deployments.of(fx(), runtime).list();
  }

  @Command(name = "archive",
      description = {
        "Makes the next starts of a runtime about a third faster.", "",
        "Starts and stops it once in a throw-away instance, on free ports and with the product's own configuration, and keeps the classes it "
            + "loaded in data/cache. The build did so for the tree it made; call it after you unzipped or renewed one."
      },
      footer = {"", "Examples:", "  fx archive server", "  fx archive server executor paper"})
  int archive(
      @Parameters(paramLabel = "RUNTIME", arity = "1..*", description = "Names of files in runtimes/, without .runtime.") List<String> names)
      throws InterruptedException {
    return new ClassArchive(fx()).make(names);
  }

  @Command(name = "keys",
      description = {
        "Makes a key to sign plugins with: NAME.p12 to keep, NAME.pem to give away.", "",
        "The certificate (.pem) goes into the trust/ folder of whoever shall accept your plugins; from then on nothing unsigned is "
            + "taken there. The passphrase is typed, read from standard input, from --passphrase-file, or from FX_KEY_PASSPHRASE."
      },
      footer = {"", "Examples:", "  fx keys --owner \"Acme Ltd\" --file acme", "  cp acme.pem $FX/trust/"})
  int keys(
      @Option(names = "--owner", paramLabel = "NAME", required = true, description = "Who signs; stands in the certificate.") String owner,
      @Option(names = "--file", paramLabel = "NAME", defaultValue = "signing", description = "Name of the files. Default: signing.") String file,
      @Option(names = "--to", paramLabel = "DIR", defaultValue = ".", description = "Where they go. Default: here.") Path folder,
      @Option(names = "--days", paramLabel = "N", defaultValue = "1095", description = "How long it is valid. Default: 1095.") int days,
      @Option(names = "--passphrase-file", paramLabel = "FILE", description = "Its first line is the passphrase.") Path passphrase) {
    if (days < 1 || days > 36_500) {
      throw new Trouble("--days wants a number from 1 to 36500.");
    }
    Fx fx = fx();
    Signing.Made made = new Signing(fx.environment(), main.in()).makeKey(folder, file, owner, days, passphrase);
    fx.out().println(made.key() + " is the key: keep it and its passphrase to yourself.");
    fx.out().println(made.certificate() + " is the certificate, valid until " + made.is().getNotAfter().toInstant()
        + ": put it into trust/ where your plugins shall be accepted.");
    return 0;
  }

  @Command(name = "sign",
      description = {
        "Signs a jar, in its place.", "",
        "The passphrase is typed, read from standard input, from --passphrase-file, or from FX_KEY_PASSPHRASE. Change nothing in the jar "
            + "afterwards: a changed jar is refused."
      },
      footer = {"", "Example:", "  fx sign target/com.acme.maxspread-1.0.0.jar --key acme.p12"})
  int sign(
      @Parameters(paramLabel = "JAR", description = "The plugin.") Path jar,
      @Option(names = "--key", paramLabel = "FILE", defaultValue = "signing.p12", description = "The key that fx keys made. Default: signing.p12.")
          Path key,
      @Option(names = "--passphrase-file", paramLabel = "FILE", description = "Its first line is the passphrase.") Path passphrase) {
    Fx fx = fx();
    var signer = new Signing(fx.environment(), main.in()).sign(jar, key, passphrase);
    fx.out().println(jar + " is signed by " + signer.getSubjectX500Principal().getName() + ".");
    return 0;
  }

  @Command(name = "curve-keys",
      description = {
        "Makes a key pair that encrypts the ZeroMQ link between an executor and its terminal (protocol 2).", "",
        "Each end has its own pair. The secret key goes into secrets/, readable by its owner only; the public one is printed, to be "
            + "given to the other end. Without keys the link is signed and not encrypted, which is enough on one machine."
      },
      footer = {"", "Examples:", "  fx curve-keys", "  fx --data /srv/second curve-keys --name zmq-curve"})
  int curveKeys(
      @Option(names = "--name", paramLabel = "NAME", defaultValue = "zmq-curve", description = "Name of the secret. Default: zmq-curve.") String name) {
    Fx fx = fx();
    String open = CurveKeys.make(fx.instance(), name);
    fx.out().println("secrets/" + name + " holds the secret key: keep it on this machine.");
    fx.out().println("The public key is " + open);
    fx.out().println("For an executor, in config/com.fxplatform.zmq.cfg:");
    fx.out().println("  curvePublicKey = " + open);
    fx.out().println("  .curveSecretKey = $[secret:" + name + "]");
    fx.out().println("  curveTerminals = the public keys of the terminals that may come, with commas; none for any");
    fx.out().println("For a terminal, in config/com.fxplatform.paper.cfg, the same two lines and:");
    fx.out().println("  curveServerKey = the executor's public key");
    return 0;
  }

  @Command(name = "quickstart",
      description = {
        "Shows the whole main job in a throw-away folder: server, paper terminal, executor, three commands, a ticket.", "",
        "Everything stays up until Ctrl-C; nothing stays behind. Takes free ports where the usual ones are taken."
      },
      footer = {"", "Examples:", "  fx quickstart", "  fx quickstart --once"})
  int quickstart(
      @Option(names = "--once", description = "Ends after the last step, with 0 if every step went well.") boolean once)
      throws InterruptedException {
    return new Quickstart(Home.find(), main.out()).run(once);
  }

  @Command(name = "emergency-stop",
      description = {
        "Halts trading on this machine's executor and closes every position, at once.", "",
        "Ends with 0 once the terminal proves that nothing is open; goes on without you until then. Trading stays halted, over "
            + "restarts, until `fx resume`. If no executor runs, the next one halts and closes before anything else."
      },
      footer = {"", "Examples:", "  fx emergency-stop", "  fx emergency-stop --reason \"news at 14:30\""})
  int emergencyStop(
      @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "fx emergency-stop", description = "Why, for the log and the page.") String reason,
      @Option(names = "--runtime", paramLabel = "RUNTIME", defaultValue = "executor", description = "Its name, if it is not executor.") String runtime)
      throws InterruptedException {
    return new RedButton(fx(), runtime).stop(reason);
  }

  @Command(name = "resume", description = {"Lets this machine's executor send new orders again after an emergency stop or a pause."},
      footer = {"", "Example:", "  fx resume"})
  int resume(@Option(names = "--runtime", paramLabel = "RUNTIME", defaultValue = "executor", description = "Its name, if it is not executor.") String runtime) {
    return new RedButton(fx(), runtime).resume();
  }

  @Command(name = "version", description = "Says the product's version and the Java it runs on.", footer = {"", "Example:", "  fx version"})
  int version() {
    main.out().println("FX Platform " + Home.version() + " (Java " + System.getProperty("java.version") + ")");
    return CommandLine.ExitCode.OK;
  }
}
