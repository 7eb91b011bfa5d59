package com.fxplatform.api.http;

import com.fxplatform.api.Refusal;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One request as an {@link Endpoint} sees it. Used by one thread; the body is read at most once and kept.
 */
@ProviderType
public interface Request {
  /** The body is not JSON, or not a JSON object. */
  String INVALID_JSON = "INVALID_JSON";

  /** The body is neither {@code application/x-www-form-urlencoded} nor {@code multipart/form-data}. */
  String NOT_A_FORM = "NOT_A_FORM";

  /** The body is longer than the front door allows (64 kB by default). */
  String BODY_TOO_LARGE = "BODY_TOO_LARGE";

  String method();

  /** The path as sent, without the query. */
  String path();

  /** The query as sent, without the question mark and not decoded: what a signed request signs. Empty when absent. */
  String rawQuery();

  /**
   * The part of the path that stands for {@code {name}} in the endpoint's route, percent-decoded.
   *
   * @throws IllegalArgumentException if the route has no such name
   */
  String pathValue(String name);

  /** The first value of a query parameter, decoded. */
  Optional<String> query(String name);

  Headers headers();

  /** The value of a cookie. */
  Optional<String> cookie(String name);

  /** All cookies; of two with one name the first wins. */
  Map<String, String> cookies();

  /** The address that limits and audits count by: the peer, or what a trusted proxy says of it. */
  String source();

  /** Whether the caller speaks HTTPS to us, or to a trusted proxy in front of us. */
  boolean secure();

  /**
   * The body's bytes, at most 64 kB.
   *
   * @throws Refusal 413 {@link #BODY_TOO_LARGE}
   */
  byte[] body();

  /**
   * The body as a JSON object: values are {@code String}, {@code Boolean}, {@code Integer}, {@code Long},
   * {@code BigInteger}, {@code BigDecimal}, {@code List}, {@code Map} or {@code null}.
   *
   * @throws Refusal 400 {@link #INVALID_JSON}, 413 {@link #BODY_TOO_LARGE}
   */
  Map<String, Object> json();

  /**
   * The fields of a form body; of two with one name the first wins.
   *
   * @throws Refusal 415 {@link #NOT_A_FORM}, 413 {@link #BODY_TOO_LARGE}
   */
  Map<String, String> form();
}
