package com.fxplatform.web;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Headers;
import com.fxplatform.api.http.Request;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A servlet request as endpoints see it. */
final class ServletRequestView implements Request, Headers {
  private static final Duration BODY_TIME = Duration.ofSeconds(15);
  private static final Duration DRAIN_TIME = Duration.ofSeconds(3);
  private static final long DRAIN_BYTES = 8L << 20;

  private final HttpServletRequest servlet;
  private final Map<String, String> values;
  private final String source;
  private final boolean secure;
  private final int maxBody;
  private byte[] body;
  private Map<String, String> cookies;
  private Map<String, String> query;

  ServletRequestView(HttpServletRequest servlet, Map<String, String> values, String source, boolean secure, int maxBody) {
    this.servlet = servlet;
    this.values = values;
    this.source = source;
    this.secure = secure;
    this.maxBody = maxBody;
  }

  @Override
  public String method() {
    return servlet.getMethod();
  }

  @Override
  public String path() {
    return servlet.getRequestURI();
  }

  @Override
  public String pathValue(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("The route has no {" + name + "}");
    }
    return value;
  }

  @Override
  public String rawQuery() {
    return servlet.getQueryString() == null ? "" : servlet.getQueryString();
  }

  @Override
  public Optional<String> query(String name) {
    if (query == null) {
      query = urlDecoded(rawQuery());
    }
    return Optional.ofNullable(query.get(name));
  }

  @Override
  public Headers headers() {
    return this;
  }

  @Override
  public Optional<String> first(String name) {
    return Optional.ofNullable(servlet.getHeader(name));
  }

  @Override
  public Optional<String> cookie(String name) {
    return Optional.ofNullable(cookies().get(name));
  }

  @Override
  public Map<String, String> cookies() {
    if (cookies == null) {
      Map<String, String> all = new LinkedHashMap<>();
      Cookie[] sent = servlet.getCookies();
      if (sent != null) {
        for (Cookie cookie : sent) {
          all.putIfAbsent(cookie.getName(), cookie.getValue());
        }
      }
      cookies = all;
    }
    return cookies;
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public boolean secure() {
    return secure;
  }

  @Override
  public byte[] body() {
    if (body == null) {
      if (servlet.getContentLengthLong() > maxBody) {
        throw tooLarge();
      }
      try {
        body = read();
      } catch (IOException broken) {
        throw new Refusal(400, "BODY_INCOMPLETE", "The request body did not arrive completely");
      }
    }
    return body;
  }

  /** Whoever sends a byte now and then keeps a thread no longer than this. */
  private byte[] read() throws IOException {
    long end = System.nanoTime() + BODY_TIME.toNanos();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[8192];
    InputStream in = servlet.getInputStream();
    for (int count = in.read(some); count >= 0; count = in.read(some)) {
      all.write(some, 0, count);
      if (all.size() > maxBody) {
        throw tooLarge();
      }
      if (System.nanoTime() > end) {
        throw new Refusal(408, "BODY_TOO_SLOW", "The request body did not arrive within " + BODY_TIME.toSeconds() + " seconds");
      }
    }
    return all.toByteArray();
  }

  /**
   * Reads what nobody wanted, within bounds: the connection is closed on a body that was not read, and a client that still writes
   * then, or has just sent its next request, sees a broken pipe instead of an answer.
   */
  static void drain(HttpServletRequest servlet) {
    if (servlet.getContentLengthLong() == 0 || servlet.getContentLengthLong() < 0 && servlet.getHeader("Transfer-Encoding") == null
        || servlet.getHeader("Expect") != null) {
      return;
    }
    long end = System.nanoTime() + DRAIN_TIME.toNanos();
    byte[] some = new byte[16_384];
    try {
      InputStream in = servlet.getInputStream();
      int count = 0;
      for (long all = 0; count >= 0 && all < DRAIN_BYTES && System.nanoTime() < end; all += count) {
        count = in.read(some);
      }
    } catch (IOException | IllegalStateException gone) {
      // it hung up, or its parts were read: nothing is left to read
    }
  }

  @Override
  public Map<String, Object> json() {
    return Json.read(body());
  }

  @Override
  public Map<String, String> form() {
    String sent = first("Content-Type").orElse("");
    String type = sent.toLowerCase(java.util.Locale.ROOT);
    if (type.startsWith("application/x-www-form-urlencoded")) {
      return urlDecoded(new String(body(), StandardCharsets.UTF_8));
    }
    if (type.startsWith("multipart/form-data")) {
      return Multipart.fields(sent, body()).orElseThrow(ServletRequestView::notAForm);
    }
    throw notAForm();
  }

  private static Map<String, String> urlDecoded(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.split("&")) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      try {
        fields.putIfAbsent(URLDecoder.decode(name, StandardCharsets.UTF_8), URLDecoder.decode(value, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException malformed) {
        throw new Refusal(400, "INVALID_ENCODING", "A percent sign in the request is not followed by two hex digits");
      }
    }
    return fields;
  }

  private static Refusal notAForm() {
    return new Refusal(
        415, NOT_A_FORM, "Send the fields as application/x-www-form-urlencoded or multipart/form-data");
  }

  private Refusal tooLarge() {
    return new Refusal(413, BODY_TOO_LARGE, "The request body is larger than " + maxBody + " bytes");
  }
}
