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

  /**
   * @param status the HTTP status, 400 to 599
   * @param code the open string code, or {@code null} where the wire contract sends none
   * @param message one sentence for the caller
   */
  public Refusal(int status, String code, String message) {
    this(status, code, message, Map.of(), null);
  }

  private Refusal(int status, String code, String message, Map<String, Object> meta, Duration retryAfter) {
    // no stack: a refusal is an answer, and an attacker must not make us pay for a stack walk each time
    super(Objects.requireNonNull(message, "message"), null, false, false);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("A refusal has a status from 400 to 599, not " + status);
    }
    this.status = status;
    this.code = code;
    this.meta = Map.copyOf(meta);
    this.retryAfter = retryAfter;
  }

  /** The same refusal with details under {@code meta}, for example one list of texts per field. */
  public Refusal withMeta(Map<String, Object> details) {
    return new Refusal(status, code, getMessage(), details, retryAfter);
  }

  /** The same refusal with a {@code Retry-After}, rounded up to whole seconds by the front door. */
  public Refusal withRetryAfter(Duration wait) {
    return new Refusal(status, code, getMessage(), meta, wait);
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
}
