package com.fxplatform.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/** The headers of every answer (wire-contract 3.2). */
final class SecurityHeaders {
  static final Map<String, String> STANDARD = Map.of(
      "X-Frame-Options", "DENY",
      "X-Content-Type-Options", "nosniff",
      "X-XSS-Protection", "1; mode=block",
      "Referrer-Policy", "strict-origin-when-cross-origin",
      "Permissions-Policy", "camera=(), microphone=(), geolocation=()");

  private SecurityHeaders() {}

  static void write(HttpServletRequest request, HttpServletResponse response, boolean secure, String limit, String window) {
    STANDARD.forEach(response::setHeader);
    if (secure) {
      response.setHeader("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload");
    }
    String path = request.getRequestURI();
    if (path.startsWith("/api/") || path.equals("/api")) {
      response.setHeader("Cache-Control", "no-store, must-revalidate");
      if (!path.startsWith("/api/auth/")) {
        response.setHeader("X-RateLimit-Limit", limit);
        response.setHeader("X-RateLimit-Window", window);
      }
    } else {
      response.setHeader(
          "Content-Security-Policy",
          "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
              + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    }
  }
}
