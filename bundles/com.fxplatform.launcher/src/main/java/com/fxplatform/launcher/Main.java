package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;

/** The command line {@code fx}. */
public final class Main {
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;

  Main(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.environment = environment;
  }

  public static void main(String[] args) {
    System.exit(new Main(System.in, System.out, System.err, System.getenv()).run(args));
  }

  int run(String... args) {
    if (args.length > 0 && args[0].equals("help")) {
      return run(args.length == 1 ? new String[] {"--help"} : new String[] {args[1], "--help"});
    }
    try {
      Split split = Split.of(args);
      if (split.verb != null && !Verbs.NAMES.contains(split.verb)) {
        return foreign(split);
      }
      OptionalInt quick = quick(split);
      if (quick.isPresent()) {
        return quick.getAsInt();
      }
      CommandLine line = new CommandLine(new Verbs(this));
      line.setOut(new PrintWriter(out, true));
      line.setErr(new PrintWriter(err, true));
      line.setExecutionExceptionHandler((e, cmd, result) -> {
        if (e instanceof Misuse misuse) {
          say(misuse);
          return CommandLine.ExitCode.USAGE;
        }
        if (e instanceof Trouble trouble) {
          return say(trouble);
        }
        throw e;
      });
      line.setParameterExceptionHandler((wrong, given) -> {
        String verb = wrong.getCommandLine().getCommandSpec().qualifiedName();
        String why = wrong.getMessage().lines().findFirst().orElse("The arguments are wrong").replaceAll("\\.$", "");
        err.println(verb + ": " + why + "; `" + verb + " --help` tells which there are.");
        return CommandLine.ExitCode.USAGE;
      });
      if (split.verb == null) {
        carried(line, fx(split.data, split.sets));
      }
      return line.execute(args);
    } catch (Misuse misuse) {
      say(misuse);
      return CommandLine.ExitCode.USAGE;
    } catch (Trouble trouble) {
      return say(trouble);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int say(Trouble trouble) {
    trouble.getMessage().lines().forEach(sentence -> err.println("fx: " + sentence));
    return 1;
  }

  private static void carried(CommandLine line, Fx fx) {
    List<String> commands = fx.commands();
    if (!commands.isEmpty()) {
      List<String> footer = new ArrayList<>(Arrays.asList(line.getCommandSpec().usageMessage().footer()));
      footer.add("Carried by bundles: " + String.join(", ", commands) + " (fx " + commands.get(0) + " --help)");
      line.getCommandSpec().usageMessage().footer(footer.toArray(String[]::new));
    }
  }

  /** What is on the way to a running server does without the command line library: it takes a tenth of the start. */
  private OptionalInt quick(Split split) throws InterruptedException {
    if ("start".equals(split.verb) && split.rest.size() == 1 && !split.rest.get(0).startsWith("-")) {
      return OptionalInt.of(new Daemon(fx(split.data, split.sets), split.rest.get(0)).start());
    }
    if ("run".equals(split.verb) && split.rest.size() == 2 && split.rest.get(1).equals("--daemon")) {
      return OptionalInt.of(new Server(fx(split.data, setsOnStdin()), split.rest.get(0), true).run());
    }
    return OptionalInt.empty();
  }

  private int foreign(Split split) throws InterruptedException {
    Fx fx = fx(split.data, split.sets);
    if (RuntimeFile.file(split.verb, fx.runtimeFolders()).isEmpty()) {
      Set<String> known = new TreeSet<>(Verbs.NAMES);
      known.addAll(fx.commands());
      throw new Misuse("There is no command " + split.verb + "; there are " + String.join(", ", known) + ". `fx --help` says what they do.");
    }
    return BundleCommand.run(fx, split.verb, split.rest, in);
  }

  Fx fx(Path data, List<String> sets) {
    return Fx.of(Home.find(), data, sets, environment, out, err);
  }

  InputStream in() {
    return in;
  }

  PrintStream out() {
    return out;
  }

  /** The settings that the parent process wrote before it closed our standard input. */
  List<String> setsOnStdin() {
    try {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)) instanceof List<?> list
          ? list.stream().map(String::valueOf).toList() : List.of();
    } catch (IOException | IllegalArgumentException e) {
      throw new Trouble("The settings of the calling process cannot be read (" + e.getMessage() + ").");
    }
  }

  /** What the launcher takes for itself, so that a verb of a bundle gets all the rest as it was typed. */
  private static final class Split {
    String verb;
    Path data;
    final List<String> sets = new ArrayList<>();
    final List<String> rest = new ArrayList<>();

    static Split of(String... args) {
      Split split = new Split();
      List<String> left = new ArrayList<>(Arrays.asList(args));
      while (!left.isEmpty()) {
        String arg = left.remove(0);
        if (arg.equals("--") && split.verb != null) {
          split.rest.add(arg);
          split.rest.addAll(left);
          break;
        } else if (arg.equals("--data") || arg.equals("--set")) {
          split.take(arg, left.isEmpty() ? null : left.remove(0));
        } else if (arg.startsWith("--data=") || arg.startsWith("--set=")) {
          int equals = arg.indexOf('=');
          split.take(arg.substring(0, equals), arg.substring(equals + 1));
        } else if (split.verb == null && !arg.startsWith("-")) {
          split.verb = arg;
        } else {
          split.rest.add(arg);
        }
      }
      return split;
    }

    private void take(String option, String value) {
      if (value == null) {
        throw new Misuse(option + (option.equals("--data") ? " wants a folder." : " wants name=value."));
      }
      if (option.equals("--data")) {
        data = Path.of(value);
      } else {
        sets.add(value);
      }
    }
  }
}
