package com.fxplatform.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class VaultTest {
  private static final String SECRET = "0123456789abcdef".repeat(4);
  private static final String NAME = "api-secret";

  @TempDir Path data;

  private Vault vault(Map<String, Object> set) {
    return new Vault(
        (Vault.Config)
            Proxy.newProxyInstance(
                VaultTest.class.getClassLoader(),
                new Class<?>[] {Vault.Config.class},
                (proxy, method, args) ->
                    method.getName().equals("folder") ? data.resolve("vault").toString() : set.getOrDefault(method.getName(), method.getDefaultValue())));
  }

  private static String read(Vault vault) throws IOException {
    return vault.read(NAME).map(String::new).orElse("");
  }

  private boolean onDisk(String text) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void sealsWhatItKeeps() throws IOException {
    vault(Map.of()).write(NAME, SECRET.toCharArray());
    assertFalse(onDisk(SECRET));
    assertEquals(SECRET, read(vault(Map.of())));
    vault(Map.of()).delete(NAME);
    assertEquals("", read(vault(Map.of())));
  }

  @Test
  void thePlainFileOfEarlierVersionsIsMovedOver() throws IOException {
    new FileVault(data.resolve("vault").toString()).write(NAME, SECRET.toCharArray());
    assertTrue(onDisk(SECRET));
    assertEquals(SECRET, read(vault(Map.of())));
    assertFalse(onDisk(SECRET), "the plain file is gone");
    assertEquals(SECRET, read(vault(Map.of())));
    assertEquals(SECRET, read(vault(Map.of("keep", "plain"))), "and back");
    assertTrue(onDisk(SECRET));
  }

  @Test
  void anotherMachineAndAnotherPassphraseDoNotOpenIt() throws IOException {
    Path here = Files.writeString(data.resolve("machine"), "here");
    Path there = Files.writeString(data.resolve("other"), "there");
    String folder = data.resolve("vault").toString();
    new SealedVault(folder, new char[0], List.of(here)).write(NAME, SECRET.toCharArray());
    assertEquals(SECRET, new String(new SealedVault(folder, new char[0], List.of(here)).read(NAME).orElseThrow()));
    IOException no = assertThrows(IOException.class, () -> new SealedVault(folder, new char[0], List.of(there)).read(NAME));
    assertTrue(no.getMessage().contains("another machine") && !no.getMessage().contains(SECRET));
    Vault sealed = vault(Map.of("_passphrase", "correct horse"));
    sealed.write(NAME, SECRET.toCharArray());
    assertEquals(SECRET, read(vault(Map.of("_passphrase", "correct horse"))));
    assertThrows(IOException.class, () -> vault(Map.of("_passphrase", "wrong")).read(NAME));
    assertTrue(assertThrows(IOException.class, () -> vault(Map.of()).read(NAME)).getMessage().contains("FX_VAULT_PASSPHRASE"));
  }

  @Test
  void aFileCutAtAnyByteIsOneSentenceAndNeverHalfASecret() throws IOException {
    vault(Map.of()).write(NAME, SECRET.toCharArray());
    for (String one : List.of("vault/sealed/" + NAME, "vault/sealed/.key")) {
      Path file = data.resolve(one);
      byte[] whole = Files.readAllBytes(file);
      for (int length = 0; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        try {
          // without the padding of the encoding it is still whole
          assertEquals(SECRET, read(vault(Map.of())), one + " cut at " + length);
        } catch (IOException no) {
          assertTrue(no.getMessage().contains("fx setup"), no.getMessage());
        }
      }
      Files.write(file, whole);
    }
    assertEquals(SECRET, read(vault(Map.of())));
    byte[] whole = Files.readAllBytes(data.resolve("vault/sealed/.key"));
    Files.write(data.resolve("vault/sealed/.key"), new byte[3]);
    vault(Map.of()).write(NAME, SECRET.toCharArray());
    assertEquals(SECRET, read(vault(Map.of())), "setup mends a damaged key");
    assertFalse(Arrays.equals(whole, Files.readAllBytes(data.resolve("vault/sealed/.key"))));
  }

  interface C extends Library {
    int setenv(String name, String value, int overwrite);
  }

  private static boolean owned(String address) throws Exception {
    Process asked =
        new ProcessBuilder(
                "dbus-send", "--bus=" + address, "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
            .redirectErrorStream(true)
            .start();
    return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).contains("boolean true");
  }

  /** A real keyring on a bus of its own, as on a desktop. */
  @Test
  void theDesktopsKeyringKeepsItAndWhatWasAFileMovesIn() throws Exception {
    for (String program : List.of("/usr/bin/dbus-daemon", "/usr/bin/dbus-send", "/usr/bin/gnome-keyring-daemon")) {
      Assumptions.assumeTrue(Files.isExecutable(Path.of(program)), program + " is not installed: the keyring is not tested");
    }
    Process bus = new ProcessBuilder("dbus-daemon", "--session", "--print-address", "--nofork").redirectErrorStream(true).start();
    Process keyring = null;
    try {
      String address = new BufferedReader(new InputStreamReader(bus.getInputStream(), StandardCharsets.UTF_8)).readLine();
      ProcessBuilder daemon = new ProcessBuilder("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets").redirectErrorStream(true);
      daemon.environment().put("DBUS_SESSION_BUS_ADDRESS", address);
      daemon.environment().put("XDG_DATA_HOME", data.resolve("home").toString());
      daemon.environment().put("XDG_RUNTIME_DIR", Files.createDirectories(data.resolve("run")).toString());
      daemon.environment().put("HOME", data.toString());
      keyring = daemon.start();
      keyring.getOutputStream().write("desktop\n".getBytes(StandardCharsets.UTF_8));
      keyring.getOutputStream().close();
      Native.load("c", C.class).setenv("DBUS_SESSION_BUS_ADDRESS", address, 1);
      // asked before it is there, the bus would start another one that is locked
      long ready = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!owned(address)) {
        assertTrue(System.nanoTime() < ready, "the keyring does not come up");
        TimeUnit.MILLISECONDS.sleep(50);
      }
      new FileVault(data.resolve("vault").toString()).write(NAME, SECRET.toCharArray());
      Vault desktop = vault(Map.of("sessionBus", address));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (onDisk(SECRET) && System.nanoTime() < deadline) {
        assertEquals(SECRET, read(desktop), "found wherever it is");
        TimeUnit.MILLISECONDS.sleep(100);
      }
      assertFalse(onDisk(SECRET), "it moved into the keyring");
      assertFalse(Files.exists(data.resolve("vault/sealed")), "and not into a sealed file");
      assertEquals(SECRET, read(desktop));
      assertTrue(desktop.place().contains("keyring"));
      desktop.write(NAME, "another".toCharArray());
      assertEquals("another", read(vault(Map.of("sessionBus", address))));
      desktop.delete(NAME);
      assertEquals("", read(desktop));
    } finally {
      if (keyring != null) {
        keyring.destroy();
      }
      bus.destroy();
    }
  }
}
