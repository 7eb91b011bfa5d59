package com.fxplatform.launcher;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values as a person may see them: placeholders resolved, secrets as dots. */
final class Shown {
  static final String DOTS = "......";

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\[(env|prop|secret):([^\\];]+)((?:;[^\\]]*)?)\\]");
  private static final Pattern DEFAULT = Pattern.compile(";default=([^;\\]]*)");
  private static final Pattern SECRET = Pattern.compile("secret|password|passwd|token|hash|credential", Pattern.CASE_INSENSITIVE);
  private static final Pattern IN_URL = Pattern.compile("(://[^:/@?\\s]*:)[^@/\\s]+@|((?i:password|secret|token|user_?pass)=)[^&;\\s]+");

  private final Map<String, String> environment;
  private final Map<String, String> settings;

  Shown(Map<String, String> environment, Map<String, String> settings) {
    this.environment = environment;
    this.settings = settings;
  }

  static boolean secret(String key) {
    return key.startsWith(".") || SECRET.matcher(key).find();
  }

  String value(String key, Value value) {
    String resolved = resolve(value.text());
    if (resolved.startsWith("$[")) {
      Matcher missing = PLACEHOLDER.matcher(resolved);
      return missing.find() ? "(missing: " + what(missing) + ")" : resolved;
    }
    if (resolved.isEmpty()) {
      return "(empty)";
    }
    return secret(key) ? DOTS : IN_URL.matcher(resolved).replaceAll(hit ->
        hit.group(1) != null ? Matcher.quoteReplacement(hit.group(1) + DOTS + "@") : Matcher.quoteReplacement(hit.group(2) + DOTS));
  }

  /** Where it comes from, with the placeholder that stands there. */
  String origin(Value value) {
    Matcher placeholder = PLACEHOLDER.matcher(value.text());
    return placeholder.find() ? value.origin() + ", " + what(placeholder) : value.origin();
  }

  private static String what(Matcher placeholder) {
    return switch (placeholder.group(1)) {
      case "env" -> "environment variable " + placeholder.group(2);
      case "secret" -> "secrets/" + placeholder.group(2);
      default -> "setting " + placeholder.group(2);
    };
  }

  /** The text with every placeholder that has a value replaced; one without stays as it is, as in the framework. */
  String resolve(String text) {
    return PLACEHOLDER.matcher(text).replaceAll(hit -> {
      String name = hit.group(2);
      String found = switch (hit.group(1).toLowerCase(Locale.ROOT)) {
        case "env" -> environment.get(name);
        case "prop" -> settings.get(name);
        default -> DOTS;
      };
      if (found == null) {
        Matcher fallback = DEFAULT.matcher(hit.group(3));
        found = fallback.find() ? fallback.group(1) : hit.group();
      }
      return Matcher.quoteReplacement(found);
    });
  }
}
