package com.fxplatform.launcher;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings in force: the runtime's {@code set} lines, over them the environment, over that {@code --set}. They are
 * the framework's properties, so that {@code $[prop:fx.http.port]} finds them.
 */
final class Settings {
  static final String HTTP_HOST = "fx.http.host";
  static final String HTTP_PORT = "fx.http.port";
  static final String ADMIN_PORT = "fx.admin.port";
  static final String LOG_LEVEL = "fx.log.level";
  static final String JVM_HEAP = "fx.jvm.heap";
  static final String JVM_ARCHIVE = "fx.jvm.archive";
  static final String JVM_OPTIONS = "fx.jvm.options";
  static final String START_PATIENCE = "fx.start.patience";
  static final String TLS_CA = "fx.tls.ca";
  static final String PROXY = "fx.proxy";
  static final String COMMAND = "fx.command";

  private final TreeMap<String, Value> values = new TreeMap<>();

  Settings(RuntimeFile runtime, Map<String, String> environment, Overrides overrides, Home home, Instance instance) {
    values.put(HTTP_HOST, new Value("127.0.0.1", "default"));
    values.put(LOG_LEVEL, new Value("INFO", "default"));
    values.put(JVM_HEAP, new Value("512m", "default"));
    values.put(JVM_ARCHIVE, new Value("on", "default"));
    values.put(JVM_OPTIONS, new Value("", "default"));
    values.put(START_PATIENCE, new Value("30", "default"));
    values.put(TLS_CA, new Value("", "default"));
    values.put(PROXY, new Value("", "default"));
    values.putAll(runtime.settings());
    // only names that exist: FX_ADMIN_PASSWORD is somebody's variable, but not a setting
    for (String name : values.keySet().toArray(String[]::new)) {
      String variable = variable(name);
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        values.put(name, new Value(value, "environment " + variable));
      }
    }
    overrides.settings().forEach((name, value) -> {
      if (!values.containsKey(name)) {
        throw new Trouble("There is no setting " + name + " in " + runtime.name() + "; there are "
            + values.keySet().stream().filter(known -> known.startsWith("fx.")).collect(Collectors.joining(", "))
            + ". A configuration value is set with --set pid/key=value.");
      }
      values.put(name, value);
    });
    fixed("fx.home", home.root().toString());
    fixed("fx.instance", instance.root().toString());
    fixed("fx.data", instance.data().toString());
    fixed("fx.runtime", runtime.name());
    fixed("fx.version", Home.version());
  }

  /** {@code fx.http.port} is overridden by {@code FX_HTTP_PORT}. */
  static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private void fixed(String name, String value) {
    values.put(name, new Value(value, "launcher"));
  }

  /** A value decided at start, for example a port that the system chose. */
  void decide(String name, String value, String origin) {
    values.put(name, new Value(value, origin));
  }

  String get(String name) {
    Value value = values.get(name);
    return value == null ? "" : value.text();
  }

  /** How long a runtime may take to live, in seconds. */
  int startPatience() {
    String text = get(START_PATIENCE);
    if (!text.matches("[0-9]{1,5}")) {
      throw new Trouble(START_PATIENCE + "=" + text + " is no number of seconds; write for example 30.");
    }
    return Integer.parseInt(text);
  }

  Map<String, Value> all() {
    return values;
  }

  Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((name, value) -> texts.put(name, value.text()));
    return texts;
  }
}
