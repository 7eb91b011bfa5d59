package com.fxplatform.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Component;

/**
 * What Jetty refuses before any servlet sees it (malformed requests, ambiguous paths, headers that are too large) is
 * answered like everything else: JSON, the security headers, and nothing that the request said.
 */
@Component(service = ConnectorFactory.class)
public final class ErrorPages implements ConnectorFactory {
  @Override
  public Connector createConnector(Server server) {
    Request.Handler before = server.getErrorHandler();
    return new NoConnector(server, () -> server.setErrorHandler(ErrorPages::answer), () -> server.setErrorHandler(before));
  }

  private static boolean answer(Request request, Response response, Callback callback) {
    if (response.getStatus() == HttpStatus.NOT_FOUND_404) {
      // the one servlet is for everything: it has not come yet, or is being renewed
      response.setStatus(HttpStatus.SERVICE_UNAVAILABLE_503);
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
    }
    int status = response.getStatus();
    String text = HttpStatus.getMessage(status);
    String code = HttpStatus.getCode(status) == null ? "ERROR" : HttpStatus.getCode(status).name();
    byte[] body = ("{\"error\":\"" + text + "\",\"message\":\"" + text + "\",\"code\":\"" + code + "\"}").getBytes(StandardCharsets.UTF_8);
    SecurityHeaders.STANDARD.forEach(response.getHeaders()::put);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap("HEAD".equals(request.getMethod()) ? new byte[0] : body), callback);
    return true;
  }
}
