package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.realtime.RealtimeApp;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestSignatureTest {
  private static final long THEN = 1353088179;
  private static final RealtimeApp APP = new RealtimeApp("3", "278d425bdf160c739803", "7ad3773142a6692b25b8", "local",
      Optional.empty(), 0, false);
  private static final byte[] BODY =
      "{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}".getBytes(StandardCharsets.UTF_8);
  private static final String QUERY = "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
      + "&body_md5=ec365a775a4cd0599faeb73354201b6f"
      + "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";

  private static void check(String query, byte[] body, long now) {
    new RequestSignature(query).check(APP, "3", "POST", "/apps/3/events", body, now);
  }

  private static int refused(String query, byte[] body, long now) {
    return assertThrows(Refusal.class, () -> check(query, body, now)).status();
  }

  @Test
  void theVectorOfPushersDocumentation() {
    assertDoesNotThrow(() -> check(QUERY, BODY, THEN));
    assertDoesNotThrow(() -> check(QUERY, BODY, THEN + 600));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertEquals(401, refused(QUERY, BODY, THEN + 601), "a replay");
    assertEquals(401, refused(QUERY, BODY, THEN - 601));
    assertEquals(401, refused(QUERY, "{}".getBytes(StandardCharsets.UTF_8), THEN), "another body");
    assertEquals(401, refused(QUERY.replace("&body_md5=ec365a775a4cd0599faeb73354201b6f", ""), BODY, THEN), "no digest");
    assertEquals(401, refused(QUERY.replace("da45", "da46"), BODY, THEN));
    assertEquals(401, refused(QUERY.replace("_version=1.0", "_version=1.1"), BODY, THEN));
    assertEquals(401, refused(QUERY.replace("auth_key=27", "auth_key=28"), BODY, THEN));
    assertEquals(401, refused(QUERY + "&more=1", BODY, THEN), "everything in the query is signed");
    assertEquals(401, refused(QUERY.replace("timestamp=1353088179", "timestamp=now"), BODY, THEN));
    assertEquals(401, refused("", BODY, THEN));
    assertEquals(400, refused("a=%zz", BODY, THEN));
    assertThrows(Refusal.class,
        () -> new RequestSignature(QUERY).check(APP, "4", "POST", "/apps/3/events", BODY, THEN), "another app");
    assertThrows(Refusal.class,
        () -> new RequestSignature(QUERY).check(APP, "3", "GET", "/apps/3/events", BODY, THEN), "another method");
    assertThrows(Refusal.class,
        () -> new RequestSignature(QUERY).check(APP, "3", "POST", "/apps/3/batch_events", BODY, THEN), "another path");
  }

  @Test
  void namesAreLoweredAndValuesUnescaped() {
    String signed = "GET\n/apps/3/channels\nauth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
        + "&filter_by_prefix=presence-a,b&info=user_count";
    String query = "INFO=user_count&filter_by_prefix=presence-a%2Cb&auth_version=1.0&auth_timestamp=1353088179"
        + "&auth_key=278d425bdf160c739803&auth_signature=" + Signatures.hmac(APP.secret(), signed);
    assertDoesNotThrow(
        () -> new RequestSignature(query).check(APP, "3", "GET", "/apps/3/channels", new byte[0], THEN));
  }
}
