package com.fxplatform.setup;

import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.vault.SecretVault;
import com.fxplatform.api.vault.UserDataProtection;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
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

/** {@code fx import-config}: takes over what the predecessor's executor was set up with. */
@Component(service = Function.class, property = "fx.command=import-config")
public final class ImportCommand implements Function<Map<String, Object>, Integer> {
  private static final String HELP =
      """
      fx import-config: takes over the configuration of the former Windows executor.

        fx import-config                      looks where the former executor kept it (%APPDATA%)
        fx import-config PATH                 fx-executor-config.json, or the folder it is in
        fx import-config PATH --manual        takes ports, channel and id over as well and switches auto-provisioning off

        --platform-url URL    the platform, if it is not the one in the file any more

      Address and key go to config/com.fxplatform.executor.cfg, both secrets into the vault. A secret that Windows sealed is opened
      by the Windows user who sealed it only. The former executor's files stay as they are.
      """;

  private final Roster<SecretVault> vault = new Roster<>(Duration.ofSeconds(5));
  private final Roster<UserDataProtection> protection = new Roster<>(Duration.ofSeconds(5));

  @Activate
  public ImportCommand() {}

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindVault(SecretVault service, Map<String, ?> properties) {
    vault.bind(service, properties);
  }

  void unbindVault(SecretVault service) {
    vault.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindProtection(UserDataProtection service, Map<String, ?> properties) {
    protection.bind(service, properties);
  }

  void unbindProtection(UserDataProtection service) {
    protection.unbind(service);
  }

  @Override
  public Integer apply(Map<String, Object> call) {
    PrintStream out = (PrintStream) call.get("out");
    PrintStream err = (PrintStream) call.get("err");
    try {
      return run(call, out);
    } catch (Stop no) {
      err.println(no.getMessage());
      return no.code();
    } finally {
      out.flush();
      err.flush();
    }
  }

  private int run(Map<String, Object> call, PrintStream out) throws Stop {
    Optional<Path> path = Optional.empty();
    Optional<String> url = Optional.empty();
    boolean manual = false;
    List<?> args = (List<?>) call.getOrDefault("args", List.of());
    for (int i = 0; i < args.size(); i++) {
      String arg = (String) args.get(i);
      if (arg.equals("--help") || arg.equals("-h")) {
        out.print(HELP);
        return 0;
      } else if (arg.equals("--manual")) {
        manual = true;
      } else if (arg.equals("--platform-url") && i + 1 < args.size()) {
        url = Optional.of((String) args.get(++i));
      } else if (arg.startsWith("--platform-url=")) {
        url = Optional.of(arg.substring("--platform-url=".length()));
      } else if (arg.startsWith("-") || path.isPresent()) {
        throw Stop.misuse("fx import-config does not know " + arg + "; see fx import-config --help.");
      } else {
        path = Optional.of(path(arg));
      }
    }
    Object roaming = call.get("settings") instanceof Map<?, ?> settings ? settings.get("fx.appdata") : null;
    Optional<Path> appData = roaming instanceof String text && !text.isBlank() && !text.startsWith("$[") ? Optional.of(path(text)) : Optional.empty();
    FormerExecutor.Found found = new FormerExecutor(this::unprotect).read(FormerExecutor.find(path, appData));
    try {
      keep((Path) call.get("instance"), found, Answers.url(url.orElse(found.url())), Answers.key(found.apiKey()), manual, out);
    } finally {
      Arrays.fill(found.apiSecret(), '\0');
      found.sharedSecret().ifPresent(secret -> Arrays.fill(secret, '\0'));
    }
    return 0;
  }

  private void keep(Path instance, FormerExecutor.Found found, PlatformUrl url, String key, boolean manual, PrintStream out) throws Stop {
    if (manual && !found.settings().containsKey("executorId")) {
      throw new Stop(found.file() + " names no executorId, which a configuration by hand needs: leave out --manual.");
    }
    SettingsFile file = new SettingsFile(instance);
    try {
      write(SecretVault.API_SECRET, found.apiSecret());
      if (found.sharedSecret().isPresent()) {
        write(SecretVault.SHARED_SECRET, found.sharedSecret().get());
      }
      Map<String, String> values = new LinkedHashMap<>();
      values.put("platformUrl", url.toString());
      values.put("apiKey", key);
      values.put("autoProvision", String.valueOf(!manual));
      if (manual) {
        found.settings().forEach((name, value) -> values.put("override." + name, value));
      }
      values.put("setupAt", Instant.now().toString());
      file.set(values);
    } catch (IOException refused) {
      throw new Stop("The imported configuration could not be kept: " + refused.getMessage());
    }
    out.println("Imported " + found.file() + ": executor " + key.substring(0, 8) + "... at " + url + ".");
    out.println("The API secret" + (found.sharedSecret().isPresent() ? " and the terminal's shared secret are in " : " is in ") + vault.call(SecretVault::place) + "; the rest is in " + file.path() + ".");
    out.println(
        manual
            ? "Auto-provisioning is off: the override.* lines are the whole configuration. autoProvision=true switches it on."
            : "Everything else comes from the platform. Next: fx diagnose, then fx start executor.");
  }

  private void write(String name, char[] secret) throws IOException {
    try {
      vault.run(
          v -> {
            try {
              v.write(name, secret);
            } catch (IOException no) {
              throw new UncheckedIOException(no);
            }
          });
    } catch (UncheckedIOException no) {
      throw no.getCause();
    }
  }

  private byte[] unprotect(byte[] sealed) throws IOException {
    if (!protection.speaks("")) {
      throw new IOException("Only the Windows machine and user that sealed this secret can open it: run this command there.");
    }
    try {
      return protection.call(
          p -> {
            try {
              return p.unprotect(sealed);
            } catch (IOException no) {
              throw new UncheckedIOException(no);
            }
          });
    } catch (UncheckedIOException no) {
      throw no.getCause();
    }
  }

  private static Path path(String text) throws Stop {
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException nonsense) {
      throw new Stop(text + " is no path on this machine.");
    }
  }
}
