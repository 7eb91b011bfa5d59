package com.fxplatform.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;

/** Where Redis is, and how one signs in: {@code redis://[user:password@]host[:port][/database]}, {@code rediss://} with TLS. */
final class RedisAddress {
  private static final int PORT = 6379;

  private final HostAndPort place;
  private final String user;
  private final String password;
  private final int database;
  private final boolean tls;

  private RedisAddress(HostAndPort place, String user, String password, int database, boolean tls) {
    this.place = place;
    this.user = user;
    this.password = password;
    this.database = database;
    this.tls = tls;
  }

  /** @throws IllegalArgumentException with a sentence that does not repeat the address: it may hold a password */
  static RedisAddress of(String written) {
    URI uri;
    try {
      uri = new URI(written.trim());
    } catch (URISyntaxException malformed) {
      throw wrong();
    }
    if (!("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme())) || uri.getHost() == null) {
      throw wrong();
    }
    String[] login = uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
    String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
    if (!path.matches("[0-9]{0,4}")) {
      throw wrong();
    }
    return new RedisAddress(new HostAndPort(uri.getHost(), uri.getPort() < 0 ? PORT : uri.getPort()),
        login.length > 1 ? decoded(login[0]) : "", login.length == 0 ? "" : decoded(login[login.length - 1]),
        path.isEmpty() ? 0 : Integer.parseInt(path), "rediss".equals(uri.getScheme()));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException wrong() {
    return new IllegalArgumentException(
        "REDIS_URL must have the form redis://[user:password@]host[:port][/database], or rediss:// for TLS");
  }

  HostAndPort place() {
    return place;
  }

  /**
   * @param patience for connecting and for each answer, ms
   * @param silence how long a subscription may hear nothing before it counts as broken, ms
   */
  JedisClientConfig client(int patience, int silence) {
    DefaultJedisClientConfig.Builder client = DefaultJedisClientConfig.builder()
        .connectionTimeoutMillis(patience).socketTimeoutMillis(patience).blockingSocketTimeoutMillis(silence)
        .database(database).ssl(tls).autoNegotiateProtocol(false);
    if (tls) {
      SSLParameters checked = new SSLParameters();
      checked.setEndpointIdentificationAlgorithm("HTTPS");
      client.sslParameters(checked);
    }
    if (!user.isEmpty()) {
      client.user(user);
    }
    if (!password.isEmpty()) {
      client.password(password);
    }
    return client.build();
  }

  Jedis connect(int patience, int silence) {
    Jedis jedis = new Jedis(place, client(patience, silence));
    try {
      jedis.connect();
      return jedis;
    } catch (RuntimeException refused) {
      jedis.close();
      throw refused;
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return place.toString();
  }
}
