package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ShownTest {
  private final Shown shown = new Shown(Map.of("URL", "https://x", "PW", "hunter2"), Map.of("fx.data", "/d"));

  private String value(String key, String text) {
    return shown.value(key, new Value(text, "r:1"));
  }

  @Test
  void placeholdersAreResolved() {
    assertEquals("https://x", value("url", "$[env:URL]"));
    assertEquals("/d/store", value("folder", "$[prop:fx.data]/store"));
    assertEquals("7", value("n", "$[env:NONE;default=7]"));
    assertEquals("(missing: environment variable NONE)", value("n", "$[env:NONE]"));
    assertEquals("r:1, environment variable URL", shown.origin(new Value("$[env:URL]", "r:1")));
  }

  @Test
  void secretsAreDots() {
    for (String key : new String[] {".secret", ".x", "adminPassword", "apiToken", "passwordHash", "clientSecret"}) {
      assertEquals(Shown.DOTS, value(key, "hunter2"));
      assertEquals(Shown.DOTS, value(key, "$[env:PW]"));
    }
    assertEquals(Shown.DOTS, value("x", "$[secret:file]"));
    assertEquals("(missing: environment variable NONE)", value(".secret", "$[env:NONE]"));
    assertEquals("(empty)", value(".secret", ""));
  }

  @Test
  void aPasswordInsideAnAddressIsDots() {
    assertEquals("postgresql://fx:......@db:5432/fx", value("url", "postgresql://fx:hunter2@db:5432/fx"));
    assertEquals("jdbc:postgresql://db/fx?user=fx&password=......&ssl=true", value("url", "jdbc:postgresql://db/fx?user=fx&password=hunter2&ssl=true"));
    assertFalse(value("url", "redis://:hunter2@r:6379").contains("hunter2"));
  }
}
