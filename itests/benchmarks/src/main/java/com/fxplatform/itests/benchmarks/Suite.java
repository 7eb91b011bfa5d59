package com.fxplatform.itests.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the benchmarks named, each in a JVM of its own, or all of them; {@code Chaos:42:12} gives one arguments. */
public final class Suite {
  private static final List<String> ALL =
      List.of("Start", "CommandLatency", "ConfigChange", "BridgeRoundTrip", "ContractLoad", "Heartbeats", "Swaps", "Chaos", "Soak");

  private Suite() {}

  public static void main(String[] arguments) throws Exception {
    List<String> wanted = arguments.length == 0 || arguments[0].isBlank() ? ALL : List.of(arguments[0].split(","));
    for (String name : wanted) {
      System.out.println("== " + name);
      List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
      // the compiler and collector of executor.runtime: a benchmark in this process stands for an executor
      if (name.equals("BridgeRoundTrip")) {
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      }
      System.getProperties().stringPropertyNames().stream().filter(key -> key.startsWith("fx."))
          .forEach(key -> command.add("-D" + key + "=" + System.getProperty(key)));
      List<String> parts = List.of(name.split(":"));
      command.addAll(List.of("-classpath", System.getProperty("java.class.path"), Suite.class.getPackageName() + "." + parts.get(0)));
      command.addAll(parts.subList(1, parts.size()));
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("The benchmark " + name + " ended with " + code);
      }
    }
  }
}
