package com.fxplatform.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.felix.hc.api.Result;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TlsDoorTest {
  /** Where a subject's certificate and key lie. */
  private record Pair(Path certificate, Path key) {}

  @TempDir Path folder;
  private int port;
  private Server server;
  private TlsDoor door;

  @BeforeEach
  void freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.stop();
      door.deactivate();
    }
  }

  private TlsDoor.Config config(String certificate, String key) {
    return new TlsDoor.Config() {
      @Override
      public String certificate() {
        return certificate;
      }

      @Override
      public String key() {
        return key;
      }

      @Override
      public String listen() {
        return "127.0.0.1:" + port;
      }

      @Override
      public String host() {
        return "$[prop:fx.http.host]";
      }

      @Override
      public int look() {
        return 1;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return TlsDoor.Config.class;
      }
    };
  }

  private Pair made(String name, String algorithm) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
        "-keyalg", algorithm, "-alias", "a", "-dname", "CN=" + name, "-validity", "90", "-storetype", "PKCS12", "-keystore", store.toString(),
        "-storepass", "changeit").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    assertTrue(keytool.waitFor(60, TimeUnit.SECONDS) && keytool.exitValue() == 0);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    return new Pair(
        pem(name + ".crt", "CERTIFICATE", keys.getCertificate("a").getEncoded()),
        pem(name + ".key", "PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded()));
  }

  private Path pem(String file, String kind, byte[] der) throws IOException {
    return Files.writeString(folder.resolve(file), "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'})
        .encodeToString(der) + "\n-----END " + kind + "-----\n");
  }

  private void start(TlsDoor with) throws Exception {
    door = with;
    server = new Server();
    Connector way = door.createConnector(server);
    server.addConnector(way);
    server.start();
  }

  /** Whose certificate is shown, and what a plain request over it is answered. */
  private String shown() throws Exception {
    SSLContext anybody = SSLContext.getInstance("TLS");
    anybody.init(null, new TrustManager[] {new X509TrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type) {}

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    }}, null);
    try (SSLSocket socket = (SSLSocket) anybody.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertTrue(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 404"));
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
    }
  }

  private void awaitShown(String subject) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!shown().equals(subject)) {
      assertTrue(System.nanoTime() < deadline, "never shown: " + subject);
      LockSupport.parkNanos(50_000_000L);
    }
  }

  private Result awaitHealth(Result.Status status) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (door.execute().getStatus() != status) {
      assertTrue(System.nanoTime() < deadline, "never " + status + ": " + door.execute());
      LockSupport.parkNanos(50_000_000L);
    }
    return door.execute();
  }

  @Test
  void aRenewedPairCountsWithoutARestartAndABrokenOneDoesNot() throws Exception {
    Pair first = made("first", "RSA");
    Pair second = made("second", "EC");
    Path certificate = Files.copy(first.certificate, folder.resolve("live.crt"));
    Path key = Files.copy(first.key, folder.resolve("live.key"));
    start(new TlsDoor(config(certificate.toString(), key.toString())));
    assertEquals("CN=first", shown());
    assertTrue(door.execute().isOk(), door.execute().toString());

    Files.write(certificate, Files.readAllBytes(second.certificate));
    Result halfway = awaitHealth(Result.Status.WARN);
    assertTrue(halfway.toString().contains("goes on with the former certificate"), halfway.toString());
    assertEquals("CN=first", shown(), "half a renewal changes nothing");
    Files.write(key, Files.readAllBytes(second.key));
    awaitShown("CN=second");
    awaitHealth(Result.Status.OK);

    Files.writeString(certificate, "rubbish");
    awaitHealth(Result.Status.WARN);
    assertEquals("CN=second", shown());
    Files.write(certificate, Files.readAllBytes(second.certificate));
    awaitHealth(Result.Status.OK);
  }

  @Test
  void itOpensOnceTheFilesAreThereAndClosesWhenTheyAreNotWanted() throws Exception {
    Pair pair = made("late", "RSA");
    start(new TlsDoor(config(folder.resolve("live.crt").toString(), folder.resolve("live.key").toString())));
    Result missing = door.execute();
    assertEquals(Result.Status.CRITICAL, missing.getStatus());
    assertTrue(missing.toString().contains("live.crt does not exist"), missing.toString());
    Files.copy(pair.key, folder.resolve("live.key"));
    Files.copy(pair.certificate, folder.resolve("live.crt"));
    awaitHealth(Result.Status.OK);
    assertEquals("CN=late", shown());
    door.modified(config("", "$[prop:fx.tls.key]"));
    assertTrue(door.execute().toString().contains("not configured"), door.execute().toString());
    awaitFree();
  }

  /** A connection that is just ending may hold the port for a moment. */
  private void awaitFree() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (true) {
      try {
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        return;
      } catch (BindException taken) {
        if (System.nanoTime() > deadline) {
          throw taken;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  @Test
  void keysOfAnotherFormAndOfAnotherCertificateAreNamed() throws Exception {
    Pair one = made("one", "RSA");
    Pair other = made("other", "RSA");
    assertTrue(why(one.certificate, other.key).contains("does not belong"));
    Path old = Files.writeString(folder.resolve("old.key"), Files.readString(one.key).replace("PRIVATE KEY", "RSA PRIVATE KEY"));
    assertTrue(why(one.certificate, old).contains("openssl pkcs8"));
    assertTrue(why(one.key, one.key).contains("no certificate"));
    assertFalse(why(one.certificate, one.certificate).isEmpty());
  }

  private static String why(Path certificate, Path key) {
    try {
      PemPair.read(certificate, key);
      return "";
    } catch (IOException said) {
      return said.getMessage();
    }
  }
}
