package com.fxplatform.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.realtime.RealtimeApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppFileTest {
  @TempDir Path folder;

  @Test
  void madeUpOnceAndKeptForTheOwnerOnly() throws Exception {
    Path below = folder.resolve("data/gateway");
    AppFile.Identity made = new AppFile(below).identity("");
    assertEquals(made, new AppFile(below).identity(""));
    assertNotEquals(made, AppFile.Identity.random());
    assertTrue(made.appId().matches("\\d{6}"));
    assertTrue(made.key().matches("[0-9a-f]{20}"));
    assertTrue(made.secret().matches("[0-9a-f]{40}"));
    Path file = below.resolve("gateway.properties");
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void aBrokenFileIsNeverReplacedSilently() throws Exception {
    Files.writeString(folder.resolve("gateway.properties"), "appId=1\nkey=2\n");
    assertThrows(IOException.class, () -> new AppFile(folder).identity(""));
    Gateway gateway = gateway(Map.of("folder", folder.toString()));
    assertTrue(gateway.app().isPresent(), "the gateway works with an app made up for this run");
    assertEquals(Result.Status.WARN, new GatewayHealth(gateway).execute().getStatus());
    assertEquals("appId=1\nkey=2\n", Files.readString(folder.resolve("gateway.properties")));
    gateway.deactivate();
  }

  @Test
  void whatIsConfiguredCountsAndWhatCouldNotBeResolvedDoesNot() {
    Gateway gateway = gateway(Map.of("appId", "1", "key", "k", "_secret", "s", "host", "fx.example.com", "port", "443",
        "tls", "true"));
    assertEquals("RealtimeApp[1, k, local, fx.example.com:443]", gateway.app().orElseThrow().toString());
    assertTrue(gateway.app().orElseThrow().tls());
    assertEquals(Result.Status.OK, new GatewayHealth(gateway).execute().getStatus());
    gateway.modified(GatewayServer.config(Gateway.Config.class, Map.of("appId", "$[env:PUSHER_APP_ID]", "key", "k",
        "_secret", "s", "folder", folder.toString(), "host", "$[env:X]", "enabled", "$[env:Y]", "port", "$[prop:fx.http.port]")));
    RealtimeApp app = gateway.app().orElseThrow();
    assertNotEquals("k", app.key());
    assertEquals("127.0.0.1", app.host().orElseThrow());
    assertEquals(8080, app.port());
    assertFalse(app.tls());
    gateway.deactivate();
  }

  private static Gateway gateway(Map<String, ?> values) {
    return new Gateway(GatewayServer.config(Gateway.Config.class, values));
  }

  @Test
  void nodesWithOneMasterKeyServeOneApp(@TempDir Path one, @TempDir Path other) throws IOException {
    String masterKey = "0123456789abcdef0123456789abcdef";
    AppFile.Identity app = new AppFile(one).identity(masterKey);
    assertEquals(app, new AppFile(other).identity(masterKey));
    assertEquals(40, app.secret().length());
    assertEquals(20, app.key().length());
    AppFile.Identity kept = new AppFile(other.resolve("older")).identity("");
    assertEquals(kept, new AppFile(other.resolve("older")).identity(masterKey), "clients hold the key that is kept");
  }
}
