package com.fxplatform.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static Target of(String written) {
    return Target.of(written, Path.of("data"));
  }

  @Test
  void nothingMeansTheEmbeddedOne() {
    for (String nothing : new String[] {"", " ", "$[env:DATABASE_URL]"}) {
      assertTrue(of(nothing).url().startsWith("jdbc:h2:file:/"), nothing);
    }
  }

  @Test
  void thePredecessorsForm() {
    assertEquals(new Target("jdbc:postgresql://db.example.com:5432/fx", "ada", "p@ss:w/rd"),
        of("postgres://ada:p%40ss%3Aw%2Frd@db.example.com/fx"));
    assertEquals(new Target("jdbc:postgresql://[::1]:6543/fx?currentSchema=trading&sslmode=require&prepareThreshold=0", "ada", ""),
        of("postgresql://ada@[::1]:6543/fx?schema=trading&sslmode=require&pgbouncer=true&connection_limit=1&pool_timeout=10"));
  }

  @Test
  void jdbcsForm() {
    assertEquals(new Target("jdbc:postgresql://h/fx?sslmode=disable", "ada", "s+e&c"),
        of("jdbc:postgresql://h/fx?user=ada&password=s+e%26c&sslmode=disable"));
    assertEquals(new Target("jdbc:h2:mem:x;MODE=LEGACY;WRITE_DELAY=0", "sa", "pw"), of("jdbc:h2:mem:x;USER=sa;PASSWORD=pw;MODE=LEGACY"));
    assertEquals("jdbc:h2:mem:x;WRITE_DELAY=500", of("jdbc:h2:mem:x;WRITE_DELAY=500").url(), "whoever says it means it");
  }

  @Test
  void thePasswordIsSaidNowhere() {
    assertFalse(of("postgres://ada:hunter2@h/fx?sslpassword=hunter2").toString().contains("hunter2"));
    for (String wrong : new String[] {"mysql://ada:hunter2@h/fx", "postgres://ada:hunter2@h", "postgres://ada:hunter2 x@h/fx"}) {
      String said = assertThrows(IllegalArgumentException.class, () -> of(wrong), wrong).getMessage();
      assertFalse(said.contains("hunter2"), said);
    }
  }
}
