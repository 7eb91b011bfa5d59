package com.fxplatform.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate with its chain and the private key that belongs to it, read from two PEM files. */
final class PemPair {
  private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");

  private final byte[] content;
  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private PemPair(byte[] content, List<X509Certificate> chain, PrivateKey key) {
    this.content = content;
    this.chain = chain;
    this.key = key;
  }

  /** @throws IOException with one sentence that says what is wrong with which file */
  static PemPair read(Path certificate, Path key) throws IOException {
    byte[] certificates = bytes(certificate);
    byte[] secret = bytes(key);
    List<X509Certificate> chain;
    try {
      chain = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(certificates)).stream()
          .map(X509Certificate.class::cast).toList();
    } catch (GeneralSecurityException malformed) {
      throw new IOException(certificate + " holds no certificate in PEM form", malformed);
    }
    if (chain.isEmpty()) {
      throw new IOException(certificate + " holds no certificate in PEM form");
    }
    PrivateKey privateKey = key(key, new String(secret, StandardCharsets.ISO_8859_1), chain.get(0).getPublicKey().getAlgorithm());
    if (!belong(chain.get(0), privateKey)) {
      throw new IOException("the key in " + key + " does not belong to the first certificate in " + certificate);
    }
    return new PemPair(join(certificates, secret), chain, privateKey);
  }

  /** Whether the files hold something else now. */
  static boolean changed(PemPair known, Path certificate, Path key) throws IOException {
    return known == null || !Arrays.equals(known.content, join(bytes(certificate), bytes(key)));
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new IOException(file + " does not exist", missing);
    } catch (IOException unreadable) {
      throw new IOException(file + " cannot be read", unreadable);
    }
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static PrivateKey key(Path file, String text, String algorithm) throws IOException {
    Matcher pem = KEY.matcher(text);
    if (!pem.find()) {
      throw new IOException(file + " holds no private key in PEM form");
    }
    if (!pem.group(1).isEmpty()) {
      throw new IOException(file + " holds a key in a form that is not read here; "
          + "`openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` makes one that is");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException unusable) {
      // not as the cause: it may repeat the key
      throw new IOException(file + " holds no " + algorithm + " key, as the certificate does");
    }
  }

  private static boolean belong(X509Certificate certificate, PrivateKey key) {
    String algorithm = switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
    try {
      byte[] text = "one pair".getBytes(StandardCharsets.US_ASCII);
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException no) {
      return false;
    }
  }

  /** In memory only. */
  KeyStore store(char[] password) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key, password, chain.toArray(Certificate[]::new));
      return store;
    } catch (GeneralSecurityException unusable) {
      throw new IOException("the certificate and its key cannot be used", unusable);
    }
  }

  Instant validUntil() {
    return chain.get(0).getNotAfter().toInstant();
  }

  String subject() {
    return chain.get(0).getSubjectX500Principal().getName();
  }
}
