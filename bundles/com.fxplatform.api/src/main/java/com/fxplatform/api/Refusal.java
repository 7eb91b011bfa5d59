package com.fxplatform.api;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An expected no: somebody outside asked for what they may not have, or asked wrongly. The front door turns it into
 * the HTTP status with {@code error}, {@code message} and {@code code}, and logs it once at INFO without a stack.
 * Anything else that is thrown is a bug of ours.
 *
 * <p>Codes are open strings, declared as constants beside the interface that raises them. The message goes to the
 * outside: one English sentence, never a secret, never a class name.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient Map<String, Object> meta;
  private final transient Duration retryAfter;
  private final transient Map<String, Object> members;
  private final transient Map<String, String> headers;

  /**
   * @param status the HTTP status, 400 to 599
   * @param code the open string code, or {@code null} where the wire contract sends none
   * @param message one sentence for the caller
   */
  public Refusal(int status, String code, String message) {
    this(status, code, message, Map.of(), null, Map.of(), Map.of());
  }

  private Refusal(
      int status, String code, String message, Map<String, Object> meta, Duration retryAfter,
      Map<String, Object> members, Map<String, String> headers) {
    // no stack: a refusal is an answer, and an attacker must not make us pay for a stack walk each time
    super(Objects.requireNonNull(message, "message"), null, false, false);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("A refusal has a status from 400 to 599, not " + status);
    }
    this.status = status;
    this.code = code;
    this.meta = Map.copyOf(meta);
    this.retryAfter = retryAfter;
    this.members = Map.copyOf(members);
    this.headers = Map.copyOf(headers);
  }

  /** The same refusal with details under {@code meta}, for example one list of texts per field. */
  public Refusal withMeta(Map<String, Object> details) {
    return new Refusal(status, code, getMessage(), details, retryAfter, members, headers);
  }

  /** The same refusal with a {@code Retry-After}, rounded up to whole seconds by the front door. */
  public Refusal withRetryAfter(Duration wait) {
    return new Refusal(status, code, getMessage(), meta, wait, members, headers);
  }

  /** The same refusal with what the wire contract puts beside {@code error} and into headers in this one case. */
  public Refusal with(Map<String, Object> moreMembers, Map<String, String> moreHeaders) {
    return new Refusal(status, code, getMessage(), meta, retryAfter, moreMembers, moreHeaders);
  }

  public int status() {
    return status;
  }

  public Optional<String> code() {
    return Optional.ofNullable(code);
  }

  public Map<String, Object> meta() {
    return meta;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Members of the body's top level; they win over {@code message}. */
  public Map<String, Object> members() {
    return members;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
