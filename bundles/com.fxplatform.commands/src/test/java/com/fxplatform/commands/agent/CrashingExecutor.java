package com.fxplatform.commands.agent;

import com.fxplatform.api.executor.PlatformClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** A process that dies at a chosen moment of one command. */
public final class CrashingExecutor {
  private CrashingExecutor() {}

  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    Path wire = Path.of(args[1]);
    String moment = args[2];
    Rig rig = new Rig(folder);
    rig.terminal.beforeGate = () -> dieAt(moment, "accepted");
    rig.terminal.beforeSend =
        () -> {
          dieAt(moment, "gate");
          send(wire);
        };
    rig.terminal.answers =
        r -> {
          dieAt(moment, "sent");
          return Rig.FakeTerminal.usual(r);
        };
    rig.platform.answers =
        body -> {
          if (body.get("status").equals("executed")) {
            dieAt(moment, "done");
          }
          return new PlatformClient.Answer(200, "", "{}");
        };
    rig.agent.accept(Map.copyOf(Rig.openMap("c1")), "event");
    rig.reported("c1");
  }

  static void send(Path wire) {
    try {
      Files.write(wire, List.of("sent"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }

  private static void dieAt(String moment, String here) {
    if (moment.equals(here)) {
      Runtime.getRuntime().halt(42);
    }
  }
}
