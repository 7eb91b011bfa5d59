package com.fxplatform.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The little JSON that the command line needs: run files and the back door's answers. No library, because each jar on
 * the class path costs every {@code fx} call some milliseconds.
 */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** @throws IllegalArgumentException if it is no JSON */
  static Object parse(String text) {
    Json json = new Json(text);
    Object value = json.value(0);
    json.blanks();
    if (json.at != text.length()) {
      throw json.wrong();
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  static List<Map<String, Object>> objects(Object value) {
    return value instanceof List<?> list ? list.stream().map(Json::object).toList() : List.of();
  }

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      String comma = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(comma);
        write(entry.getKey().toString(), out);
        out.append(':');
        write(entry.getValue(), out);
        comma = ",";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Iterable<?> list) {
      String comma = "";
      out.append('[');
      for (Object element : list) {
        out.append(comma);
        write(element, out);
        comma = ",";
      }
      out.append(']');
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else {
      out.append('"');
      for (char c : value.toString().toCharArray()) {
        if (c == '"' || c == '\\') {
          out.append('\\').append(c);
        } else if (c < 0x20 || c > 0x7e) {
          out.append(String.format("\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
      out.append('"');
    }
  }

  private Object value(int depth) {
    if (depth > 64) {
      throw wrong();
    }
    blanks();
    char c = at < text.length() ? text.charAt(at) : 0;
    switch (c) {
      case '{' -> {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        if (!next('}')) {
          do {
            blanks();
            String key = string();
            expect(':');
            map.put(key, value(depth + 1));
          } while (next(','));
          expect('}');
        }
        return map;
      }
      case '[' -> {
        List<Object> list = new ArrayList<>();
        at++;
        if (!next(']')) {
          do {
            list.add(value(depth + 1));
          } while (next(','));
          expect(']');
        }
        return list;
      }
      case '"' -> {
        return string();
      }
      default -> {
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
          at++;
        }
        String word = text.substring(from, at);
        return switch (word) {
          case "true" -> Boolean.TRUE;
          case "false" -> Boolean.FALSE;
          case "null" -> null;
          default -> number(word);
        };
      }
    }
  }

  private Number number(String word) {
    try {
      return word.matches("-?[0-9]{1,18}") ? (Number) Long.valueOf(word) : (Number) Double.valueOf(word);
    } catch (NumberFormatException e) {
      throw wrong();
    }
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = at < text.length() ? text.charAt(at++) : 0;
      switch (escaped) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'u' -> {
          if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
            throw wrong();
          }
          out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
          at += 4;
        }
        default -> out.append(escaped);
      }
    }
    throw wrong();
  }

  private boolean next(char c) {
    blanks();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!next(c)) {
      throw wrong();
    }
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("No JSON at character " + at);
  }
}
