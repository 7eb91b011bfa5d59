package com.fxplatform.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final Router router = new Router();

  @BeforeEach
  void routes() {
    for (String route : List.of("GET /api/executor/{id}", "DELETE /api/executor/{id}", "GET /api/executor/config",
        "POST /api/executor/{id}/command/{commandId}/result", "GET /docs/*", "GET /")) {
      router.add(route);
    }
  }

  private String found(String method, String path) {
    Router.Found found = router.find(method, path);
    return found.route() == null ? null : found.route().id();
  }

  @Test
  void theMostExactPathWins() {
    assertEquals("GET /api/executor/config", found("GET", "/api/executor/config"));
    assertEquals("GET /api/executor/{id}", found("GET", "/api/executor/c123"));
    assertNull(found("DELETE", "/api/executor/config"), "config is no executor");
    assertEquals("[GET, HEAD, OPTIONS]", router.find("DELETE", "/api/executor/config").allowed().toString());
    assertEquals("[DELETE, GET, HEAD, OPTIONS]", router.find("PUT", "/api/executor/c123").allowed().toString());
  }

  @Test
  void variablesAreDecodedAndNeverEmpty() {
    assertEquals(Map.of("id", "a b", "commandId", "c/d"),
        router.find("POST", "/api/executor/a%20b/command/c%2Fd/result").values());
    assertNull(found("GET", "/api/executor/"));
    assertEquals("50%", router.find("GET", "/api/executor/50%").values().get("id"), "malformed escapes stay as they are");
  }

  @Test
  void whatAVariableIsCalledMakesNoOtherPath() {
    router.add("GET /api/command/{id}");
    router.add("PATCH /api/command/{commandId}");
    assertEquals("GET /api/command/{id}", found("GET", "/api/command/c1"));
    assertEquals("PATCH /api/command/{commandId}", found("PATCH", "/api/command/c1"));
    assertEquals("[GET, HEAD, OPTIONS, PATCH]", router.find("PUT", "/api/command/c1").allowed().toString());
  }

  @Test
  void aRestIsOneValue() {
    assertEquals(Map.of("*", "a/b.html"), router.find("GET", "/docs/a/b.html").values());
    assertEquals("GET /", found("GET", "/"));
  }

  @Test
  void headIsAnsweredLikeGetAndWhatLeavesIsGone() {
    assertEquals("GET /api/executor/config", found("HEAD", "/api/executor/config"));
    router.add("GET /api/executor/config");
    router.remove("GET /api/executor/config");
    assertEquals("GET /api/executor/config", found("GET", "/api/executor/config"), "another service speaks for it still");
    router.remove("GET /api/executor/config");
    assertEquals("GET /api/executor/{id}", found("GET", "/api/executor/config"));
    assertTrue(router.find("GET", "/nowhere/at/all").allowed().isEmpty());
  }

  @Test
  void aRouteThatIsNoneIsRefused() {
    for (String bad : List.of("GET", "GET ", "/path", "GET path")) {
      assertThrows(IllegalArgumentException.class, () -> router.add(bad), bad);
    }
  }
}
