package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** How this process reaches the world: a company's own certificate authority, and a proxy. Said once for everybody in it. */
final class Outbound {
  private static final String PASSWORD = "changeit";

  private Outbound() {}

  /** Before anything opens a connection: Java looks at this once. */
  static void apply(Settings settings, Instance instance) {
    String ca = settings.get(Settings.TLS_CA).strip();
    if (!ca.isEmpty()) {
      trust(Path.of(ca), instance.cache().resolve("trust-" + ProcessHandle.current().pid() + ".p12"));
    }
    String proxy = settings.get(Settings.PROXY).strip();
    if (!proxy.isEmpty()) {
      proxy(proxy);
    }
  }

  /** Java's own authorities and those of the file. */
  static void trust(Path pem, Path store) {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> own = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (own.isEmpty()) {
        throw new Trouble("fx.tls.ca: there is no certificate in " + pem + "; it wants a PEM file (-----BEGIN CERTIFICATE-----).");
      }
      KeyStore all = KeyStore.getInstance("PKCS12");
      all.load(null, null);
      TrustManagerFactory usual = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      usual.init((KeyStore) null);
      int number = 0;
      for (TrustManager manager : usual.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          for (X509Certificate certificate : x509.getAcceptedIssuers()) {
            all.setCertificateEntry("java" + number++, certificate);
          }
        }
      }
      for (Certificate certificate : own) {
        all.setCertificateEntry("own" + number++, certificate);
      }
      Files.createDirectories(store.toAbsolutePath().getParent());
      try (OutputStream out = Files.newOutputStream(store)) {
        all.store(out, PASSWORD.toCharArray());
      }
      store.toFile().deleteOnExit();
      System.setProperty("javax.net.ssl.trustStore", store.toString());
      System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
      System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    } catch (IOException | GeneralSecurityException unreadable) {
      throw new Trouble("fx.tls.ca: " + pem + " cannot be read as certificates (" + unreadable.getMessage() + "); it wants a PEM file.");
    }
  }

  private static void proxy(String text) {
    try {
      URI address = URI.create(text.contains("://") ? text : "http://" + text);
      if (address.getHost() == null || address.getPort() < 1 || address.getRawUserInfo() != null) {
        throw new IllegalArgumentException(text);
      }
      for (String scheme : new String[] {"http", "https"}) {
        System.setProperty(scheme + ".proxyHost", address.getHost());
        System.setProperty(scheme + ".proxyPort", String.valueOf(address.getPort()));
      }
    } catch (IllegalArgumentException nonsense) {
      throw new Trouble("fx.proxy must be host:port, for example proxy.example.com:3128.");
    }
  }
}
