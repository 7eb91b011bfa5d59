package com.fxplatform.console;

import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** What there is to read about this platform: the list, the API reference as a page and as text, and {@code openapi.yaml}. */
@Component(property = {
    Endpoint.ROUTE + "=GET /docs", Endpoint.ROUTE + "=GET /docs/api", Endpoint.ROUTE + "=GET /docs/api.md",
    Endpoint.ROUTE + "=GET /docs/openapi.yaml"})
public final class Documents implements Endpoint {
  private static final String HTML = "text/html; charset=utf-8";

  private volatile String reference;

  @Override
  public Reply handle(Request request) {
    return switch (request.path()) {
      case "/docs/api" -> page(reference());
      case "/docs/api.md" -> text("EXECUTOR_API_DOCUMENTATION.md", "text/markdown; charset=utf-8");
      case "/docs/openapi.yaml" -> text("openapi.yaml", "application/yaml; charset=utf-8");
      default -> page(file("docs.html"));
    };
  }

  /** Rendered when somebody asks for the first time. */
  private String reference() {
    String made = reference;
    if (made == null) {
      made = new ReferencePage(file("page.html")).of(file("EXECUTOR_API_DOCUMENTATION.md"));
      reference = made;
    }
    return made;
  }

  private static Reply page(String html) {
    return new Reply(200, List.of(), html).with("Content-Type", HTML);
  }

  private static Reply text(String name, String type) {
    return new Reply(200, List.of(), file(name)).with("Content-Type", type);
  }

  private static String file(String name) {
    try (InputStream in = Documents.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the bundle");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
