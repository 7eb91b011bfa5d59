package com.fxplatform.itests.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A manifest header of the OSGi kind: clauses separated by commas, each with names and parameters. */
final class Header {
  /** One name of a clause with the clause's attributes ({@code version}) and directives ({@code resolution:}). */
  record Clause(String name, Map<String, String> parameters) {}

  private Header() {}

  static List<Clause> parse(String text) {
    List<Clause> clauses = new ArrayList<>();
    for (String clause : split(text, ',')) {
      List<String> names = new ArrayList<>();
      Map<String, String> parameters = new LinkedHashMap<>();
      for (String part : split(clause, ';')) {
        int equals = part.indexOf('=');
        if (equals < 0) {
          names.add(part);
        } else {
          // "version:Version=1" is typed, "resolution:=optional" is a directive and keeps its colon
          String key = part.substring(0, equals).trim();
          int type = key.indexOf(':');
          parameters.put(type < 0 || type == key.length() - 1 ? key : key.substring(0, type),
              part.substring(equals + 1).trim().replaceAll("^\"|\"$", ""));
        }
      }
      names.forEach(name -> clauses.add(new Clause(name, parameters)));
    }
    return clauses;
  }

  private static List<String> split(String text, char at) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == at && !quoted) {
        String part = text.substring(from, i).trim();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        from = i + 1;
      } else if (text.charAt(i) == '"') {
        quoted = !quoted;
      }
    }
    return parts;
  }
}
