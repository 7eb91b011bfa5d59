package com.fxplatform.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks, before anything starts, whether every port of the settings is free. */
final class Ports {
  private Ports() {}

  /**
   * Binds each {@code fx.*.port} once and lets it go again; 0 becomes a free port that the system chooses.
   *
   * @throws Trouble naming every port that is taken, its setting, and how to change it
   */
  static void probe(Settings settings) {
    List<String> taken = new ArrayList<>();
    Map<Integer, String> ours = new LinkedHashMap<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (Map.Entry<String, Value> setting : Map.copyOf(settings.all()).entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
        String name = setting.getKey();
        if (!name.startsWith("fx.") || !name.endsWith(".port")) {
          continue;
        }
        String text = setting.getValue().text();
        if (!isPort(text)) {
          throw new Trouble(noPort(name, setting.getValue()));
        }
        int port = Integer.parseInt(text);
        String host = settings.get(name.substring(0, name.length() - "port".length()) + "host");
        if (host.isBlank()) {
          host = "127.0.0.1";
        }
        String same = port == 0 ? null : ours.put(port, name);
        if (same != null) {
          taken.add("Port " + port + " is wanted twice, by " + same + " and " + name + "; " + remedy(name));
          continue;
        }
        try {
          ServerSocket socket = new ServerSocket();
          held.add(socket);
          socket.bind(new InetSocketAddress(InetAddress.getByName(host), port), 1);
          if (port == 0) {
            settings.decide(name, Integer.toString(socket.getLocalPort()), "chosen by the system");
          }
        } catch (UnknownHostException e) {
          taken.add("The host " + host + " of " + name + " is not known on this machine; set it to 127.0.0.1 or to an address of this machine.");
        } catch (IOException e) {
          taken.add(message(name, host, port, e));
        }
      }
    } finally {
      for (ServerSocket socket : held) {
        try {
          socket.close();
        } catch (IOException ignored) {
          // it was ours for a moment only
        }
      }
    }
    if (!taken.isEmpty()) {
      throw Trouble.of(taken);
    }
  }

  /** What could listen nowhere, whatever else runs on this machine. */
  static List<String> wrong(Settings settings) {
    return settings.all().entrySet().stream()
        .filter(setting -> setting.getKey().startsWith("fx.") && setting.getKey().endsWith(".port") && !isPort(setting.getValue().text()))
        .sorted(Map.Entry.comparingByKey())
        .map(setting -> noPort(setting.getKey(), setting.getValue()))
        .toList();
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65535;
  }

  private static String noPort(String name, Value value) {
    return name + "=" + value.text() + " (" + value.origin() + ") is no port; a port is a number from 0 to 65535.";
  }

  private static String message(String name, String host, int port, IOException e) {
    String why = String.valueOf(e.getMessage());
    if (why.contains("assign")) {
      return host + " is no address of this machine; " + name + " cannot listen there: set the host to 127.0.0.1 or 0.0.0.0.";
    }
    if (why.contains("ermission")) {
      return "Port " + port + " on " + host + " needs more rights than you have; " + remedy(name);
    }
    return "Port " + port + " on " + host + " is taken by another program; " + remedy(name);
  }

  private static String remedy(String name) {
    return "choose another with " + Settings.variable(name) + "=PORT in the environment, or with --set " + name + "=PORT.";
  }
}
