package com.fxplatform.itests.benchmarks;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Answers everything with the same bytes: what is left when a request needs nothing. */
public final class EmptyServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient byte[] body;

  public EmptyServlet() {
    try (InputStream in = EmptyServlet.class.getResourceAsStream("/body.json")) {
      body = in.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.setContentType("application/json; charset=utf-8");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
