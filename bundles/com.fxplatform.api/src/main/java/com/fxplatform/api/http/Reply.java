package com.fxplatform.api.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What an {@link Endpoint} answers. Immutable.
 *
 * @param status the HTTP status, 200 to 599
 * @param headers names and values in order; a name may come twice ({@code Set-Cookie})
 * @param body a {@code Map} or {@code List} is written as JSON, a {@code String} or {@code byte[]} as it is (with the
 *     {@code Content-Type} of the headers), {@code null} is an empty body. {@code Instant}s become ISO-8601 UTC with
 *     milliseconds, {@code Optional}s their value or {@code null}
 */
public record Reply(int status, List<Map.Entry<String, String>> headers, Object body) {
  public Reply {
    headers = List.copyOf(headers);
  }

  /** A JSON reply. */
  public static Reply json(int status, Map<String, ?> body) {
    return new Reply(status, List.of(), Objects.requireNonNull(body, "body"));
  }

  /** 200 with a JSON body. */
  public static Reply ok(Map<String, ?> body) {
    return json(200, body);
  }

  /** A reply without a body. */
  public static Reply empty(int status) {
    return new Reply(status, List.of(), null);
  }

  /** The same reply with one header more. */
  public Reply with(String name, String value) {
    List<Map.Entry<String, String>> more = new ArrayList<>(headers);
    more.add(Map.entry(name, value));
    return new Reply(status, more, body);
  }
}
