package com.fxplatform.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Authenticator;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.gateway.GatewayServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The endpoint over HTTP, with the statuses and texts of the wire contract. */
@Timeout(60)
class ChannelAuthTest {
  private static final String OWN = "private-executor-" + Fakes.EXECUTOR;
  private static final String FORM = "application/x-www-form-urlencoded";

  private final HttpClient http = HttpClient.newHttpClient();
  private GatewayServer server;
  private final ChannelAuth endpoint = new ChannelAuth(ChannelRulesTest.rules(Fakes.hostedApps()));

  @BeforeEach
  void start() throws Exception {
    server = new GatewayServer();
    server.mount("POST /api/pusher/auth", endpoint);
    CredentialCheck check = (key, secret, source) -> switch (secret) {
      case "good" -> new Verdict.Good(Fakes.executor(Fakes.EXECUTOR, Fakes.USER));
      case "throttled" -> new Verdict.Throttled(Duration.ofSeconds(30));
      case "busy" -> new Verdict.Busy(Duration.ofSeconds(2));
      default -> key.equals("exe_unknown") ? new Verdict.UnknownKey() : new Verdict.WrongSecret();
    };
    endpoint.bindCredentials(check, Map.of("service.id", 1L));
    Authenticator session = request -> request.cookie("session").map(value -> {
      if (value.equals("expired")) {
        throw new Refusal(401, Authenticator.UNAUTHORIZED, "Unauthorized");
      }
      return Fakes.userCaller();
    });
    endpoint.bindAuthenticator(session, Map.of(Authenticator.SCHEME, Caller.SESSION, "service.id", 2L));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> post(String type, String body, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api/pusher/auth"))
        .header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> ask(String channel, String... headers) throws Exception {
    return post(FORM, "socket_id=1234.5678&channel_name=" + channel, headers);
  }

  private static String[] key(String secret) {
    return new String[] {"X-API-Key", "exe_1", "X-API-Secret", secret};
  }

  @Test
  void anExecutorGetsItsChannelSigned() throws Exception {
    HttpResponse<String> answer = ask(OWN, key("good"));
    assertEquals(200, answer.statusCode());
    assertEquals("{\"auth\":\"" + Fakes.KEY + ":122c793e06c205e03fa2e07231d17ae7575e74c13db31334db5bd51e1fc90941\"}", answer.body());
    assertTrue(ask("presence-executor-" + Fakes.EXECUTOR, key("good")).body().contains("channel_data"));
    assertEquals(200, ask("private-user-" + Fakes.USER, key("good")).statusCode());
    assertEquals(403, ask("private-executor-foreign", key("good")).statusCode());
  }

  @Test
  void aUserByHisSession() throws Exception {
    assertEquals(200, ask(OWN, "Cookie", "session=good").statusCode());
    HttpResponse<String> foreign = ask("private-executor-foreign", "Cookie", "session=good");
    assertEquals(403, foreign.statusCode());
    assertTrue(foreign.body().contains("Forbidden: Cannot subscribe to this channel"));
    assertTrue(foreign.body().contains("FORBIDDEN_CHANNEL"));
    assertEquals(401, ask(OWN, "Cookie", "session=expired").statusCode());
  }

  @Test
  void aWrongKeyNeverBorrowsTheCookie() throws Exception {
    for (String[] headers : new String[][] {
        {"X-API-Key", "exe_1", "X-API-Secret", "wrong", "Cookie", "session=good"},
        {"X-API-Key", "exe_unknown", "X-API-Secret", "wrong", "Cookie", "session=good"},
        {"X-API-Key", "exe_1", "Cookie", "session=good"}}) {
      HttpResponse<String> answer = ask(OWN, headers);
      assertEquals(401, answer.statusCode());
      assertTrue(answer.body().contains("Unauthorized: Invalid credentials"));
      assertTrue(answer.body().contains("UNAUTHORIZED"));
    }
    assertEquals(401, ask(OWN).statusCode());
  }

  @Test
  void tooManyAndTooBusy() throws Exception {
    assertEquals(429, ask(OWN, key("throttled")).statusCode());
    assertEquals(Optional.of("30"), ask(OWN, key("throttled")).headers().firstValue("Retry-After"));
    assertEquals(503, ask(OWN, key("busy")).statusCode());
  }

  @Test
  void whatIsMalformedIsRefusedBeforeAnybodyIsAsked() throws Exception {
    for (String body : new String[] {"", "socket_id=1.2", "channel_name=" + OWN, "socket_id=&channel_name=" + OWN}) {
      HttpResponse<String> answer = post(FORM, body, key("good"));
      assertEquals(400, answer.statusCode());
      assertTrue(answer.body().contains("Missing socket_id or channel_name"));
    }
    assertEquals(400, post(FORM, "socket_id=1.2%3A%3Auser&channel_name=" + OWN, key("good")).statusCode());
    assertEquals(400, post(FORM, "socket_id=1.2&channel_name=private-user-%20", key("good")).statusCode());
    assertEquals(415, post("application/json", "{}", key("good")).statusCode());
  }

  @Test
  void withoutThoseWhoKnowItIsUnavailableNotAllowed() throws Exception {
    GatewayServer bare = new GatewayServer();
    try {
      bare.mount("POST /api/pusher/auth", new ChannelAuth(ChannelRulesTest.rules(Fakes.hostedApps())));
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bare.port() + "/api/pusher/auth"))
          .header("Content-Type", FORM).POST(HttpRequest.BodyPublishers.ofString("socket_id=1.2&channel_name=" + OWN));
      assertEquals(401, http.send(request.copy().build(), HttpResponse.BodyHandlers.discarding()).statusCode());
      assertEquals(503, http.send(request.headers(key("good")).build(), HttpResponse.BodyHandlers.discarding()).statusCode());
    } finally {
      bare.close();
    }
    assertFalse(bare.connections() > 0);
  }
}
