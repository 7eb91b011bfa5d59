package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SigningTest {
  @TempDir Path temp;

  private static Signing typing(String passphrase) {
    return new Signing(Map.of(), new ByteArrayInputStream((passphrase + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private Path jar() throws Exception {
    Path jar = temp.resolve("acme.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("hello.txt"));
      out.write("hello".getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }

  @Test
  void aKeySignsAndItsCertificateIsTheSigners() throws Exception {
    Signing.Made made = typing("correct horse").makeKey(temp, "acme", "Acme Ltd", 30, null);
    if (Files.getFileStore(temp).supportsFileAttributeView("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.key())));
    }
    X509Certificate pem;
    try (InputStream in = Files.newInputStream(made.certificate())) {
      pem = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    assertEquals(made.is(), pem);
    assertEquals("CN=Acme Ltd", pem.getSubjectX500Principal().getName());

    Path jar = jar();
    Path secret = Files.writeString(temp.resolve("passphrase"), "correct horse\n");
    // twice: signing anew is no error
    typing("").sign(jar, made.key(), secret);
    new Signing(Map.of(Signing.PASSPHRASE, "correct horse"), InputStream.nullInputStream()).sign(jar, made.key(), null);
    try (JarFile signed = new JarFile(jar.toFile(), true)) {
      JarEntry entry = signed.getJarEntry("hello.txt");
      assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), signed.getInputStream(entry).readAllBytes());
      assertEquals(1, entry.getCodeSigners().length);
      assertEquals(pem, entry.getCodeSigners()[0].getSignerCertPath().getCertificates().get(0));
    }
  }

  private static void says(String part, org.junit.jupiter.api.function.Executable call) {
    String said = assertThrows(Trouble.class, call).getMessage();
    assertTrue(said.contains(part), said);
  }

  @Test
  void eachSlipIsOneSentence() throws Exception {
    Path jar = jar();
    Signing.Made made = typing("correct horse").makeKey(temp, "acme", "Acme", 30, null);
    says("is there already", () -> typing("correct horse").makeKey(temp, "acme", "Acme", 30, null));
    says("at least 8", () -> typing("short").makeKey(temp, "other", "Acme", 30, null));
    says("There is no passphrase", () -> typing("").makeKey(temp, "other", "Acme", 30, null));
    says("owner's name", () -> typing("correct horse").makeKey(temp, "other", "Acme, O=Bank", 30, null));
    says("does not open", () -> typing("wrong horse").sign(jar, made.key(), null));
    says("There is no key", () -> typing("correct horse").sign(jar, temp.resolve("none.p12"), null));
    says("There is no file", () -> typing("correct horse").sign(temp.resolve("none.jar"), made.key(), null));
    says("cannot be signed", () -> typing("correct horse").sign(made.certificate(), made.key(), null));
    says("key store", () -> typing("correct horse").sign(jar, made.certificate(), null));
  }
}
