package com.fxplatform.launcher;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code --set} said, for this run only.
 *
 * @param settings {@code name=value}
 * @param config {@code pid/key=value}
 */
record Overrides(Map<String, Value> settings, Map<String, Map<String, Value>> config) {
  static final String ORIGIN = "--set";

  static Overrides of(List<String> pairs) {
    Overrides all = new Overrides(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      // never repeat the text: what is malformed may well be a secret
      if (equals <= 0) {
        throw new Misuse("--set wants name=value, for example --set fx.http.port=9000, or pid/key=value for one configuration value.");
      }
      String name = pair.substring(0, equals);
      Value value = new Value(pair.substring(equals + 1), ORIGIN);
      int slash = name.indexOf('/');
      if (slash < 0) {
        all.settings.put(name, value);
      } else if (slash == 0 || slash == name.length() - 1) {
        throw new Misuse("--set " + name + " is neither a setting nor pid/key; write for example --set com.fxplatform.store/url=...");
      } else {
        all.config.computeIfAbsent(name.substring(0, slash), pid -> new LinkedHashMap<>()).put(name.substring(slash + 1), value);
      }
    }
    return all;
  }
}
