package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server with a certificate of its own, renewed while it runs, and plain HTTP that is for this machine only. */
@Tag("slow")
@Timeout(240)
class TlsJourney {
  private Path folder;

  /** Makes a pair for 127.0.0.1 and puts it in place; returns what trusts it and nothing else. */
  private KeyStore renew(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC",
        "-alias", "a", "-dname", "CN=" + name, "-ext", "san=ip:127.0.0.1", "-validity", "90", "-storetype", "PKCS12", "-keystore",
        store.toString(), "-storepass", "changeit").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    assertTrue(keytool.waitFor(60, TimeUnit.SECONDS) && keytool.exitValue() == 0);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    pem("live.key", "PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded());
    pem("live.crt", "CERTIFICATE", keys.getCertificate("a").getEncoded());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("a", keys.getCertificate("a"));
    return trusted;
  }

  private void pem(String file, String kind, byte[] der) throws IOException {
    Path half = Files.writeString(folder.resolve(file + ".new"), "-----BEGIN " + kind + "-----\n"
        + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind + "-----\n");
    Files.move(half, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  private static HttpResponse<String> get(KeyStore trusted, String address) throws Exception {
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).connectTimeout(Duration.ofSeconds(10)).build()
        .send(HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Optional<String> addressThatIsNotLoopback() throws IOException {
    for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(network.getInetAddresses())) {
        if (address instanceof Inet4Address && !address.isLoopbackAddress() && network.isUp()) {
          return Optional.of(address.getHostAddress());
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void httpsWithARenewedCertificate() throws Exception {
    try (Product product = new Product()) {
      folder = product.folder;
      KeyStore first = renew("first");
      int plain = product.freePort();
      int secure = product.freePort();
      Optional<String> elsewhere = addressThatIsNotLoopback();
      product.start("server", Map.of("FX_HTTP_PORT", Integer.toString(plain), "FX_ADMIN_PORT", Integer.toString(product.freePort()),
          "FX_HTTP_HOST", elsewhere.isPresent() ? "0.0.0.0" : "127.0.0.1", "NEXTAUTH_URL", "https://fx.example.com",
          "FX_TLS_CERTIFICATE", folder.resolve("live.crt").toString(), "FX_TLS_KEY", folder.resolve("live.key").toString(),
          "FX_TLS_LISTEN", Integer.toString(secure)));
      String https = "https://127.0.0.1:" + secure;
      HttpResponse<String> answer = get(first, https + "/api/auth/csrf");
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.headers().firstValue("Strict-Transport-Security").orElse("").contains("max-age="), answer.headers().toString());
      assertEquals("CN=first", ((X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0]).getSubjectX500Principal().getName());

      Browser here = new Browser("http://127.0.0.1:" + plain);
      assertEquals(200, here.get("/api/auth/csrf").status(), "plain HTTP from this machine");
      assertTrue(here.get("/docs/api").http().body().contains("<h1"), "the API reference is served");
      if (elsewhere.isPresent()) {
        Browser.Answer refused = new Browser("http://" + elsewhere.get() + ":" + plain).get("/api/auth/csrf");
        assertEquals(403, refused.status());
        assertEquals("HTTPS_REQUIRED", refused.code());
        // nobody is a proxy because he says so
        assertEquals(403, new Browser("http://" + elsewhere.get() + ":" + plain).get("/api/auth/csrf", "X-Forwarded-Proto", "https").status());
      }

      KeyStore second = renew("second");
      Await.until("the renewed certificate is shown", Duration.ofSeconds(40), () -> {
        try {
          return get(second, https + "/api/auth/csrf").statusCode() == 200;
        } catch (IOException stillTheFirst) {
          return false;
        }
      });
      product.process("server");
    }
  }
}
