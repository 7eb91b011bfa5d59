package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboundTest {
  private static final String[] PROPERTIES = {"javax.net.ssl.trustStore", "javax.net.ssl.trustStoreType", "javax.net.ssl.trustStorePassword"};

  @TempDir Path folder;

  @AfterEach
  void restore() {
    for (String name : PROPERTIES) {
      System.clearProperty(name);
    }
  }

  @Test
  void oneAuthorityMoreThanJavasOwn() throws Exception {
    KeyStore java = KeyStore.getInstance(Path.of(System.getProperty("java.home"), "lib", "security", "cacerts").toFile(), "changeit".toCharArray());
    byte[] any = java.getCertificate(java.aliases().nextElement()).getEncoded();
    Path pem = Files.writeString(folder.resolve("ca.pem"),
        "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(any) + "\n-----END CERTIFICATE-----\n");
    Path store = folder.resolve("cache/trust.p12");
    Outbound.trust(pem, store);
    KeyStore all = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      all.load(in, "changeit".toCharArray());
    }
    assertTrue(all.size() > 10, "Java's own stay: " + all.size());
    assertTrue(Collections.list(all.aliases()).stream().anyMatch(alias -> alias.startsWith("own")));
    assertEquals(store.toString(), System.getProperty("javax.net.ssl.trustStore"));
  }

  @Test
  void nonsenseIsASentence() throws IOException {
    Path none = Files.writeString(folder.resolve("none.pem"), "nothing here");
    Trouble no = assertThrows(Trouble.class, () -> Outbound.trust(none, folder.resolve("t.p12")));
    assertTrue(no.getMessage().startsWith("fx.tls.ca: "), no.getMessage());
    assertThrows(Trouble.class, () -> Outbound.trust(folder.resolve("missing.pem"), folder.resolve("t.p12")));
  }
}
