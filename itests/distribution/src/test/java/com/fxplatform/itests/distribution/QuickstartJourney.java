package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The quickstart stays up until it is told to end, and leaves nothing behind. */
@Timeout(120)
class QuickstartJourney {
  @Test
  void itLeavesNothingBehind() throws Exception {
    Process quickstart = new ProcessBuilder(Path.of(System.getProperty("fx.tree")).resolve("bin/fx").toString(), "quickstart")
        .redirectErrorStream(true).start();
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(quickstart.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        if (line.contains("until you press Ctrl-C")) {
          // by its handle: Process.destroy would close the stream that is being read
          quickstart.toHandle().destroy();
        }
      }
    }
    assertTrue(quickstart.waitFor(30, TimeUnit.SECONDS), said.toString());
    assertTrue(said.toString().contains("filled: ticket"), said.toString());
    assertFalse(said.toString().contains("Exception"), said.toString());
    Matcher folder = Pattern.compile("quickstart in (\\S+)").matcher(said);
    assertTrue(folder.find(), said.toString());
    assertFalse(Files.exists(Path.of(folder.group(1))), "the throw-away folder is still there");
    List<Long> left = ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(folder.group(1)))
        .map(ProcessHandle::pid).toList();
    assertEquals(List.of(), left, "processes that are still there");
  }
}
