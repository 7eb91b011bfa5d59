package com.fxplatform.launcher;

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

/** A person with a browser, as far as the quickstart needs one: signs in, creates an executor, sends commands. */
final class WebUser {
  private final String platform;
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5))
      .cookieHandler(new CookieManager())
      .build();

  WebUser(String platform) {
    this.platform = platform;
  }

  void signIn(String email, String password) throws IOException, InterruptedException {
    String csrf = String.valueOf(get("/api/auth/csrf").get("csrfToken"));
    String form = Map.of("csrfToken", csrf, "email", email, "password", password, "json", "true").entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    send(request("/api/auth/callback/credentials")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form))
        .build());
  }

  Map<String, Object> get(String path) throws IOException, InterruptedException {
    return send(request(path).build());
  }

  Map<String, Object> post(String path, Map<String, ?> body) throws IOException, InterruptedException {
    return send(request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)))
        .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(platform + path)).timeout(Duration.ofSeconds(15));
  }

  private Map<String, Object> send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    Map<String, Object> body = Json.object(Json.parse(answer.body()));
    if (answer.statusCode() >= 300) {
      throw new Trouble(request.method() + " " + request.uri().getPath() + " was answered with " + answer.statusCode() + ": "
          + body.getOrDefault("message", body.getOrDefault("error", body.getOrDefault("url", "no reason given"))));
    }
    return body;
  }
}
