package com.fxplatform.sessions;

import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.TreeMap;

/** NextAuth's cookies: their names, attributes, chunks and the CSRF pair (wire-contract 4). */
final class SessionCookies {
  /** A longer token is split over cookies of this size. */
  private static final int CHUNK = 3933;
  private static final int MOST_CHUNKS = 10;
  /** RFC 9110 wants two digits for the day, the JDK's RFC_1123_DATE_TIME writes one. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final boolean secure;
  private final String secret;
  private final String session;
  private final String csrf;

  SessionCookies(boolean secure, String secret) {
    this.secure = secure;
    this.secret = secret;
    this.session = (secure ? "__Secure-" : "") + "next-auth.session-token";
    this.csrf = (secure ? "__Host-" : "") + "next-auth.csrf-token";
  }

  Optional<String> token(Request request) {
    Optional<String> bearer = request.headers().first("Authorization")
        .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
        .map(value -> value.substring(7).trim())
        .filter(value -> !value.isEmpty());
    Optional<String> whole = request.cookie(session).filter(value -> !value.isEmpty());
    if (whole.isPresent()) {
      return whole;
    }
    TreeMap<Integer, String> chunks = new TreeMap<>();
    for (Map.Entry<String, String> cookie : request.cookies().entrySet()) {
      if (cookie.getKey().startsWith(session + ".") && cookie.getKey().substring(session.length() + 1).matches("\\d{1,2}")) {
        chunks.put(Integer.parseInt(cookie.getKey().substring(session.length() + 1)), cookie.getValue());
      }
    }
    return chunks.isEmpty() ? bearer : Optional.of(String.join("", chunks.values()));
  }

  /** Whether the browser keeps a session cookie, good or not. */
  boolean sent(Request request) {
    return request.cookies().keySet().stream().anyMatch(name -> name.equals(session) || name.matches(Pattern.quote(session) + "\\.\\d{1,2}"));
  }

  Reply withSession(Reply reply, String token, Instant expires) {
    if (token.length() <= CHUNK) {
      return reply.with("Set-Cookie", cookie(session, token, Optional.of(expires)));
    }
    Reply chunked = reply;
    for (int i = 0; i * CHUNK < token.length() && i < MOST_CHUNKS; i++) {
      String part = token.substring(i * CHUNK, Math.min(token.length(), (i + 1) * CHUNK));
      chunked = chunked.with("Set-Cookie", cookie(session + "." + i, part, Optional.of(expires)));
    }
    return chunked;
  }

  Reply withoutSession(Reply reply, Request request) {
    Reply cleared = reply.with("Set-Cookie", cookie(session, "", Optional.of(Instant.EPOCH)));
    for (String name : request.cookies().keySet()) {
      if (name.matches(Pattern.quote(session) + "\\.\\d{1,2}")) {
        cleared = cleared.with("Set-Cookie", cookie(name, "", Optional.of(Instant.EPOCH)));
      }
    }
    return cleared;
  }

  /** The CSRF token that goes with the request's cookie, if that cookie is ours. */
  Optional<String> csrfToken(Request request) {
    return request.cookie(csrf)
        .flatMap(SessionCookies::decoded)
        .map(value -> value.split("\\|", 2))
        .filter(pair -> pair.length == 2 && same(pair[1], csrfHash(pair[0])))
        .map(pair -> pair[0]);
  }

  /** Empty for what nobody encoded: anything may be in a cookie. */
  private static Optional<String> decoded(String value) {
    try {
      return Optional.of(URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  static String newCsrfToken() {
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  Reply withCsrf(Reply reply, String token) {
    return reply.with("Set-Cookie", cookie(csrf, token + "%7C" + csrfHash(token), Optional.empty()));
  }

  String csrfHash(String token) {
    try {
      return HexFormat.of().formatHex(
          MessageDigest.getInstance("SHA-256").digest((token + secret).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every JDK has SHA-256", impossible);
    }
  }

  static boolean same(String a, String b) {
    return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private String cookie(String name, String value, Optional<Instant> expires) {
    StringBuilder cookie = new StringBuilder(name).append('=').append(value).append("; Path=/; HttpOnly; SameSite=Lax");
    if (secure) {
      cookie.append("; Secure");
    }
    expires.ifPresent(at -> cookie.append("; Expires=")
        .append(DATE.format(at))
        .append(at.equals(Instant.EPOCH) ? "; Max-Age=0" : "; Max-Age=" + Duration.between(Instant.now(), at).toSeconds()));
    return cookie.toString();
  }
}
