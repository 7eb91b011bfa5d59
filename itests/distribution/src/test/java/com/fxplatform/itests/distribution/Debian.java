package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of the system that a journey needs beside the product; installed if that is possible. */
final class Debian {
  private Debian() {}

  /** Skips the test, with the remedy, if the command is not here and its package cannot be installed. */
  static void need(String command, String pack) throws InterruptedException {
    if (!runs(command, "--version")) {
      runs("apt-get", "install", "-y", "--no-install-recommends", pack);
      Assumptions.assumeTrue(runs(command, "--version"),
          "There is no " + command + " here and it cannot be installed: apt-get install " + pack);
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      return process.waitFor(120, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException missing) {
      return false;
    }
  }
}
