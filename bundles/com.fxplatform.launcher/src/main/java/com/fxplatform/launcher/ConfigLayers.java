package com.fxplatform.launcher;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The configuration in force, layer over layer: the runtime's {@code config} lines, {@code config/<pid>.cfg} of the tree,
 * the same of the instance, {@code --set}. Each value knows who said it. Not thread-safe.
 */
final class ConfigLayers {
  private static final String SUFFIX = ".cfg";

  private final RuntimeFile runtime;
  private final List<Path> folders;
  private final Overrides overrides;
  // what each file last said in readable form, so that a slip of the pen changes nothing
  private final Map<Path, Known> known = new TreeMap<>();
  private Map<Path, String> seen = Map.of();
  private Map<Path, String> taken = Map.of();

  private record Known(String stamp, Map<String, Value> values) {}

  /** @param folders the tree's {@code config} first, then the instance's; one and the same counts once */
  ConfigLayers(RuntimeFile runtime, List<Path> folders, Overrides overrides) {
    this.runtime = runtime;
    this.folders = folders.stream().distinct().toList();
    this.overrides = overrides;
  }

  /**
   * The configuration in force now.
   *
   * @param complain is told about each file that cannot be read; its former values stay
   * @return PID to key to value
   */
  Map<String, Map<String, Value>> read(Consumer<String> complain) {
    Map<String, Map<String, Value>> all = new TreeMap<>();
    runtime.config().forEach((pid, values) -> all.put(pid, new TreeMap<>(values)));
    Map<Path, String> stamps = stamps();
    known.keySet().retainAll(stamps.keySet());
    stamps.forEach((file, stamp) -> {
      Known before = known.get(file);
      if (before == null || !before.stamp.equals(stamp)) {
        Map<String, Value> values = before == null ? null : before.values;
        try {
          values = parse(file);
        } catch (Trouble unreadable) {
          complain.accept(unreadable.getMessage());
        }
        known.put(file, new Known(stamp, values));
      }
      Map<String, Value> values = known.get(file).values;
      if (values != null) {
        String name = file.getFileName().toString();
        all.computeIfAbsent(name.substring(0, name.length() - SUFFIX.length()), pid -> new TreeMap<>()).putAll(values);
      }
    });
    overrides.config().forEach((pid, values) -> all.computeIfAbsent(pid, p -> new TreeMap<>()).putAll(values));
    taken = stamps;
    seen = stamps;
    return all;
  }

  /** Whether the files differ from what was read, and have stood still since the last look: no half-saved file is read. */
  boolean settledChange() {
    Map<Path, String> now = stamps();
    boolean still = now.equals(seen);
    seen = now;
    return still && !now.equals(taken);
  }

  private Map<Path, String> stamps() {
    Map<Path, String> stamps = new LinkedHashMap<>();
    for (Path folder : folders) {
      for (Path file : Home.list(folder)) {
        String name = file.getFileName().toString();
        // hidden ones are what editors keep while they save
        if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
          try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            stamps.put(file, is.size() + "@" + is.lastModifiedTime().toInstant() + "#" + is.fileKey());
          } catch (IOException gone) {
            // deleted between the listing and the look
          }
        }
      }
    }
    return stamps;
  }

  /** Lines of {@code key = value}; a value is taken as it stands, so that a Windows path needs no doubling. */
  static Map<String, Value> parse(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException binary) {
      throw new Trouble(RuntimeFile.place(file, 0) + " is no UTF-8 text; save it as UTF-8.");
    } catch (IOException e) {
      throw new Trouble(RuntimeFile.place(file, 0) + " cannot be read (" + e.getMessage() + "); check its permissions.");
    }
    Map<String, Value> values = new LinkedHashMap<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (i == 0 && line.startsWith("\uFEFF")) {
        line = line.substring(1).strip();
      }
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String key = equals < 0 ? "" : line.substring(0, equals).strip();
      if (!key.matches("[A-Za-z0-9._~-]+")) {
        wrong.add(RuntimeFile.place(file, i + 1) + ": the line is no `key = value`; mend it, or begin it with # to make it a comment.");
        continue;
      }
      String value = line.substring(equals + 1).strip();
      if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
        value = value.substring(1, value.length() - 1);
      }
      values.put(key, new Value(value, RuntimeFile.place(file, i + 1)));
    }
    if (!wrong.isEmpty()) {
      throw new Trouble(wrong.get(0));
    }
    return values;
  }
}
