package com.fxplatform.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileVaultTest {
  private static final String SECRET = "0123456789abcdef".repeat(4);

  @TempDir Path data;
  private Path folder;
  private FileVault vault;

  @BeforeEach
  void open() {
    folder = data.resolve("vault");
    vault = new FileVault(folder.toString());
  }

  @Test
  void keepsReplacesAndForgets() throws IOException {
    assertTrue(vault.read("api-secret").isEmpty());
    vault.write("api-secret", SECRET.toCharArray());
    assertArrayEquals(SECRET.toCharArray(), vault.read("api-secret").orElseThrow());
    vault.write("api-secret", "pässword".toCharArray());
    assertEquals("pässword", new String(new FileVault(folder.toString()).read("api-secret").orElseThrow()));
    vault.delete("api-secret");
    vault.delete("api-secret");
    assertTrue(vault.read("api-secret").isEmpty());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void onlyTheOwnerCanRead() throws IOException {
    vault.write("api-secret", SECRET.toCharArray());
    assertEquals("rwx------", mode(folder));
    assertEquals("rw-------", mode(folder.resolve("api-secret")));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("api-secret")), left.toList(), "nothing of the writing stays behind");
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void refusesWhatOthersCanReadAndNamesTheRemedy() throws IOException {
    vault.write("api-secret", SECRET.toCharArray());
    Path file = folder.resolve("api-secret");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    String why = assertThrows(IOException.class, () -> vault.read("api-secret")).getMessage();
    assertTrue(why.contains("chmod 600 " + file), why);
    assertFalse(why.contains(SECRET));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertTrue(assertThrows(IOException.class, () -> vault.read("api-secret")).getMessage().contains("chmod 700 " + folder));
    assertThrows(IOException.class, () -> vault.write("api-secret", SECRET.toCharArray()));
  }

  @Test
  void readersSeeTheOldOrTheNewNeverHalf() throws Exception {
    char[] first = "a".repeat(8000).toCharArray();
    char[] second = "b".repeat(8000).toCharArray();
    vault.write("api-secret", first);
    AtomicBoolean done = new AtomicBoolean();
    var writer =
        java.util.concurrent.CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < 50; i++) {
                  vault.write("api-secret", i % 2 == 0 ? second : first);
                }
              } catch (IOException bad) {
                throw new java.io.UncheckedIOException(bad);
              } finally {
                done.set(true);
              }
            });
    while (!done.get()) {
      String seen = new String(vault.read("api-secret").orElseThrow());
      assertTrue(seen.equals(new String(first)) || seen.equals(new String(second)), "half a secret");
    }
    writer.join();
  }

  @Test
  void namesCannotLeaveTheFolder() {
    for (String name : new String[] {"../x", "", "A", "a/b", "a".repeat(65)}) {
      assertThrows(IllegalArgumentException.class, () -> vault.read(name), name);
    }
  }

  @Test
  void aMissingFolderIsASentence() {
    for (String none : new String[] {"", "$[prop:fx.data]/vault"}) {
      IOException why = assertThrows(IOException.class, () -> new FileVault(none).read("api-secret"));
      assertTrue(why.getMessage().contains("com.fxplatform.vault.cfg"));
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
