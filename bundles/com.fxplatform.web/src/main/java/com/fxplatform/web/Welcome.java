package com.fxplatform.web;

import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** What somebody sees who opens the platform's address, unless a better ranked room has a page for it. */
@Component(property = {Endpoint.ROUTE + "=GET /", "service.ranking:Integer=-100"})
public final class Welcome implements Endpoint {
  @Override
  public Reply handle(Request request) {
    return new Reply(200, List.of(), page()).with("Content-Type", "text/html; charset=utf-8");
  }

  private static String page() {
    try (InputStream in = Welcome.class.getResourceAsStream("welcome.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
