package com.fxplatform.setup;

import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.vault.SecretVault;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code fx setup}: two fields, tried against the platform before anything is written. */
@Component(service = Function.class, property = "fx.command=setup")
public final class SetupCommand implements Function<Map<String, Object>, Integer> {
  private static final String HELP =
      """
      fx setup: make this machine an executor of an FX Platform.

        fx setup                              asks for everything
        fx setup --platform-url https://fx.example.com --api-key exe_... --api-secret-stdin < secret.txt

        --platform-url URL    where the platform is; https:// except on this machine
        --api-key KEY         the API key, shown when the executor was created on the platform
        --api-secret-stdin    read the API secret from the first line of the input; without it you are asked, unseen
        --data DIR            the instance to set up, if it is not this folder

      The key and the secret are tried against the platform first; nothing is written unless they work. Everything else
      (channels, ports, the terminal's shared secret) comes from the platform. A running executor notices by itself.
      """;

  private final Roster<SecretVault> vault = new Roster<>(Duration.ofSeconds(5));
  private final Duration patience;
  private final Duration quiet;

  @Activate
  public SetupCommand() {
    this(Duration.ofSeconds(15), Duration.ofSeconds(2));
  }

  SetupCommand(Duration patience, Duration quiet) {
    this.patience = patience;
    this.quiet = quiet;
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindVault(SecretVault service, Map<String, ?> properties) {
    vault.bind(service, properties);
  }

  void unbindVault(SecretVault service) {
    vault.unbind(service);
  }

  @Override
  public Integer apply(Map<String, Object> call) {
    PrintStream out = (PrintStream) call.get("out");
    PrintStream err = (PrintStream) call.get("err");
    try {
      Answers answers = Answers.of(args(call));
      if (answers.help) {
        out.print(HELP);
        return 0;
      }
      setUp(call, answers, out);
      return 0;
    } catch (Stop no) {
      err.println(no.getMessage());
      return no.code();
    } finally {
      out.flush();
      err.flush();
    }
  }

  private void setUp(Map<String, Object> call, Answers answers, PrintStream out) throws Stop {
    Optional<Console> console = Optional.ofNullable((Console) call.get("console"));
    SettingsFile file = new SettingsFile((Path) call.get("instance"));
    PlatformUrl url = Answers.url(url(call, answers, console));
    String key = Answers.key(key(answers, console));
    char[] secret = Answers.secret(secret(call, answers, console));
    try {
      Inquiry.Found found = new Inquiry(out, patience, quiet).ask(url, key, secret);
      keep(file, url, key, secret);
      out.println("Connected as executor " + (found.executorName().isEmpty() ? key.substring(0, 8) + "..." : "\"" + found.executorName() + "\"") + ": " + found.settings() + " settings received.");
      out.println("The API secret is in " + vault.call(SecretVault::place) + "; the address and the key are in " + file.path() + ".");
      out.println("Next: fx start executor. An executor that runs already takes the new settings by itself within seconds.");
    } finally {
      Arrays.fill(secret, '\0');
    }
  }

  /** Both or neither: a file with the key of one executor and the secret of another helps nobody. */
  private void keep(SettingsFile file, PlatformUrl url, String key, char[] secret) throws Stop {
    Optional<char[]> before;
    try {
      before = vault(SecretVault::read);
    } catch (IOException unreadable) {
      before = Optional.empty();
    }
    try {
      vault(
          (v, name) -> {
            v.write(name, secret);
            return null;
          });
    } catch (IOException refused) {
      throw new Stop("The API secret could not be kept, so nothing was changed: " + reason(refused));
    }
    try {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("platformUrl", url.toString());
      values.put("apiKey", key);
      values.put("setupAt", Instant.now().toString());
      file.set(values);
    } catch (IOException refused) {
      restore(before);
      throw new Stop(file.path() + " could not be written, so nothing was changed: " + reason(refused));
    } finally {
      before.ifPresent(old -> Arrays.fill(old, '\0'));
    }
  }

  private void restore(Optional<char[]> before) throws Stop {
    try {
      vault(
          (v, name) -> {
            if (before.isPresent()) {
              v.write(name, before.get());
            } else {
              v.delete(name);
            }
            return null;
          });
    } catch (IOException alsoBroken) {
      throw new Stop("Neither the settings nor the vault can be written: check the disk, then run fx setup again. " + reason(alsoBroken));
    }
  }

  private interface VaultUse<R> {
    R on(SecretVault v, String name) throws IOException;
  }

  private <R> R vault(VaultUse<R> use) throws IOException {
    try {
      return vault.call(
          v -> {
            try {
              return use.on(v, SecretVault.API_SECRET);
            } catch (IOException no) {
              throw new UncheckedIOException(no);
            }
          });
    } catch (UncheckedIOException no) {
      throw no.getCause();
    }
  }

  private static String reason(IOException trouble) {
    String text = trouble.getMessage() == null ? "no reason given" : trouble.getMessage();
    return trouble.getClass() == IOException.class || text.contains(" ") ? text : "no access to " + text + ".";
  }

  private static String url(Map<String, Object> call, Answers answers, Optional<Console> console) throws Stop {
    if (answers.url.isPresent()) {
      return answers.url.get();
    }
    String usual = call.get("settings") instanceof Map<?, ?> settings && settings.get("fx.platform.url") instanceof String s ? s : "";
    if (console.isEmpty()) {
      if (usual.isEmpty()) {
        throw new Stop("Where is the platform? Give --platform-url https://...");
      }
      return usual;
    }
    String typed = line(console.get(), usual.isEmpty() ? "Platform URL: " : "Platform URL [" + usual + "]: ");
    return typed.isBlank() ? usual : typed;
  }

  private static String key(Answers answers, Optional<Console> console) throws Stop {
    if (answers.key.isPresent()) {
      return answers.key.get();
    }
    if (console.isEmpty()) {
      throw new Stop("There is no terminal to ask at: give --api-key exe_... and --api-secret-stdin.");
    }
    return line(console.get(), "API key: ");
  }

  private static char[] secret(Map<String, Object> call, Answers answers, Optional<Console> console) throws Stop {
    if (answers.secretFromInput) {
      return firstLine((InputStream) call.get("in"));
    }
    if (console.isEmpty()) {
      throw new Stop("There is no terminal to ask for the API secret at: give it with --api-secret-stdin.");
    }
    char[] typed = console.get().readPassword("API secret (not shown): ");
    if (typed == null) {
      throw new Stop("The setup was stopped; nothing was written.");
    }
    return typed;
  }

  private static String line(Console console, String question) throws Stop {
    String typed = console.readLine("%s", question);
    if (typed == null) {
      throw new Stop("The setup was stopped; nothing was written.");
    }
    return typed;
  }

  private static char[] firstLine(InputStream in) throws Stop {
    char[] line = new char[2048];
    int length = 0;
    try {
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        if (length == line.length) {
          throw new Stop("That is too long for an API secret.");
        }
        line[length++] = (char) c;
      }
      return Arrays.copyOf(line, length);
    } catch (IOException broken) {
      throw new Stop("The API secret could not be read from the input.");
    } finally {
      Arrays.fill(line, '\0');
    }
  }

  @SuppressWarnings("unchecked")
  private static List<String> args(Map<String, Object> call) {
    return (List<String>) call.getOrDefault("args", List.of());
  }
}
