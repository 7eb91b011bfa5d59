package com.fxplatform.pusher;

import com.fxplatform.api.realtime.RealtimeApp;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;

/** The HTTP API of hosted Pusher: one signed request per event, over one connection that is kept. */
final class HostedApi {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HttpClient http;

  HostedApi(Executor executor) {
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).executor(executor).build();
  }

  static URI base(RealtimeApp app) {
    String scheme = app.tls() ? "https://" : "http://";
    return URI.create(app.host().isPresent() ? scheme + app.host().get() + ":" + app.port()
        : scheme + "api-" + app.cluster() + ".pusher.com");
  }

  /** @return the HTTP status */
  int publish(RealtimeApp app, String channel, String event, String data) throws IOException, InterruptedException {
    byte[] body = body(channel, event, data);
    URI uri = URI.create(base(app) + path(app) + "?" + query(app, body, System.currentTimeMillis() / 1000));
    return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  static byte[] body(String channel, String event, String data) {
    JsonObject body = new JsonObject();
    body.addProperty("name", event);
    JsonArray channels = new JsonArray();
    channels.add(channel);
    body.add("channels", channels);
    body.addProperty("data", data);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String path(RealtimeApp app) {
    return "/apps/" + app.appId() + "/events";
  }

  static String query(RealtimeApp app, byte[] body, long seconds) {
    String query = "auth_key=" + app.key() + "&auth_timestamp=" + seconds + "&auth_version=1.0&body_md5=" + Signature.md5(body);
    return query + "&auth_signature=" + Signature.hmac(app.secret(), "POST\n" + path(app) + "\n" + query);
  }
}
