package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void whatIsWrittenIsRead() {
    Object value = Map.of("a", List.of(1L, 2.5, true, "q\"\\\n\u00e9\ud83d\ude00"), "b", Map.of(), "c", List.of());
    assertEquals(value, Json.parse(Json.write(value)));
    assertEquals("[null]", Json.write(Json.parse(" [ null ] ")));
    assertEquals("A/\t", Json.parse("\"\\u0041\\/\\t\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[1,", "{\"a\"}", "\"open", "nul", "[1] 2", "\"\\u00g0\"", "\"\\"})
  void whatIsNoJsonIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
  }
}
