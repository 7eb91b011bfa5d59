package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GatewayRestTest {
  private static final String APP = "/apps/" + GatewayServer.APP_ID;

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private GatewayServer server;

  @BeforeEach
  void start() throws Exception {
    server = new GatewayServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> call(String method, String path, Map<String, String> query, String body) throws Exception {
    return call(method, path, query, body, GatewayServer.SECRET);
  }

  private HttpResponse<String> call(String method, String path, Map<String, String> query, String body, String secret)
      throws Exception {
    TreeMap<String, String> parameters = new TreeMap<>(query);
    parameters.put("auth_key", GatewayServer.KEY);
    parameters.put("auth_timestamp", String.valueOf(System.currentTimeMillis() / 1000));
    parameters.put("auth_version", "1.0");
    if (!body.isEmpty()) {
      parameters.put("body_md5", Signatures.md5(body.getBytes(StandardCharsets.UTF_8)));
    }
    StringBuilder plain = new StringBuilder();
    StringBuilder escaped = new StringBuilder();
    parameters.forEach((name, value) -> {
      plain.append(plain.length() == 0 ? "" : "&").append(name).append('=').append(value);
      escaped.append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8)).append('&');
    });
    escaped.append("auth_signature=").append(Signatures.hmac(secret, method + "\n" + path + "\n" + plain));
    return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path + "?" + escaped))
        .header("Content-Type", "application/json")
        .method(method, HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private SocketClient subscriber(String channel) throws Exception {
    SocketClient client = SocketClient.connected(http, server.port());
    client.subscribe(client.socketId(), channel);
    return client;
  }

  private SocketClient member(String channel, String user) throws Exception {
    SocketClient client = SocketClient.connected(http, server.port());
    String data = "{\"user_id\":\"" + user + "\"}";
    String auth = GatewayServer.KEY + ":"
        + Signatures.hmac(GatewayServer.SECRET, client.socketId() + ":" + channel + ":" + data);
    client.say("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\",\"auth\":\"" + auth
        + "\",\"channel_data\":\"{\\\"user_id\\\":\\\"" + user + "\\\"}\"}}");
    client.await("pusher_internal:subscription_succeeded");
    return client;
  }

  @Test
  void publishing() throws Exception {
    SocketClient client = subscriber("private-a");
    var answer = call("POST", APP + "/events", Map.of(),
        "{\"name\":\"e\",\"channels\":[\"private-a\",\"private-b\"],\"data\":\"{\\\"x\\\":1}\",\"info\":\"subscription_count\"}");
    assertEquals(200, answer.statusCode());
    assertEquals("{\"channels\":{\"private-a\":{\"subscription_count\":1},\"private-b\":{\"subscription_count\":0}}}",
        answer.body());
    assertEquals("{\"x\":1}", client.await("e").path("data").asText());
  }

  @Test
  void theSenderMayLeaveItselfOut() throws Exception {
    SocketClient self = SocketClient.connected(http, server.port());
    String socketId = self.socketId();
    self.subscribe(socketId, "private-a");
    SocketClient other = subscriber("private-a");
    call("POST", APP + "/events", Map.of(),
        "{\"name\":\"e\",\"channel\":\"private-a\",\"data\":\"1\",\"socket_id\":\"" + socketId + "\"}");
    call("POST", APP + "/events", Map.of(), "{\"name\":\"f\",\"channel\":\"private-a\",\"data\":\"2\"}");
    other.await("e");
    self.await(frame -> {
      assertTrue(!frame.path("event").asText().equals("e"), "the sender heard itself");
      return frame.path("event").asText().equals("f");
    }, "f");
  }

  @Test
  void batchesAreAllOrNothing() throws Exception {
    SocketClient client = subscriber("private-a");
    assertEquals(400, call("POST", APP + "/batch_events", Map.of(),
        "{\"batch\":[{\"name\":\"one\",\"channel\":\"private-a\",\"data\":\"1\"},"
            + "{\"name\":\"two\",\"channel\":\"a b\",\"data\":\"1\"}]}")
        .statusCode());
    assertEquals(400, call("POST", APP + "/batch_events", Map.of(), "{}").statusCode());
    var answer = call("POST", APP + "/batch_events", Map.of(),
        "{\"batch\":[{\"name\":\"three\",\"channel\":\"private-a\",\"data\":\"1\",\"info\":\"subscription_count\"},"
            + "{\"name\":\"four\",\"channel\":\"private-b\",\"data\":\"1\"}]}");
    assertEquals("{\"batch\":[{\"subscription_count\":1},{}]}", answer.body());
    client.await(frame -> {
      assertTrue(!frame.path("event").asText().equals("one"), "half a batch was published");
      return frame.path("event").asText().equals("three");
    }, "three");
  }

  @Test
  void refusalsHaveTheirStatus() throws Exception {
    String event = "{\"name\":\"e\",\"channel\":\"a\",\"data\":\"1\"}";
    assertEquals(401, call("POST", APP + "/events", Map.of(), event, "wrong").statusCode());
    assertEquals(401, call("POST", "/apps/1/events", Map.of(), event).statusCode());
    assertEquals(400, call("POST", APP + "/events", Map.of(), "{").statusCode());
    assertEquals(400, call("POST", APP + "/events", Map.of(), event.replace("\"1\"", "{}")).statusCode());
    assertEquals(400, call("POST", APP + "/events", Map.of(), event.replace("\"a\"", "\"a b\"")).statusCode());
    String longName = event.replace("\"e\"", "\"" + "e".repeat(201) + "\"");
    assertEquals(400, call("POST", APP + "/events", Map.of(), longName).statusCode());
    String full = event.replace("\"1\"", "\"" + "1".repeat(10_240) + "\"");
    assertEquals(200, call("POST", APP + "/events", Map.of(), full).statusCode());
    assertEquals(413, call("POST", APP + "/events", Map.of(), full.replaceFirst("11", "111")).statusCode());
    assertEquals(400, call("GET", APP + "/channels", Map.of("info", "user_count"), "").statusCode());
    assertEquals(400, call("GET", APP + "/channels/private-a", Map.of("info", "user_count"), "").statusCode());
    assertEquals(400, call("GET", APP + "/channels/private-a/users", Map.of(), "").statusCode());
  }

  @Test
  void askingAboutChannels() throws Exception {
    member("presence-a,b", "ann");
    member("presence-a,b", "ann");
    SocketClient bob = member("presence-a,b", "bob");
    subscriber("private-a");
    assertEquals("{\"channels\":{\"presence-a,b\":{\"user_count\":2}}}",
        call("GET", APP + "/channels", Map.of("filter_by_prefix", "presence-a,", "info", "user_count"), "").body());
    assertEquals("{\"occupied\":true,\"subscription_count\":3,\"user_count\":2}",
        call("GET", APP + "/channels/presence-a%2Cb", Map.of("info", "user_count,subscription_count"), "").body());
    assertEquals("{\"occupied\":false}", call("GET", APP + "/channels/nobody", Map.of(), "").body());
    assertEquals("{\"users\":[{\"id\":\"ann\"},{\"id\":\"bob\"}]}",
        call("GET", APP + "/channels/presence-a%2Cb/users", Map.of(), "").body());
    assertEquals(200, call("POST", APP + "/users/bob/terminate_connections", Map.of(), "{}").statusCode());
    assertEquals(4009, bob.closed.get(10, TimeUnit.SECONDS));
    assertEquals("{\"users\":[{\"id\":\"ann\"}]}", call("GET", APP + "/channels/presence-a%2Cb/users", Map.of(), "").body());
    assertEquals(200, call("POST", APP + "/users/nobody/terminate_connections", Map.of(), "{}").statusCode());
  }

  @Test
  void theCacheCanBeRead() throws Exception {
    call("POST", APP + "/events", Map.of(), "{\"name\":\"e\",\"channel\":\"cache-a\",\"data\":\"1\"}");
    assertTrue(call("GET", APP + "/channels/cache-a", Map.of("info", "cache"), "").body().contains("\"data\":\"1\""));
  }

  @Test
  void switchedOffMeansForbidden() throws Exception {
    server.gateway().modified(GatewayServer.config(Gateway.Config.class, Map.of("enabled", "false")));
    assertEquals(403, call("GET", APP + "/channels", Map.of(), "").statusCode());
  }
}
