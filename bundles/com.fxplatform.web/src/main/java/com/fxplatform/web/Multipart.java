package com.fxplatform.web;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text fields of a {@code multipart/form-data} body (RFC 7578) that is already in memory, bounded in size and time like any other. */
final class Multipart {
  private static final Pattern BOUNDARY = Pattern.compile(";\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME = Pattern.compile("(?im)^content-disposition:\\s*form-data\\s*;[^\\r\\n]*?\\bname=(?:\"([^\"\\r\\n]*)\"|([^\\s;]+))");
  private static final int MOST = 100;

  private Multipart() {}

  /** Empty if it is none; of two fields with one name the first counts. */
  static Optional<Map<String, String>> fields(String contentType, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      return Optional.empty();
    }
    String delimiter = "\r\n--" + (boundary.group(1) != null ? boundary.group(1) : boundary.group(2));
    // one char per byte, so that nothing is lost between the delimiters
    String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
    Map<String, String> fields = new LinkedHashMap<>();
    int at = text.indexOf(delimiter);
    for (int parts = 0; at >= 0 && parts <= MOST; parts++) {
      int start = at + delimiter.length();
      if (text.startsWith("--", start)) {
        return Optional.of(fields);
      }
      int head = text.indexOf("\r\n\r\n", start);
      at = text.indexOf(delimiter, start);
      if (head < 0 || at < 0 || head > at) {
        return Optional.empty();
      }
      Matcher name = NAME.matcher(text.substring(start, head));
      if (!name.find()) {
        return Optional.empty();
      }
      fields.putIfAbsent(utf8(name.group(1) != null ? name.group(1) : name.group(2)), utf8(text.substring(Math.min(head + 4, at), at)));
    }
    return Optional.empty();
  }

  private static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
