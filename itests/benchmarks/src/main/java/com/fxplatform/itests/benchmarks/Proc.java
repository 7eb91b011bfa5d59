package com.fxplatform.itests.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux counts about a process. */
final class Proc {
  /** {@code sysconf(_SC_CLK_TCK)}, which is 100 wherever Linux runs today. */
  private static final double TICKS_PER_SECOND = 100;

  private Proc() {}

  /** The processor time it has used, in seconds. */
  static double processorSeconds(ProcessHandle process) throws IOException {
    String[] fields = stat(process);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** The same of a process and its children, those that have ended included. */
  static double familySeconds(ProcessHandle parent) throws IOException {
    String[] fields = stat(parent);
    double seconds = processorSeconds(parent) + (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS_PER_SECOND;
    for (ProcessHandle child : parent.children().toList()) {
      seconds += processorSeconds(child);
    }
    return seconds;
  }

  /** What it has caused to be written to disks, in bytes. */
  static long writtenBytes(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/io")).stream().filter(line -> line.startsWith("write_bytes:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
  }

  /** From the third field on; the second may hold spaces. */
  private static String[] stat(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }
}
