package com.fxplatform.paper;

/**
 * A request as the Expert Advisor reads it: by searching substrings, never as JSON. Every oddity is wanted (zmq-bridge 1):
 * no blank after a colon, no unescaping, the first occurrence of a key wins wherever it stands.
 */
public record RequestText(String text) {
  /** Whether the text {@code "command":"NAME"} occurs anywhere, nested or not. */
  public boolean commands(String name) {
    return text.contains("\"command\":\"" + name + "\"");
  }

  /** What stands between {@code "key":"} and the next quote; empty if there is no such thing. */
  public String string(String key) {
    String opening = "\"" + key + "\":\"";
    int at = text.indexOf(opening);
    if (at < 0) {
      return "";
    }
    int from = at + opening.length();
    int to = text.indexOf('"', from);
    return to < 0 ? "" : text.substring(from, to);
  }

  /** What stands between {@code "key":} and the next comma, brace, bracket or blank, as MQL's StringToDouble reads it; else 0. */
  public double number(String key) {
    String opening = "\"" + key + "\":";
    int at = text.indexOf(opening);
    if (at < 0) {
      return 0;
    }
    int from = at + opening.length();
    int to = from;
    while (to < text.length() && ",}] ".indexOf(text.charAt(to)) < 0) {
      to++;
    }
    return leadingNumber(text.substring(from, to));
  }

  /** The longest number at the start, as C's strtod does; 0 if there is none. */
  static double leadingNumber(String text) {
    int end = 0;
    int digits = 0;
    if (end < text.length() && "+-".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    int whole = digitsFrom(text, end);
    end += whole;
    digits += whole;
    if (end < text.length() && text.charAt(end) == '.') {
      int part = digitsFrom(text, end + 1);
      end += 1 + part;
      digits += part;
    }
    if (digits == 0) {
      return 0;
    }
    if (end < text.length() && "eE".indexOf(text.charAt(end)) >= 0) {
      int sign = end + 1 < text.length() && "+-".indexOf(text.charAt(end + 1)) >= 0 ? 1 : 0;
      int exponent = digitsFrom(text, end + 1 + sign);
      if (exponent > 0) {
        end += 1 + sign + exponent;
      }
    }
    return Double.parseDouble(text.substring(0, end));
  }

  private static int digitsFrom(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }
}
