package com.fxplatform.web;

import com.fxplatform.api.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;

/** Who is at the other end: the socket's peer, or what a trusted proxy says of it. */
final class Peer {
  static final String HTTPS_REQUIRED = "HTTPS_REQUIRED";

  private final boolean httpsOnly;
  private final Set<String> proxies;

  Peer(boolean httpsOnly, Set<String> proxies) {
    this.httpsOnly = httpsOnly;
    this.proxies = proxies;
  }

  /** The last address that did not come from a trusted proxy: clients may write what they like into the first ones. */
  String source(HttpServletRequest request) {
    String peer = request.getRemoteAddr();
    String forwarded = request.getHeader("X-Forwarded-For");
    if (forwarded == null || !proxies.contains(peer)) {
      return peer;
    }
    String[] hops = forwarded.split(",");
    for (int i = hops.length - 1; i >= 0; i--) {
      String hop = hops[i].trim();
      if (!hop.isEmpty() && hop.length() <= 64 && !proxies.contains(hop)) {
        return hop;
      }
    }
    return peer;
  }

  boolean secure(HttpServletRequest request) {
    return request.isSecure()
        || proxies.contains(request.getRemoteAddr()) && "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"));
  }

  void requireHttps(HttpServletRequest request) {
    if (httpsOnly && !secure(request) && !loopback(request.getRemoteAddr())) {
      throw new Refusal(403, HTTPS_REQUIRED, "This platform is reached over https only");
    }
  }

  private static boolean loopback(String address) {
    return address.startsWith("127.") || "::1".equals(address) || "0:0:0:0:0:0:0:1".equals(address) || "[::1]".equals(address);
  }
}
