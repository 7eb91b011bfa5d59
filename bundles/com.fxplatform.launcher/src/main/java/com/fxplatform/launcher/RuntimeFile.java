package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code .runtime} file with everything it includes: what runs, with which settings and configuration.
 *
 * @param name the file's name without suffix
 * @param bundles symbolic name to the line that asks for it, in the order of the lines
 * @param config PID to key to value; of two lines the later wins
 * @param settings name to value; of two lines the later wins
 */
record RuntimeFile(
    String name, Map<String, String> bundles, Map<String, Map<String, Value>> config, Map<String, Value> settings) {
  static final String SUFFIX = ".runtime";

  /**
   * Reads a runtime.
   *
   * @param folders where runtime files lie; the first that has the name wins
   * @throws Trouble naming file and line
   */
  static RuntimeFile read(String name, List<Path> folders) {
    RuntimeFile into = new RuntimeFile(name, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    new Reading(folders, into).include(name, null);
    return into;
  }

  /** The file of a runtime and all that it includes, itself first. */
  static List<Path> files(String name, List<Path> folders) {
    Reading reading = new Reading(folders, new RuntimeFile(name, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>()));
    reading.include(name, null);
    return reading.done.stream().map(included -> file(included, folders).orElseThrow()).toList();
  }

  static Optional<Path> file(String name, List<Path> folders) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      return Optional.empty();
    }
    return folders.stream().map(folder -> folder.resolve(name + SUFFIX)).filter(Files::isRegularFile).findFirst();
  }

  /** A file and line as a person names them. */
  static String place(Path file, int line) {
    return file.getParent().getFileName() + "/" + file.getFileName() + (line > 0 ? ":" + line : "");
  }

  private static final class Reading {
    private final List<Path> folders;
    private final RuntimeFile into;
    private final Deque<String> open = new ArrayDeque<>();
    private final Set<String> done = new LinkedHashSet<>();

    Reading(List<Path> folders, RuntimeFile into) {
      this.folders = folders;
      this.into = into;
    }

    void include(String name, String from) {
      if (open.contains(name)) {
        throw new Trouble(from + ": " + name + " includes itself (" + String.join(" < ", open) + "); take one of the lines out.");
      }
      if (!done.add(name)) {
        return;
      }
      Path file = file(name, folders).orElseThrow(() -> new Trouble((from == null ? "" : from + ": ")
          + "There is no runtime " + name + "; there are " + String.join(", ", Home.runtimesIn(folders)) + "."));
      open.push(name);
      List<String> lines;
      try {
        lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new Trouble(place(file, 0) + " cannot be read (" + e.getMessage() + "); it must be UTF-8 text and readable by you.");
      }
      for (int i = 0; i < lines.size(); i++) {
        line(lines.get(i), place(file, i + 1));
      }
      open.pop();
    }

    private void line(String line, String place) {
      List<String> words = words(line, place);
      if (words.isEmpty()) {
        return;
      }
      String verb = words.get(0);
      List<String> rest = words.subList(1, words.size());
      switch (verb) {
        case "include" -> include(one(rest, place, "include", "the name of a runtime"), place);
        case "bundle" -> into.bundles.put(one(rest, place, "bundle", "a symbolic name"), place);
        case "config" -> {
          if (rest.isEmpty() || rest.get(0).contains("=")) {
            throw new Trouble(place + ": `config` wants a PID and then key=value, for example `config com.acme.risk limit=5`.");
          }
          Map<String, Value> values = into.config.computeIfAbsent(rest.get(0), pid -> new LinkedHashMap<>());
          rest.subList(1, rest.size()).forEach(pair -> pair(pair, place, "config", values));
        }
        case "set" -> {
          if (rest.isEmpty()) {
            throw new Trouble(place + ": `set` wants name=value, for example `set fx.http.port=8080`.");
          }
          rest.forEach(pair -> pair(pair, place, "set", into.settings));
        }
        default -> throw new Trouble(
            place + ": `" + verb + "` is no verb; a line begins with include, bundle, config or set, and a comment with #.");
      }
    }

    private static String one(List<String> rest, String place, String verb, String what) {
      if (rest.size() != 1 || rest.get(0).contains("=")) {
        throw new Trouble(place + ": `" + verb + "` wants " + what + " and nothing else.");
      }
      return rest.get(0);
    }

    private static void pair(String pair, String place, String verb, Map<String, Value> into) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new Trouble(place + ": `" + pair + "` is no key=value; write `" + verb
            + " ... key=value`, without blanks around the =, and in quotes if the value has blanks.");
      }
      into.put(pair.substring(0, equals), new Value(pair.substring(equals + 1), place));
    }
  }

  /** Words between blanks; quotes hold blanks together and vanish; a word that begins with # ends the line. */
  static List<String> words(String line, String place) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted) {
        if (c == '\\' && i + 1 < line.length() && (line.charAt(i + 1) == '"' || line.charAt(i + 1) == '\\')) {
          word.append(line.charAt(++i));
        } else if (c == '"') {
          quoted = false;
        } else {
          word.append(c);
        }
      } else if (c == '"') {
        quoted = true;
        inWord = true;
      } else if (Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else if (c == '#' && !inWord) {
        break;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quoted) {
      throw new Trouble(place + ": a quote is opened and never closed; end the value with \".");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
