package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SignaturesTest {
  private static final String SECRET = "7ad3773142a6692b25b8";

  @Test
  void thePublishedVectors() {
    assertEquals("58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
        Signatures.hmac(SECRET, "1234.1234:private-foobar"));
    assertEquals("122c793e06c205e03fa2e07231d17ae7575e74c13db31334db5bd51e1fc90941",
        Signatures.hmac(SECRET, "1234.5678:private-executor-cle000000000000000000exec1"));
    assertEquals("22c34228d10192457bdc9aed496931f90522afedb4c9f912b80b376e69969a65",
        Signatures.hmac(SECRET, "1234.5678:private-executor-cle000000000000000000exec1:"
            + "{\"user_id\":\"clu000000000000000000user1\",\"user_info\":{\"authType\":\"api-key\","
            + "\"executorId\":\"cle000000000000000000exec1\"}}"));
  }

  @Test
  void comparing() {
    assertTrue(Signatures.same("abc", "abc"));
    assertFalse(Signatures.same("abc", "abd"));
    assertFalse(Signatures.same("abc", ""));
  }

  @Test
  void channelNames() {
    assertTrue(new ChannelName("private-executor-cle0_=@,.;1").allowed());
    assertTrue(new ChannelName("#server-to-user-u1").allowed());
    assertTrue(new ChannelName("a".repeat(164)).allowed());
    assertFalse(new ChannelName("a".repeat(165)).allowed());
    assertFalse(new ChannelName("").allowed());
    assertFalse(new ChannelName("#server-to-user-").allowed());
    assertFalse(new ChannelName("a b").allowed());
    assertFalse(new ChannelName("a#b").allowed());
    assertFalse(new ChannelName("my-private-channel").needsSignature(), "a prefix is the start, not a part");
    assertFalse(new ChannelName("my-cache-channel").cache());
    assertTrue(new ChannelName("private-cache-x").cache());
    assertFalse(new ChannelName("private-encrypted-x").clientEvents());
    assertFalse(new ChannelName("public").clientEvents());
  }
}
