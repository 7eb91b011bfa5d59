package com.fxplatform.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A parsed {@code endpoint.route}: {@code GET /api/executor/{id}/command}. */
record Route(String id, String method, List<String> segments) {
  static Route parse(String text) {
    int blank = text.indexOf(' ');
    if (blank < 1 || blank == text.length() - 1 || text.charAt(blank + 1) != '/') {
      throw new IllegalArgumentException("An endpoint's route is METHOD /path, not " + text);
    }
    return new Route(text, text.substring(0, blank), split(text.substring(blank + 1)));
  }

  static List<String> split(String path) {
    List<String> segments = new ArrayList<>();
    int from = 1;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      if (slash < 0) {
        slash = path.length();
      }
      segments.add(path.substring(from, slash));
      from = slash + 1;
    }
    return segments;
  }

  /** The path's variables, or {@code null} if it is not of this route. */
  Map<String, String> match(List<String> path) {
    boolean open = "*".equals(segments.get(segments.size() - 1));
    if (open ? path.size() < segments.size() : path.size() != segments.size()) {
      return null;
    }
    Map<String, String> values = Map.of();
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (open && i == segments.size() - 1) {
        values = put(values, "*", String.join("/", path.subList(i, path.size())));
      } else if (segment.startsWith("{")) {
        if (path.get(i).isEmpty()) {
          return null;
        }
        values = put(values, segment.substring(1, segment.length() - 1), path.get(i));
      } else if (!segment.equals(path.get(i))) {
        return null;
      }
    }
    return values;
  }

  /** Whether it is one path and no other. */
  boolean isLiteral() {
    return segments.stream().noneMatch(segment -> segment.startsWith("{") || "*".equals(segment));
  }

  /** Orders the more exact route first: literal, then variable, then rest, from left to right. */
  static int compareExactness(Route a, Route b) {
    for (int i = 0; i < Math.min(a.segments.size(), b.segments.size()); i++) {
      int order = rank(a.segments.get(i)) - rank(b.segments.get(i));
      if (order != 0) {
        return order;
      }
    }
    return b.segments.size() - a.segments.size();
  }

  /** Whether both speak of the same paths, whatever they call the variables. */
  boolean sameShape(Route other) {
    if (segments.size() != other.segments.size()) {
      return false;
    }
    for (int i = 0; i < segments.size(); i++) {
      String mine = segments.get(i);
      String others = other.segments.get(i);
      if (!mine.equals(others) && !(mine.startsWith("{") && others.startsWith("{"))) {
        return false;
      }
    }
    return true;
  }

  private static int rank(String segment) {
    return "*".equals(segment) ? 2 : segment.startsWith("{") ? 1 : 0;
  }

  private static Map<String, String> put(Map<String, String> values, String name, String raw) {
    Map<String, String> more = values.isEmpty() ? new TreeMap<>() : values;
    String decoded;
    try {
      decoded = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      decoded = raw;
    }
    more.put(name, decoded);
    return more;
  }
}
