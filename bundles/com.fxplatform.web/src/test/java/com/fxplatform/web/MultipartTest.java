package com.fxplatform.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MultipartTest {
  private static final String PART = "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n";

  private static Optional<Map<String, String>> fields(String type, String body) {
    return Multipart.fields(type, body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void fieldsAsTheyWereSent() {
    String body = PART.formatted("a", "1.2") + PART.formatted("b", "ü\r\nzwei") + PART.formatted("a", "second") + PART.formatted("c", "") + "--b--\r\n";
    Map<String, String> expected = Map.of("a", "1.2", "b", "ü\r\nzwei", "c", "");
    assertEquals(Optional.of(expected), fields("multipart/form-data; boundary=b", body));
    assertEquals(Optional.of(expected), fields("multipart/form-data; charset=utf-8; boundary=\"b\"", "preamble\r\n" + body));
    assertEquals(Optional.of(Map.of("f", "x")), fields("Multipart/Form-Data; Boundary=b",
        "--b\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; filename=\"n\"; name=f\r\n\r\nx\r\n--b--"));
  }

  @Test
  void whatIsNoneIsNone() {
    for (String body : new String[] {"", "--b", "--b\r\n", PART.formatted("a", "1"), "--b\r\nX: y\r\n\r\nz\r\n--b--", "ab"}) {
      assertEquals(Optional.empty(), fields("multipart/form-data; boundary=b", body), body);
    }
    assertEquals(Optional.empty(), fields("multipart/form-data", PART.formatted("a", "1") + "--b--"));
    assertEquals(Optional.empty(), fields("multipart/form-data; boundary=", PART.formatted("a", "1") + "--b--"));
    assertEquals(Optional.empty(), fields("multipart/form-data; boundary=b", PART.formatted("a", "1").repeat(200) + "--b--"), "too many");
  }
}
