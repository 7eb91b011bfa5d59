package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system of a few megabytes on a folder, and a file that takes its room. */
final class SmallDisk implements AutoCloseable {
  final Path folder;
  private final Path filler;

  /** Skips the test where nobody may mount. */
  SmallDisk(Path folder, int megabytes) throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder);
    filler = folder.resolve("filler");
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString()),
        "This machine does not let tests mount a small disk");
  }

  void fill(long bytesLeft) throws IOException {
    Files.write(filler, new byte[(int) Math.max(0, Files.getFileStore(folder).getUsableSpace() - bytesLeft)]);
  }

  void free() throws IOException {
    Files.delete(filler);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    assertTrue(run("umount", folder.toString()), "The small disk cannot be taken away: " + folder);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
