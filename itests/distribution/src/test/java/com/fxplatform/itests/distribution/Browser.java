package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** Somebody who calls the platform over HTTP, with cookies. */
public final class Browser {
  /** What was answered. */
  public record Answer(int status, HttpResponse<String> http) {
    public JsonNode json() {
      return Json.read(http.body());
    }

    public String header(String name) {
      return http.headers().firstValue(name).orElse("");
    }

    public String code() {
      return json().path("code").asText();
    }

    public String error() {
      return json().path("error").asText();
    }
  }

  public final String platform;
  /** Sees every answer; a journey that holds the server to its document sets it, and takes it away again. */
  static volatile OpenApi document;

  private final CookieManager cookies;
  private final HttpClient client;

  public Browser(String platform) {
    this(platform, new CookieManager());
  }

  private Browser(String platform, CookieManager cookies) {
    this.platform = platform;
    this.cookies = cookies;
    client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5))
        .cookieHandler(cookies)
        .build();
  }

  /** The same person, with the same cookies, at another address. */
  Browser at(String other) {
    return new Browser(other, cookies);
  }

  public Browser signIn(String email, String password) throws IOException, InterruptedException {
    String csrf = get("/api/auth/csrf").json().path("csrfToken").asText();
    Answer answer = form("/api/auth/callback/credentials",
        Map.of("csrfToken", csrf, "email", email, "password", password, "json", "true"));
    if (answer.status() != 200) {
      throw new AssertionError("Sign-in: " + answer.http().body());
    }
    return this;
  }

  /** The cookies as one header, for somebody thinner than a browser. */
  public String cookies() {
    return cookies.getCookieStore().getCookies().stream().map(cookie -> cookie.getName() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  public Answer get(String path, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers).GET());
  }

  public Answer send(String method, String path, Object body, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers)
        .header("Content-Type", "application/json")
        .method(method, HttpRequest.BodyPublishers.ofString(body instanceof String text ? text : Json.write(body))));
  }

  public Answer form(String path, Map<String, String> fields, String... headers) throws IOException, InterruptedException {
    String body = fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    return send(request(path, headers)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** A request with a body of any kind. */
  Answer body(String method, String path, String type, String body, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers).header("Content-Type", type).method(method, HttpRequest.BodyPublishers.ofString(body)));
  }

  /** A request without a body. */
  Answer bare(String method, String path, String... headers) throws IOException, InterruptedException {
    return send(request(path, headers).method(method, HttpRequest.BodyPublishers.noBody()));
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(platform + path)).timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request;
  }

  private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpRequest sent = request.build();
    HttpResponse<String> answer = client.send(sent, HttpResponse.BodyHandlers.ofString());
    if (document != null) {
      document.check(sent.method(), sent.uri().getRawPath(), answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse(""), answer.body());
    }
    return new Answer(answer.statusCode(), answer);
  }
}
