package com.fxplatform.api.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PlatformUrlTest {
  @Test
  void keepsSubPathsAndForgivesSlashesAndBlanks() {
    assertEquals("https://fx.example.com/api/x", PlatformUrl.parse(" https://FX.example.com/ ").resolve("/api/x").toString());
    assertEquals("https://a.b/trade/api/x", PlatformUrl.parse("https://a.b/trade//").resolve("/api/x").toString());
    assertEquals("https://a.b:8443/api/x", PlatformUrl.parse("HTTPS://a.b:8443").resolve("/api/x").toString());
  }

  @Test
  void plainHttpOnlyToThisMachine() {
    for (String ours : new String[] {"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80/x", "http://127.1.2.3"}) {
      PlatformUrl.parse(ours);
    }
    for (String theirs : new String[] {"http://fx.example.com", "http://127.0.0.1.evil.com", "http://localhost.evil.com", "http://10.0.0.1"}) {
      String why = assertThrows(IllegalArgumentException.class, () -> PlatformUrl.parse(theirs), theirs).getMessage();
      assertTrue(why.contains("https://"), why);
    }
  }

  @Test
  void refusesWhatIsNoAddressOfAServer() {
    for (String bad :
        new String[] {"", "fx.example.com", "ftp://a.b", "https://", "https://u:p@a.b", "https://a.b/?x=1", "https://a.b/#x", "https://a b", "//a.b"}) {
      assertThrows(IllegalArgumentException.class, () -> PlatformUrl.parse(bad), bad);
    }
  }
}
