package com.fxplatform.web;

import com.fxplatform.api.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.util.Locale;
import java.util.Set;

/**
 * Who may call from a browser page of another origin (wire-contract 3.3, with its recommendation): listed origins with
 * cookies; any origin on the two endpoints that executors call from a page, without cookies.
 */
final class CrossOrigin {
  static final String CROSS_SITE = "CROSS_SITE";

  /** Authenticated by headers that no foreign page knows, so any page may call them. */
  private static final Set<String> BY_KEY = Set.of("/api/executor/config", "/api/pusher/auth");

  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private final Set<String> allowed;
  private final boolean any;

  CrossOrigin(Set<String> allowed) {
    this.any = allowed.contains("*");
    this.allowed = allowed;
  }

  void headers(HttpServletRequest request, HttpServletResponse response) {
    String origin = request.getHeader("Origin");
    if (BY_KEY.contains(request.getRequestURI())) {
      response.setHeader("Access-Control-Allow-Origin", "*");
      return;
    }
    if (origin == null || !request.getRequestURI().startsWith("/api/")) {
      return;
    }
    response.addHeader("Vary", "Origin");
    if (allowed.contains(origin)) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Allow-Credentials", "true");
    } else if (any) {
      // a wildcard never goes together with cookies
      response.setHeader("Access-Control-Allow-Origin", "*");
    }
  }

  boolean isPreflight(HttpServletRequest request) {
    return "OPTIONS".equals(request.getMethod())
        && request.getHeader("Origin") != null
        && request.getHeader("Access-Control-Request-Method") != null;
  }

  void preflight(HttpServletResponse response) {
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    response.setHeader(
        "Access-Control-Allow-Headers",
        "Content-Type, Authorization, X-API-Key, X-API-Secret, X-Executor-Id, Idempotency-Key, If-None-Match");
    response.setHeader("Access-Control-Max-Age", "3600");
    response.setStatus(200);
  }

  /**
   * Refuses a state change that a foreign page makes with the user's cookies. Calls with key headers or a bearer token
   * prove themselves: no page can forge those.
   */
  void requireSameSite(HttpServletRequest request) {
    if (SAFE.contains(request.getMethod())
        || request.getHeader("Cookie") == null
        || request.getHeader("X-API-Key") != null
        || request.getHeader("Authorization") != null) {
      return;
    }
    String origin = request.getHeader("Origin");
    boolean foreign =
        origin != null
            ? !allowed.contains(origin) && !sameHost(origin, request.getHeader("Host"))
            : "cross-site".equals(request.getHeader("Sec-Fetch-Site"));
    if (foreign) {
      throw new Refusal(403, CROSS_SITE, "This request came from a page of another site and was refused");
    }
  }

  private static boolean sameHost(String origin, String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && host != null && authority.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }
}
