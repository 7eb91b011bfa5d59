package com.fxplatform.executor;

import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The executor's own page: three small files that show what {@link LocalStatus} says. */
@Component(
    property = {Endpoint.ROUTE + "=GET /", Endpoint.ROUTE + "=GET /status.js", Endpoint.ROUTE + "=GET /status.css"})
public final class StatusPage implements Endpoint {
  private final Map<String, Reply> files;

  @Activate
  public StatusPage() {
    files =
        Map.of(
            "/", file("status.html", "text/html; charset=utf-8"),
            "/status.js", file("status.js", "text/javascript; charset=utf-8"),
            "/status.css", file("status.css", "text/css; charset=utf-8"));
  }

  @Override
  public Reply handle(Request request) {
    LocalStatus.localOnly(request);
    return files.getOrDefault(request.path(), files.get("/"));
  }

  private static Reply file(String name, String type) {
    try (InputStream in = StatusPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The bundle lacks " + name);
      }
      return new Reply(200, List.of(Map.entry("Content-Type", type), Map.entry("Cache-Control", "no-cache")), in.readAllBytes());
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }
}
