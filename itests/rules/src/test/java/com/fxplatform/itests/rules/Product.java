package com.fxplatform.itests.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tree an operator gets: our jars of {@code bundles/} and the {@code .runtime} files. */
final class Product {
  private final List<Room> rooms;
  private final Map<String, List<String>> runtimes;

  private Product(List<Room> rooms, Map<String, List<String>> runtimes) {
    this.rooms = rooms;
    this.runtimes = runtimes;
  }

  static Product read(Path tree) throws IOException {
    List<Room> rooms = new ArrayList<>();
    try (Stream<Path> jars = Files.list(tree.resolve("bundles"))) {
      jars.filter(jar -> jar.getFileName().toString().matches("com\\.fxplatform\\..*\\.jar")).sorted().map(Room::read)
          .forEach(rooms::add);
    }
    Map<String, List<String>> runtimes = new TreeMap<>();
    try (Stream<Path> files = Files.list(tree.resolve("runtimes"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".runtime")).toList()) {
        runtimes.put(file.getFileName().toString().replace(".runtime", ""), Files.readAllLines(file));
      }
    }
    return new Product(rooms, runtimes);
  }

  List<Room> rooms() {
    return rooms;
  }

  Optional<Room> room(String name) {
    return rooms.stream().filter(room -> room.is(name)).findFirst();
  }

  Set<String> runtimes() {
    return runtimes.keySet();
  }

  /** The lines of a runtime file as they stand, comments too. */
  List<String> lines(String runtime) {
    return runtimes.getOrDefault(runtime, List.of());
  }

  /** A runtime and everything it includes. */
  Set<String> including(String runtime) {
    Set<String> all = new LinkedHashSet<>();
    include(runtime, all);
    return all;
  }

  private void include(String runtime, Set<String> all) {
    if (all.add(runtime)) {
      words(runtime).filter(line -> line[0].equals("include")).forEach(line -> include(line[1], all));
    }
  }

  /** The symbolic names that a runtime starts, with those of its includes. */
  Set<String> bundles(String runtime) {
    Set<String> names = new LinkedHashSet<>();
    for (String one : including(runtime)) {
      words(one).filter(line -> line[0].equals("bundle")).forEach(line -> names.add(line[1]));
    }
    return names;
  }

  /** The statements of one runtime file, cut at blanks. */
  Stream<String[]> words(String runtime) {
    return lines(runtime).stream()
        .map(line -> line.replaceFirst("(^|\\s)#.*$", "").trim())
        .filter(line -> !line.isEmpty())
        .map(line -> line.split("\\s+"))
        .filter(line -> line.length > 1);
  }
}
