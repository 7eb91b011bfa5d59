package com.fxplatform.api.executor;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** The address of a platform server, checked once: HTTPS except to this machine itself, sub-paths kept. */
public final class PlatformUrl {
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[(::|0:0:0:0:0:0:0:)1\\]");

  private final String base;
  private final String host;

  private PlatformUrl(String base, String host) {
    this.base = base;
    this.host = host;
  }

  /**
   * Reads what a person typed.
   *
   * @throws IllegalArgumentException with a sentence for that person
   */
  public static PlatformUrl parse(String typed) {
    String text = typed.strip();
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException nonsense) {
      throw new IllegalArgumentException("The platform's address is no URL: it looks like https://fx.example.com.");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("https") || scheme.equals("http")) || uri.getHost() == null) {
      throw new IllegalArgumentException("The platform's address must begin with https://, for example https://fx.example.com.");
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("The platform's address has no user name, no ? and no #: only https://host/path.");
    }
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    if (scheme.equals("http") && !LOOPBACK.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "http:// would send your API secret readable through the network: use https://" + host + " instead.");
    }
    String path = uri.normalize().getRawPath().replaceAll("/+$", "");
    return new PlatformUrl(scheme + "://" + host + (uri.getPort() < 0 ? "" : ":" + uri.getPort()) + path, host);
  }

  /** The address of one path of the server, {@code /api/...}. */
  public URI resolve(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("A path begins with /");
    }
    return URI.create(base + path);
  }

  public String host() {
    return host;
  }

  /** Whether this machine itself is meant. */
  public static boolean loopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  @Override
  public String toString() {
    return base;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PlatformUrl url && url.base.equals(base);
  }

  @Override
  public int hashCode() {
    return base.hashCode();
  }
}
