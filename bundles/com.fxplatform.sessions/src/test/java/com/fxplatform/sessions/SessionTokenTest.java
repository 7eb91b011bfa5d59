package com.fxplatform.sessions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The vectors of wire-contract 16. */
class SessionTokenTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String ADA =
      "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAECAwQFBgcICQoL.a9luCmE0O5ZPWdj4MoswPHjA9z2x2I29gy0P_um--hc-67TOiN9lyLwxsRIN1PC"
          + "PZbD_1YzaqpxzHd24_OkzTFXixc78Hc4iaN9P_9V7RZ7cWtl0kqdQtJj-lyMNnOqJnZyXn6xVK1TfPCV0_cJBhLsKqLRQPIvdEtjIG03_ZGHfgaVedVmfm"
          + "cDm8T61g_-q7ZudsyRF-Pz5bQKHogIW0TttDjTq-F14yfEpYidAb89EbRC5AbAuPxjSszGOUoNBn1WsJq3kv2cjRT7UOus7OYYEeg.mBG0T19cVjSFThZd"
          + "MDQ4hw";

  @Test
  void theKeyIsDerivedLikeNextAuthDoes() {
    assertEquals("0b77c2310f642c7ec884b0b52096ae1555583d199b320d2b12573b153dccfd64",
        HexFormat.of().formatHex(SessionToken.derive(SECRET)));
  }

  @Test
  void thePredecessorsTokenIsRead() {
    SessionToken.Claims claims = new SessionToken(SECRET).read(ADA).orElseThrow();
    assertEquals("clu000000000000000000user1", claims.userId());
    assertEquals("Ada Lovelace", claims.name());
    assertEquals("ada@example.com", claims.email());
    assertEquals("user", claims.role());
    assertEquals(4915760000L, claims.expires().getEpochSecond());
  }

  @Test
  void ourOwnTokensAreReadBackAndForeignOnesAreNot() {
    SessionToken tokens = new SessionToken(SECRET);
    Instant soon = Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    var claims = new SessionToken.Claims("u", "N", "e@x", "admin", soon);
    assertEquals(claims, tokens.read(tokens.issue(claims)).orElseThrow());
    assertTrue(new SessionToken("x".repeat(32)).read(tokens.issue(claims)).isEmpty(), "another secret");
    assertTrue(tokens.read(tokens.issue(new SessionToken.Claims("u", "N", "e", "user", Instant.now().minusSeconds(60)))).isEmpty());
    for (String garbage : new String[] {"", ".", "....", "a.b.c.d.e", "x".repeat(20_000), ADA.substring(0, 200), "\u0000"}) {
      assertTrue(tokens.read(garbage).isEmpty());
    }
  }

  @Test
  void theCsrfCookieIsHashedLikeNextAuthDoes() {
    assertEquals("d900c839357e3c942010670e400a55103f76a8a777e9800a79228a544185bec0",
        new SessionCookies(false, SECRET).csrfHash("a".repeat(64)));
  }

  @Test
  @Timeout(30)
  void aTokenThatIsKnownExpiresAllTheSame() {
    SessionToken tokens = new SessionToken("0123456789abcdef0123456789abcdef");
    // its grace of 15 s ends in a moment
    String token = tokens.issue(new SessionToken.Claims("u", "N", "e", "user", Instant.now().minusSeconds(13)));
    assertTrue(tokens.read(token).isPresent());
    while (tokens.read(token).isPresent()) {
      LockSupport.parkNanos(20_000_000);
    }
    assertTrue(new SessionToken("another secret of 32 characters!").read(token).isEmpty());
  }
}
