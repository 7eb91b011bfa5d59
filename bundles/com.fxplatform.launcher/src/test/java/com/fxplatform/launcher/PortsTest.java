package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
  @TempDir Path temp;
  private Tree tree;

  @BeforeEach
  void tree() throws IOException {
    tree = new Tree(temp);
    tree.write("runtimes/r.runtime", "set fx.http.port=0 fx.admin.port=0 other.port=99999");
  }

  private Settings probe(String... sets) {
    Fx fx = tree.fx(sets);
    Settings settings = fx.settings(fx.runtime("r"));
    Ports.probe(settings);
    return settings;
  }

  private String trouble(String... sets) {
    return assertThrows(Trouble.class, () -> probe(sets)).getMessage();
  }

  @Test
  void zeroIsChosenByTheSystem() throws IOException {
    Settings settings = probe();
    int http = Integer.parseInt(settings.get("fx.http.port"));
    assertNotEquals(0, http);
    assertNotEquals(settings.get("fx.admin.port"), settings.get("fx.http.port"));
    assertEquals("chosen by the system", settings.all().get("fx.http.port").origin());
    new ServerSocket(http, 1, InetAddress.getLoopbackAddress()).close();
  }

  @Test
  void aTakenPortIsNamedWithItsSettingAndTheRemedy() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertEquals("Port " + port + " on 127.0.0.1 is taken by another program; choose another with FX_HTTP_PORT=PORT in the environment,"
          + " or with --set fx.http.port=PORT.", trouble("fx.http.port=" + port));
    }
  }

  @Test
  void aPortTakenOnAllAddressesIsTakenToo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      assertTrue(trouble("fx.admin.port=" + taken.getLocalPort()).contains("FX_ADMIN_PORT"));
    }
  }

  @Test
  void onePortForTwoSettings() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertTrue(trouble("fx.http.port=" + free, "fx.admin.port=" + free).contains("is wanted twice, by fx.admin.port and fx.http.port"));
  }

  @Test
  void whatIsNoPortOrNoAddress() {
    assertEquals("fx.http.port=http (--set) is no port; a port is a number from 0 to 65535.", trouble("fx.http.port=http"));
    assertTrue(trouble("fx.http.port=65536").contains("is no port"));
    assertTrue(trouble("fx.http.host=192.0.2.1").contains("192.0.2.1 is no address of this machine"));
  }
}
