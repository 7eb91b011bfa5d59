package com.fxplatform.setup;

import com.fxplatform.api.vault.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The executor's settings file: our lines are replaced, the owner's stay as they are. */
final class SettingsFile {
  private final Path file;

  SettingsFile(Path instance) {
    file = instance.resolve("config").resolve("com.fxplatform.executor.cfg");
  }

  Path path() {
    return file;
  }

  void set(Map<String, String> values) throws IOException {
    Map<String, String> missing = new LinkedHashMap<>(values);
    List<String> lines = new ArrayList<>();
    List<String> before = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
    boolean dropping = false;
    for (String line : before) {
      if (dropping) {
        dropping = line.endsWith("\\");
        continue;
      }
      String key = key(line);
      if (!values.containsKey(key)) {
        lines.add(line);
        continue;
      }
      dropping = line.endsWith("\\");
      if (missing.containsKey(key)) {
        lines.add(key + "=" + missing.remove(key));
      }
    }
    missing.forEach((key, value) -> lines.add(key + "=" + value));
    PrivateFile.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String key(String line) {
    String text = line.strip();
    if (text.startsWith("#") || text.startsWith("!")) {
      return "";
    }
    int end = 0;
    while (end < text.length() && "=: \t".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(0, end);
  }
}
