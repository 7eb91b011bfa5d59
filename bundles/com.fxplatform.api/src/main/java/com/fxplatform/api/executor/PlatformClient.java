package com.fxplatform.api.executor;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The executor's one line to its platform server: knows the address, the key and the secret, and the rules of the
 * road (HTTPS except to loopback, time limits, answer sizes). Thread-safe.
 */
@ProviderType
public interface PlatformClient {
  /** The executor's own id, once it has been provisioned; an empty string before. */
  String executorId();

  /** What to add to this machine's clock to get the server's, as its last answers told; zero before the first. */
  Duration clockOffset();

  /**
   * Sends one request with the executor's credentials. It may reach the server twice if a kept connection dies under it:
   * send only what may.
   *
   * @param method {@code GET}, {@code POST} or {@code PATCH}
   * @param path from {@code /api/} on
   * @param headers more headers, for example {@code If-None-Match}
   * @param json the body, or {@code null} for none
   * @return the answer, of whatever status; bodies over 256 kB are an {@code IOException}
   * @throws IOException if there was no answer within the connection timeout, or no credentials are set up yet
   */
  Answer send(String method, String path, Map<String, String> headers, Map<String, ?> json) throws IOException;

  /** Like {@link #send} with a form as the body. */
  Answer sendForm(String path, Map<String, String> form) throws IOException;

  /**
   * What the server said.
   *
   * @param status HTTP status
   * @param etag the {@code ETag}, or an empty string
   * @param text the body, or an empty string
   */
  record Answer(int status, String etag, String text) {
    public boolean ok() {
      return status >= 200 && status < 300;
    }
  }
}
