package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;

/** An executor as its owner saw it once. */
public record Credentials(String id, String userId, String apiKey, String secret, String sharedSecret) {
  public static Credentials create(Browser owner, String name) throws Exception {
    Browser.Answer made = owner.send("POST", "/api/executor", "{\"name\":\"" + name + "\",\"platform\":\"MT5\"}");
    if (made.status() != 201) {
      throw new AssertionError("Executor not created: " + made.http().body());
    }
    JsonNode executor = made.json().path("executor");
    return new Credentials(executor.path("id").asText(), executor.path("userId").asText(), executor.path("apiKey").asText(),
        executor.path("secretKey").asText(), executor.path("sharedSecret").asText());
  }

  public String[] headers() {
    return new String[] {"X-API-Key", apiKey, "X-API-Secret", secret};
  }
}
