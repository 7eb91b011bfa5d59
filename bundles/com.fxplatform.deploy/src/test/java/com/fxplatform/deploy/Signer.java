package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;

/** Somebody with a key, made by the JDK's own keytool. */
record Signer(String name, KeyStore.PrivateKeyEntry key) {
  private static final char[] PASSPHRASE = "only for a test".toCharArray();

  /** @param more for keytool */
  static Signer called(Path folder, String name, String... more) throws Exception {
    Path file = folder.resolve(name + ".p12");
    List<String> command = new ArrayList<>(List.of("-genkeypair", "-keystore", file.toString(), "-alias", "a", "-keyalg", "EC",
        "-dname", "CN=" + name));
    command.addAll(List.of(more));
    keytool(command.toArray(String[]::new));
    return opened(folder, name);
  }

  private static Signer opened(Path folder, String name) throws Exception {
    KeyStore store = KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSPHRASE);
    return new Signer(name, (KeyStore.PrivateKeyEntry) store.getEntry("a", new KeyStore.PasswordProtection(PASSPHRASE)));
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass:env", "P"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("P", new String(PASSPHRASE));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  /** Whose certificate another one has signed. */
  static Signer issued(Path folder, Signer root, String name) throws Exception {
    called(folder, name);
    Path request = folder.resolve(name + ".csr");
    Path certificate = folder.resolve(name + ".crt");
    keytool("-certreq", "-keystore", folder.resolve(name + ".p12").toString(), "-alias", "a", "-file", request.toString());
    keytool("-gencert", "-keystore", folder.resolve(root.name + ".p12").toString(), "-alias", "a", "-infile", request.toString(),
        "-outfile", certificate.toString(), "-rfc");
    keytool("-exportcert", "-keystore", folder.resolve(root.name + ".p12").toString(), "-alias", "a", "-rfc", "-file",
        folder.resolve("root.crt").toString());
    Files.writeString(certificate, Files.readString(certificate) + Files.readString(folder.resolve("root.crt")));
    keytool("-importcert", "-noprompt", "-keystore", folder.resolve(name + ".p12").toString(), "-alias", "a", "-file", certificate.toString());
    return opened(folder, name);
  }

  /** Puts the certificate where it is trusted. */
  Signer trustedIn(Path folder) throws Exception {
    Files.writeString(Files.createDirectories(folder).resolve(name + ".pem"), "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getCertificate().getEncoded()) + "\n-----END CERTIFICATE-----\n");
    return this;
  }

  byte[] sign(byte[] jar) throws Exception {
    Path plain = Files.createTempFile("plain", ".jar");
    Path signed = Files.createTempFile("signed", ".jar");
    try {
      Files.write(plain, jar);
      try (ZipFile from = new ZipFile(plain.toFile()); OutputStream to = Files.newOutputStream(signed)) {
        new JarSigner.Builder(key).digestAlgorithm("SHA-256").signerName(name).build().sign(from, to);
      }
      return Files.readAllBytes(signed);
    } finally {
      Files.delete(plain);
      Files.delete(signed);
    }
  }

  /** The jar with other entries. */
  static byte[] changed(byte[] jar, UnaryOperator<Map<String, byte[]>> change) throws IOException {
    Path file = Files.createTempFile("changed", ".jar");
    try {
      Files.write(file, jar);
      Map<String, byte[]> entries = new LinkedHashMap<>();
      try (ZipFile zip = new ZipFile(file.toFile())) {
        for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
          entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
        }
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Map.Entry<String, byte[]> entry : change.apply(entries).entrySet()) {
          zip.putNextEntry(new ZipEntry(entry.getKey()));
          zip.write(entry.getValue());
        }
      }
      return out.toByteArray();
    } finally {
      Files.delete(file);
    }
  }
}
