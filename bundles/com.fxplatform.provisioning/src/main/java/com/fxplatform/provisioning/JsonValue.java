package com.fxplatform.provisioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a plugin gave, copied and checked: JSON only, no cycle, not too much. */
final class JsonValue {
  private static final int DEEPEST = 16;
  private static final int LARGEST = 64 * 1024;
  private static final ObjectMapper CANONICAL =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private static final ObjectMapper AS_GIVEN = new ObjectMapper();

  private JsonValue() {}

  /** @throws IllegalArgumentException with a sentence for the plugin's author */
  static Map<String, Object> checked(Map<String, ?> contribution) {
    if (contribution == null) {
      throw new IllegalArgumentException("contribute returned null; return an empty map to add nothing");
    }
    int[] room = {LARGEST};
    Map<String, Object> copy = new LinkedHashMap<>();
    contribution.forEach((key, value) -> copy.put(key(key, room), copy(key, value, 1, room)));
    return copy;
  }

  /** The same text for equal values, whatever the order of their members. */
  static byte[] canonical(Map<String, ?> values) {
    try {
      return CANONICAL.writeValueAsBytes(values);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("Checked values are JSON", impossible);
    }
  }

  /** The text of a checked value, its members in their order. */
  static String text(Object value) {
    try {
      return AS_GIVEN.writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("Checked values are JSON", impossible);
    }
  }

  private static String key(Object key, int[] room) {
    if (!(key instanceof String text) || text.isEmpty() || text.length() > 200) {
      throw new IllegalArgumentException("a key is not a text of 1 to 200 characters");
    }
    take(room, text.length());
    return text;
  }

  private static Object copy(String name, Object value, int depth, int[] room) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException(name + " is nested deeper than " + DEEPEST + " or contains itself");
    }
    if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long
        || value instanceof Short || value instanceof Byte || value instanceof BigInteger || value instanceof BigDecimal) {
      take(room, 8);
      return value;
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (Double.isNaN(number) || Double.isInfinite(number)) {
        throw new IllegalArgumentException(name + " is no JSON number");
      }
      take(room, 8);
      return value;
    }
    if (value instanceof String text) {
      take(room, text.length() + 2);
      return text;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, member) -> copy.put(key(key, room), copy(name, member, depth + 1, room)));
      return copy;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      for (Object element : list) {
        copy.add(copy(name, element, depth + 1, room));
      }
      return copy;
    }
    throw new IllegalArgumentException(name + " is a " + value.getClass().getSimpleName() + ", which is no JSON value");
  }

  private static void take(int[] room, int size) {
    room[0] -= size;
    if (room[0] < 0) {
      throw new IllegalArgumentException("it is larger than " + LARGEST / 1024 + " kB");
    }
  }
}
