package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
  @TempDir Path temp;
  private Tree tree;
  private Instance instance;

  @BeforeEach
  void instance() throws IOException {
    tree = new Tree(temp);
    tree.write("runtimes/r.runtime", "bundle com.fxplatform.deploy", "set fx.http.port=8080 fx.admin.port=8181");
    instance = new Instance(tree.data);
    instance.create();
  }

  private RunFile mine() {
    Fx fx = tree.fx();
    return RunFile.ofThisProcess(fx.runtime("r"), fx.settings(fx.runtime("r")));
  }

  @Test
  void whatIsWrittenIsRead() {
    RunFile written = mine();
    written.write(instance);
    assertEquals(written, RunFile.read(instance, "r").orElseThrow());
    assertEquals(List.of(written), RunFile.all(instance));
    assertEquals("http://127.0.0.1:8080, back door http://127.0.0.1:8181", written.urls());
    assertTrue(Daemon.process(written).isPresent());
    RunFile.delete(instance, "r");
    assertTrue(RunFile.read(instance, "r").isEmpty());
  }

  @Test
  void aPidThatIsSomebodyElsesNowIsNotOurs() {
    RunFile m = mine();
    RunFile stranger = new RunFile("r", m.pid(), m.processStart() - 60_000, Instant.now(), 0, "h", 0, "1", true);
    assertTrue(Daemon.process(stranger).isEmpty());
  }

  @Test
  void aDamagedFileIsNoFile() throws IOException {
    Files.writeString(RunFile.path(instance, "r"), "{\"name\":");
    assertTrue(RunFile.read(instance, "r").isEmpty());
    assertTrue(RunFile.all(instance).isEmpty());
  }

  @Test
  void onlyOneRunsUnderAName() throws IOException {
    try (FileChannel first = RunFile.lock(instance, "r"); FileChannel other = RunFile.lock(instance, "other")) {
      assertTrue(first.isOpen() && other.isOpen());
      assertTrue(assertThrows(Trouble.class, () -> RunFile.lock(instance, "r")).getMessage().startsWith("r is running or being started"));
    }
    RunFile.lock(instance, "r").close();
  }

  @Test
  void aStartThatComesSecondSaysSoInOneSentenceAndTakesNothingAway() throws IOException {
    Path others = Files.writeString(RunFile.path(instance, "r"), "{\"name\":\"r\", half written");
    try (FileChannel first = RunFile.lock(instance, "r"); java.net.ServerSocket port = new java.net.ServerSocket(0)) {
      tree.write("runtimes/r.runtime", "bundle com.fxplatform.deploy", "set fx.http.port=" + port.getLocalPort() + " fx.admin.port=0");
      Trouble trouble = assertThrows(Trouble.class, () -> new Daemon(tree.fx(), "r").start());
      assertTrue(trouble.getMessage().startsWith("r is running or being started in "), trouble.getMessage());
      assertEquals(1, trouble.getMessage().lines().count());
      assertTrue(first.isOpen() && Files.exists(others), "what belongs to the other stays");
    }
  }

  @Test
  void stoppingWhatDoesNotRunIsNoError() throws InterruptedException {
    assertEquals(0, new Daemon(tree.fx(), "r").stop());
    assertEquals("r is not running." + System.lineSeparator(), tree.printed());
  }

  @Test
  void aRuntimeThatDiedIsShown() {
    RunFile m = mine();
    new RunFile("r", m.pid(), m.processStart() - 60_000, Instant.now(), 0, "h", 0, "1", true).write(instance);
    Map<String, Object> row = Daemon.status(tree.fx(), null).get(0);
    assertEquals(false, row.get("running"));
    assertTrue(row.get("complaints").toString().contains("ended without being stopped"));
  }

  @Test
  void secretsThatOthersCanReadAreRefused() throws IOException {
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(instance.secrets())));
    Path secret = Files.writeString(instance.secrets().resolve("nextauth"), "x");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
    assertEquals(secret + " can be read by others than its owner; run `chmod 600 " + secret + "` and try again.",
        assertThrows(Trouble.class, instance::refuseOpenSecrets).getMessage());
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    instance.refuseOpenSecrets();
    Files.setPosixFilePermissions(instance.secrets(), PosixFilePermissions.fromString("rwxr-xr-x"));
    assertTrue(assertThrows(Trouble.class, instance::refuseOpenSecrets).getMessage().contains("chmod 700"));
    Files.delete(secret);
    instance.create();
    instance.refuseOpenSecrets();
    assertFalse(Files.getPosixFilePermissions(instance.secrets()).toString().contains("OTHERS"));
  }
}
