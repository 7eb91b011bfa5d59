package com.fxplatform.vault;

import com.fxplatform.api.vault.SecretVault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps secrets the best way that this machine has, and moves what it finds kept another way: DPAPI on Windows, the
 * desktop's keyring where there is one, else files sealed with a key of this machine or with a passphrase.
 */
@Component(configurationPid = "com.fxplatform.vault", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Vault.Config.class)
public final class Vault implements SecretVault {
  private static final Logger LOG = LoggerFactory.getLogger(Vault.class);
  private static final List<Path> MACHINE_IDS = List.of(Path.of("/etc/machine-id"), Path.of("/var/lib/dbus/machine-id"));

  @ObjectClassDefinition(name = "FX Platform vault")
  @interface Config {
    @AttributeDefinition(description = "The folder of the secrets, 0700")
    String folder() default "";

    @AttributeDefinition(description = "How: auto, dpapi, keyring, sealed, or plain (a file that only its owner can read)")
    String keep() default "auto";

    @AttributeDefinition(description = "Seals with this instead of a key of the machine; needed again at each start")
    String _passphrase() default "";

    @AttributeDefinition(description = "The desktop's session bus; without one there is no keyring to ask")
    String sessionBus() default "";
  }

  private record Way(String name, SecretVault vault) {}

  private volatile List<Way> ways;

  @Activate
  public Vault(Config config) {
    ways = ways(config);
  }

  @Modified
  void modified(Config config) {
    ways = ways(config);
  }

  /** The one to write to comes first, the others are looked through. */
  private static List<Way> ways(Config config) {
    String folder = config.folder();
    String keep = config.keep().startsWith("$[") ? "auto" : config.keep().strip().toLowerCase(Locale.ROOT);
    String passphrase = config._passphrase().startsWith("$[") ? "" : config._passphrase();
    boolean bus = !config.sessionBus().isBlank() && !config.sessionBus().startsWith("$[");
    List<Way> all = new ArrayList<>();
    if (Dpapi.here()) {
      all.add(new Way("dpapi", new DpapiVault(folder)));
    }
    Way keyring = null;
    if (!Dpapi.here() && (keep.equals("keyring") || keep.equals("auto") && bus && passphrase.isEmpty())) {
      try {
        keyring = new Way("keyring", new KeyringVault(folder));
      } catch (IOException none) {
        if (keep.equals("keyring")) {
          LOG.warn("There is no keyring to keep secrets in; they are sealed in files. reason=\"{}\"", none.getMessage());
        }
      } catch (LinkageError noNativeCode) {
        LOG.warn("The keyring cannot be used by this Java; secrets are sealed in files. reason=\"{}\"", noNativeCode.toString());
      }
    }
    if (keyring != null) {
      all.add(keyring);
    }
    all.add(new Way("sealed", new SealedVault(folder, passphrase.toCharArray(), MACHINE_IDS)));
    all.add(new Way("plain", new FileVault(folder)));
    all.stream().filter(way -> way.name().equals(keep)).findFirst().ifPresent(
        chosen -> {
          all.remove(chosen);
          all.add(0, chosen);
        });
    return List.copyOf(all);
  }

  @Override
  public synchronized Optional<char[]> read(String name) throws IOException {
    List<Way> now = ways;
    IOException trouble = null;
    for (int i = 0; i < now.size(); i++) {
      Way way = now.get(i);
      Optional<char[]> found;
      try {
        found = way.vault().read(name);
      } catch (IOException unreadable) {
        if (trouble == null) {
          trouble = unreadable;
        }
        continue;
      }
      if (found.isPresent()) {
        if (i > 0 && trouble == null) {
          move(name, found.get(), way, now.get(0));
        }
        return found;
      }
    }
    if (trouble != null) {
      throw trouble;
    }
    return Optional.empty();
  }

  /** Kept the new way and read back before the old way forgets it. */
  private static void move(String name, char[] secret, Way from, Way to) {
    try {
      to.vault().write(name, secret);
      Optional<char[]> back = to.vault().read(name);
      boolean same = back.isPresent() && Arrays.equals(back.get(), secret);
      back.ifPresent(copy -> Arrays.fill(copy, '\0'));
      if (same) {
        from.vault().delete(name);
        LOG.info("A secret is kept a better way now. name={} from={} to={}", name, from.name(), to.name());
      }
    } catch (IOException stays) {
      LOG.warn("A secret stays where it is. name={} at={} reason=\"{}\"", name, from.name(), stays.getMessage());
    }
  }

  @Override
  public synchronized void write(String name, char[] secret) throws IOException {
    List<Way> now = ways;
    Way used = now.get(0);
    try {
      used.vault().write(name, secret);
    } catch (IOException refused) {
      if (!used.name().equals("keyring")) {
        throw refused;
      }
      LOG.warn("The keyring does not take the secret; it is sealed in a file. reason=\"{}\"", refused.getMessage());
      used = now.get(1);
      used.vault().write(name, secret);
    }
    for (Way other : now) {
      if (other != used) {
        forget(other, name);
      }
    }
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    for (Way way : ways) {
      if (way.name().equals("keyring")) {
        forget(way, name);
      } else {
        way.vault().delete(name);
      }
    }
  }

  private static void forget(Way way, String name) {
    try {
      way.vault().delete(name);
    } catch (IOException notThere) {
      LOG.debug("Nothing to forget. way={} reason=\"{}\"", way.name(), notThere.getMessage());
    }
  }

  @Override
  public String place() {
    return ways.get(0).vault().place();
  }
}
