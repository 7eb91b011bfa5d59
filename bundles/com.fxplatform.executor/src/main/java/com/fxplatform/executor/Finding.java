package com.fxplatform.executor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One link as it was measured.
 *
 * @param link its name for a person
 * @param state see there
 * @param detail what was measured, one sentence
 * @param remedy what to do, one sentence; empty if there is nothing to do
 */
record Finding(String link, State state, String detail, String remedy) {
  /** How it went. */
  enum State {
    OK,
    FAIL,
    /** It cannot be measured, and that is said rather than assumed. */
    UNKNOWN,
    /** Something it depends on failed. */
    SKIPPED
  }

  static Finding ok(String link, String detail) {
    return new Finding(link, State.OK, detail, "");
  }

  static Finding fail(String link, String detail, String remedy) {
    return new Finding(link, State.FAIL, detail, remedy);
  }

  static Finding unknown(String link, String detail, String remedy) {
    return new Finding(link, State.UNKNOWN, detail, remedy);
  }

  static Finding skipped(String link, String because) {
    return new Finding(link, State.SKIPPED, "Not measured: " + because, "");
  }

  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("link", link);
    members.put("state", state.name().toLowerCase(java.util.Locale.ROOT));
    members.put("detail", detail);
    members.put("remedy", remedy);
    return members;
  }
}
