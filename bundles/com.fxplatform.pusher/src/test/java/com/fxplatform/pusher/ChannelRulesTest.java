package com.fxplatform.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Caller;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChannelRulesTest {
  private final ChannelRules rules = rules(Fakes.hostedApps());

  static ChannelRules rules(AppInForce apps) {
    ChannelRules rules = new ChannelRules(apps);
    rules.bindDirectory(new Fakes.Directory(List.of(Fakes.executor(Fakes.EXECUTOR, Fakes.USER),
        Fakes.executor("foreign", "other"))), Map.of("service.id", 1L));
    return rules;
  }

  @Test
  void theVectorOfTheWireContract() {
    assertEquals(
        Map.of("auth", Fakes.KEY + ":122c793e06c205e03fa2e07231d17ae7575e74c13db31334db5bd51e1fc90941"),
        rules.sign("1234.5678", "private-executor-" + Fakes.EXECUTOR, Fakes.executorCaller()),
        "private: without channel_data");
    assertEquals("22c34228d10192457bdc9aed496931f90522afedb4c9f912b80b376e69969a65",
        Signature.hmac(Fakes.SECRET, "1234.5678:private-executor-" + Fakes.EXECUTOR + ":"
            + rules.sign("1234.5678", "presence-executor-" + Fakes.EXECUTOR, Fakes.executorCaller()).get("channel_data")),
        "the channel_data of the contract, byte by byte");
  }

  @Test
  void presenceIsSignedWithItsData() {
    Map<String, String> answer = rules.sign("1.2", "presence-user-" + Fakes.USER, Fakes.userCaller());
    assertEquals("{\"user_id\":\"" + Fakes.USER + "\",\"user_info\":{\"authType\":\"session\"}}", answer.get("channel_data"));
    assertEquals(Fakes.KEY + ":" + Signature.hmac(Fakes.SECRET,
        "1.2:presence-user-" + Fakes.USER + ":" + answer.get("channel_data")), answer.get("auth"));
  }

  @Test
  void whoMayListenWhere() {
    Caller user = Fakes.userCaller();
    Caller executor = Fakes.executorCaller();
    for (Caller caller : List.of(user, executor)) {
      for (String kind : List.of("private-", "presence-")) {
        rules.sign("1.2", kind + "user-" + Fakes.USER, caller);
        rules.sign("1.2", kind + "executor-" + Fakes.EXECUTOR, caller);
        for (String name : List.of("user-other", "user-", "executor-foreign", "executor-unknown", "executor-", "anything",
            "User-" + Fakes.USER, "user-" + Fakes.USER + "x")) {
          assertEquals(403, refused("1.2", kind + name, caller), kind + name);
        }
      }
      for (String name : List.of("executors", "private-encrypted-user-" + Fakes.USER, "user-" + Fakes.USER,
          "x-private-user-" + Fakes.USER, "private-cache-user-" + Fakes.USER)) {
        assertEquals(403, refused("1.2", name, caller), name);
      }
    }
  }

  @Test
  void anotherUsersExecutorIsRefusedEvenToAnExecutorOfThatUser() {
    // an executor hears itself only, not its siblings
    ChannelRules siblings = new ChannelRules(Fakes.hostedApps());
    siblings.bindDirectory(new Fakes.Directory(List.of(Fakes.executor("sibling", Fakes.USER))), Map.of("service.id", 1L));
    assertEquals(403, assertThrows(Refusal.class,
        () -> siblings.sign("1.2", "private-executor-sibling", Fakes.executorCaller())).status());
    siblings.sign("1.2", "private-executor-sibling", Fakes.userCaller());
  }

  @Test
  void nothingMalformedIsEverSigned() {
    for (String socketId : List.of("", "1", "1.", ".2", "1.2.3", "a.b", "1.2::user::{\"id\":\"x\"}", "1.2\n", "-1.2",
        "\uff11.\uff12")) {
      assertEquals(400, refused(socketId, "private-user-" + Fakes.USER, Fakes.userCaller()), socketId);
    }
    for (String channel : List.of("", "private-user-ü", "private-user-a b", "private-user-x:y", "#server-to-user-x",
        "a".repeat(165))) {
      assertEquals(400, refused("1.2", channel, Fakes.userCaller()), channel);
    }
  }

  @Test
  void withoutAnAppOrADirectoryItIsUnavailable() {
    assertEquals(503, assertThrows(Refusal.class,
        () -> rules(Fakes.apps(Map.of())).sign("1.2", "private-user-" + Fakes.USER, Fakes.userCaller())).status());
    assertEquals(503, assertThrows(Refusal.class, () -> new ChannelRules(Fakes.hostedApps())
        .sign("1.2", "private-executor-" + Fakes.EXECUTOR, Fakes.userCaller())).status());
  }

  private int refused(String socketId, String channel, Caller caller) {
    return assertThrows(Refusal.class, () -> rules.sign(socketId, channel, caller), channel).status();
  }
}
