package com.fxplatform.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * Somebody on a presence channel, or signed in.
 *
 * @param info JSON for the others; the null node when there is none, because clients look every id up
 */
record Member(String id, JsonNode info) {
  /** Reads {@code id} and {@code user_info}; old back ends send numbers as ids. */
  static Member of(ObjectNode data, String idField) throws Malformed {
    JsonNode id = data.get(idField);
    if (id == null || !(id.isTextual() || id.isIntegralNumber()) || id.asText().isEmpty()
        || id.asText().length() > Limits.USER_ID) {
      throw new Malformed(idField + " must be a string of 1 to " + Limits.USER_ID + " characters");
    }
    JsonNode info = data.get("user_info");
    if (info == null) {
      info = NullNode.getInstance();
    }
    if (info.toString().getBytes(StandardCharsets.UTF_8).length > Limits.USER_INFO_BYTES) {
      throw new Malformed("user_info is larger than " + Limits.USER_INFO_BYTES + " bytes");
    }
    return new Member(id.asText(), info);
  }
}
