package com.fxplatform.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Which database: a JDBC address without credentials, and the credentials. Read from what the operator wrote, in the
 * form of the predecessor's {@code DATABASE_URL} ({@code postgres://user:password@host/db}) or in JDBC's.
 */
record Target(String url, String user, String password) {
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final String H2 = "jdbc:h2:";
  /** What was acknowledged is in the file's hands before the answer leaves. */
  private static final String AT_ONCE = ";WRITE_DELAY=0";
  /** What the predecessor's driver calls by another name. */
  private static final Map<String, String> NAMES = Map.of(
      "schema", "currentSchema", "connect_timeout", "connectTimeout", "application_name", "ApplicationName",
      "sslrootcert", "sslrootcert", "socket_timeout", "socketTimeout");

  /** @throws IllegalArgumentException with a sentence that does not repeat the address: it may hold a password */
  static Target of(String written, Path folder) {
    String address = written == null || written.startsWith("$[") ? "" : written.trim();
    if (address.isEmpty()) {
      return embedded(folder);
    }
    if (address.startsWith("postgres://") || address.startsWith("postgresql://")) {
      return postgres(address);
    }
    if (address.startsWith(POSTGRESQL)) {
      return jdbcPostgres(address);
    }
    if (address.startsWith(H2)) {
      return h2(address);
    }
    throw new IllegalArgumentException(
        "DATABASE_URL must begin with postgres://, postgresql://, jdbc:postgresql: or jdbc:h2:, or be empty for the embedded database");
  }

  boolean postgresql() {
    return url.startsWith(POSTGRESQL);
  }

  /** For log lines. */
  String name() {
    int query = url.indexOf(postgresql() ? '?' : ';');
    return query < 0 ? url : url.substring(0, query);
  }

  DataSource open() {
    if (!postgresql()) {
      JdbcDataSource h2 = new JdbcDataSource();
      h2.setURL(url);
      h2.setUser(user);
      h2.setPassword(password);
      return h2;
    }
    PGSimpleDataSource postgres = new PGSimpleDataSource();
    postgres.setURL(url);
    postgres.setUser(user);
    postgres.setPassword(password);
    try {
      setIfAbsent(postgres, PGProperty.CONNECT_TIMEOUT, "3");
      // a database that hangs is one that is away
      setIfAbsent(postgres, PGProperty.SOCKET_TIMEOUT, "10");
      setIfAbsent(postgres, PGProperty.TCP_KEEP_ALIVE, "true");
      setIfAbsent(postgres, PGProperty.APPLICATION_NAME, "fxplatform");
    } catch (SQLException impossible) {
      throw new IllegalStateException("The PostgreSQL driver does not know its own properties", impossible);
    }
    return postgres;
  }

  private void setIfAbsent(PGSimpleDataSource postgres, PGProperty property, String value) throws SQLException {
    if (!url.contains(property.getName() + "=")) {
      postgres.setProperty(property, value);
    }
  }

  private static Target embedded(Path folder) {
    // QUERY_CACHE_SIZE: all our statements, for each connection; eight, the default, are compiled again and again
    return new Target(H2 + "file:" + folder.toAbsolutePath().resolve("fxplatform")
        + AT_ONCE + ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=5000;TRACE_LEVEL_FILE=0;QUERY_CACHE_SIZE=100", "fx", "");
  }

  private static Target postgres(String address) {
    URI uri;
    try {
      uri = new URI(address);
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException(
          "DATABASE_URL is no URL: it looks like postgres://user:password@host:5432/database; "
              + "characters like @ : / # ? in the password are written as %40 %3A %2F %23 %3F");
    }
    if (uri.getHost() == null || uri.getRawPath() == null || uri.getRawPath().length() < 2) {
      throw new IllegalArgumentException("DATABASE_URL names no host or no database: it looks like postgres://user:password@host:5432/database");
    }
    String[] who = (uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo()).split(":", 2);
    Map<String, String> options = options(uri.getRawQuery());
    return new Target(
        POSTGRESQL + "//" + uri.getHost() + ":" + (uri.getPort() < 0 ? 5432 : uri.getPort()) + uri.getRawPath() + query(options),
        decoded(who[0]), who.length > 1 ? decoded(who[1]) : options.getOrDefault("password", ""));
  }

  private static Target jdbcPostgres(String address) {
    int question = address.indexOf('?');
    Map<String, String> options = options(question < 0 ? null : address.substring(question + 1));
    String base = question < 0 ? address : address.substring(0, question);
    return new Target(base + query(options), options.getOrDefault("user", ""), options.getOrDefault("password", ""));
  }

  private static Target h2(String address) {
    StringBuilder url = new StringBuilder();
    String user = "";
    String password = "";
    for (String part : address.split(";")) {
      String upper = part.toUpperCase(Locale.ROOT);
      if (upper.startsWith("USER=")) {
        user = part.substring(5);
      } else if (upper.startsWith("PASSWORD=")) {
        password = part.substring(9);
      } else {
        url.append(url.isEmpty() ? "" : ";").append(part);
      }
    }
    if (!address.toUpperCase(Locale.ROOT).contains("WRITE_DELAY")) {
      url.append(AT_ONCE);
    }
    return new Target(url.toString(), user, password);
  }

  private static Map<String, String> options(String query) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String pair : (query == null ? "" : query).split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String name = decoded(pair.substring(0, equals));
        String value = decoded(pair.substring(equals + 1));
        if (name.equals("pgbouncer") && value.equals("true")) {
          options.put("prepareThreshold", "0");
        } else {
          options.put(NAMES.getOrDefault(name, name), value);
        }
      }
    }
    return options;
  }

  /** Only what the driver knows: the predecessor's addresses also carry options of its own pool. */
  private static String query(Map<String, String> options) {
    String query = options.entrySet().stream()
        .filter(option -> PGProperty.forName(option.getKey()) != null)
        .filter(option -> !option.getKey().equals("user") && !option.getKey().equals("password"))
        .map(option -> option.getKey() + "=" + URLEncoder.encode(option.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException("DATABASE_URL has a percent sign that is not followed by two hex digits");
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return name();
  }
}
