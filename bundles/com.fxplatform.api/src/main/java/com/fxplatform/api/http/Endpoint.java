package com.fxplatform.api.http;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * One thing that can be asked over HTTP. The front door ({@code com.fxplatform.web}) does not move; endpoints come and
 * go behind it, and a call in flight is waited for.
 *
 * <p>Called concurrently. Return within a second; throw {@link com.fxplatform.api.Refusal} for an expected no. Anything
 * else that is thrown becomes 500 {@code Internal server error} and is logged once with its stack. HEAD is answered
 * from GET, OPTIONS and 405 by the front door itself.
 *
 * <p>The most exact route wins: a literal segment beats {@code {name}}, which beats a trailing {@code *}.
 */
@ConsumerType
public interface Endpoint {
  /**
   * Service property, mandatory, one or several: the method, a blank, and the path, for example
   * {@code GET /api/executor/{id}/command}. A segment {@code {name}} stands for any one segment; a last segment
   * {@code *} for any rest, which {@code pathValue("*")} returns.
   */
  String ROUTE = "endpoint.route";

  Reply handle(Request request);
}
