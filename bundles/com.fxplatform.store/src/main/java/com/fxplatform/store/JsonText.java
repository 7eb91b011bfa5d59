package com.fxplatform.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;

/** JSON columns. */
final class JsonText {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private JsonText() {}

  static String write(Map<String, ?> value) {
    try {
      return value == null ? null : MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException("Not a JSON value", notJson);
    }
  }

  static Map<String, Object> read(String text) {
    if (text == null) {
      return Map.of();
    }
    try {
      return MAPPER.readerForMapOf(Object.class).readValue(text);
    } catch (JsonProcessingException corrupt) {
      throw new IllegalStateException("A JSON column holds no JSON", corrupt);
    }
  }
}
