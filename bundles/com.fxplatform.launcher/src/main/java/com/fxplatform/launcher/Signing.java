package com.fxplatform.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import jdk.security.jarsigner.JarSignerException;

/** Makes signing keys and signs jars: {@code fx keys}, {@code fx sign}. The passphrase is never an argument. */
final class Signing {
  static final String PASSPHRASE = "FX_KEY_PASSPHRASE";
  private static final int SHORTEST = 8;
  private static final String ALIAS = "fx";
  // child and parent share a user, and an argument would be everybody's to read
  private static final String FOR_KEYTOOL = "FX_KEYTOOL_PASSPHRASE";
  private static final long KEYTOOL_SECONDS = 60;

  private final Map<String, String> environment;
  private final InputStream in;

  Signing(Map<String, String> environment, InputStream in) {
    this.environment = environment;
    this.in = in;
  }

  /** What was made: the key to keep, the certificate to give away. */
  record Made(Path key, Path certificate, X509Certificate is) {}

  /** @param passphraseFile may be {@code null} */
  Made makeKey(Path folder, String file, String owner, int days, Path passphraseFile) {
    if (!file.matches("[A-Za-z0-9._-]+")) {
      throw new Trouble("--file wants a name of letters, digits, dot, dash and underscore, for example acme.");
    }
    if (owner.isBlank() || owner.matches(".*[,+=\"\\\\<>;#\\p{Cntrl}].*")) {
      throw new Trouble("The owner's name may not be empty nor hold , + = \" \\ < > ; or #.");
    }
    Path key = folder.resolve(file + ".p12");
    Path certificate = folder.resolve(file + ".pem");
    for (Path there : List.of(key, certificate)) {
      if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
        throw new Trouble(there + " is there already; choose another name with --file, or move it away.");
      }
    }
    char[] passphrase = passphrase(passphraseFile, true);
    try {
      Files.createDirectories(folder);
      keytool(key, owner, days, passphrase);
      Instance.closeToOthers(key);
      X509Certificate is = (X509Certificate) open(key, passphrase).getCertificate(ALIAS);
      Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(is.getEncoded()) + "\n-----END CERTIFICATE-----\n");
      return new Made(key, certificate, is);
    } catch (IOException | GeneralSecurityException e) {
      throw new Trouble("The key cannot be written to " + folder + " (" + e.getMessage() + "); check its permissions.");
    } finally {
      Arrays.fill(passphrase, ' ');
    }
  }

  private static void keytool(Path key, String owner, int days, char[] passphrase) throws IOException {
    Path tool = Path.of(System.getProperty("java.home"), "bin", System.getProperty("os.name").startsWith("Windows") ? "keytool.exe" : "keytool");
    if (!Files.isExecutable(tool)) {
      throw new Trouble("This Java has no keytool (" + tool + "); set JAVA_HOME to one that has.");
    }
    ProcessBuilder builder = new ProcessBuilder(tool.toString(), "-genkeypair", "-storetype", "PKCS12", "-keystore", key.toString(),
        "-storepass:env", FOR_KEYTOOL, "-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA",
        "-dname", "CN=" + owner, "-validity", Integer.toString(days), "-ext", "KeyUsage:critical=digitalSignature",
        "-ext", "ExtendedKeyUsage=codeSigning").redirectErrorStream(true);
    builder.environment().put(FOR_KEYTOOL, new String(passphrase));
    Process process = builder.start();
    try (InputStream said = process.getInputStream()) {
      process.getOutputStream().close();
      String text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new Trouble("keytool could not make the key: " + text.lines().findFirst().orElse("it said nothing") + ".");
      }
    } catch (InterruptedException stop) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new Trouble("Interrupted.");
    }
  }

  private static KeyStore open(Path key, char[] passphrase) {
    try {
      return KeyStore.getInstance(key.toFile(), passphrase);
    } catch (IOException e) {
      throw new Trouble(e.getCause() instanceof java.security.UnrecoverableKeyException
          ? "The passphrase does not open " + key + "; try again."
          : key + " cannot be read as a key store (" + e.getMessage() + "); name the .p12 file that fx keys made.");
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Trouble(key + " is no key store; name the .p12 file that fx keys made.");
    }
  }

  /** Signs a jar in its place; a former signature of the same tool is replaced. @return the signer's certificate */
  X509Certificate sign(Path jar, Path key, Path passphraseFile) {
    if (!Files.isRegularFile(jar)) {
      throw new Trouble("There is no file " + jar + ".");
    }
    if (!Files.isRegularFile(key)) {
      throw new Trouble("There is no key " + key + "; make one with `fx keys`.");
    }
    char[] passphrase = passphrase(passphraseFile, false);
    try {
      KeyStore store = open(key, passphrase);
      for (String alias : java.util.Collections.list(store.aliases())) {
        if (store.entryInstanceOf(alias, KeyStore.PrivateKeyEntry.class)) {
          KeyStore.PrivateKeyEntry entry =
              (KeyStore.PrivateKeyEntry) store.getEntry(alias, new KeyStore.PasswordProtection(passphrase));
          X509Certificate signer = (X509Certificate) entry.getCertificate();
          signer.checkValidity();
          Seal.set(jar, entry);
          return signer;
        }
      }
      throw new Trouble(key + " holds no private key; name the .p12 file that fx keys made.");
    } catch (NoClassDefFoundError reduced) {
      throw new Trouble("This Java cannot sign jars (its module jdk.jartool is missing); run fx sign with a JDK.");
    } catch (java.security.cert.CertificateExpiredException | java.security.cert.CertificateNotYetValidException e) {
      throw new Trouble("The certificate of " + key + " is not valid now (" + e.getMessage() + "); make a new key with `fx keys`.");
    } catch (GeneralSecurityException e) {
      throw new Trouble("The key in " + key + " cannot be used (" + e.getMessage() + ").");
    } finally {
      Arrays.fill(passphrase, ' ');
    }
  }

  /** Apart, because a reduced Java lacks the module, and keys can be made all the same. */
  private static final class Seal {
    static void set(Path jar, KeyStore.PrivateKeyEntry entry) {
      Path whole = jar.toAbsolutePath();
      try {
        Path fresh = Files.createTempFile(whole.getParent(), "." + whole.getFileName(), ".signing");
        try {
          try (ZipFile from = new ZipFile(jar.toFile()); OutputStream to = Files.newOutputStream(fresh)) {
            new JarSigner.Builder(entry).digestAlgorithm("SHA-256").signerName("FX").build().sign(from, to);
          }
          Files.move(fresh, whole, StandardCopyOption.REPLACE_EXISTING);
        } finally {
          Files.deleteIfExists(fresh);
        }
      } catch (IOException | JarSignerException | java.security.NoSuchAlgorithmException e) {
        throw new Trouble(jar + " cannot be signed (" + e.getMessage() + "); is it a jar, and may you write beside it?");
      }
    }
  }

  /** From a file, the environment, the console, or the first line of standard input, in that order. */
  private char[] passphrase(Path file, boolean fresh) {
    char[] passphrase;
    try {
      if (file != null) {
        passphrase = Files.readString(file).lines().findFirst().orElse("").toCharArray();
      } else if (environment.get(PASSPHRASE) != null) {
        passphrase = environment.get(PASSPHRASE).toCharArray();
      } else if (System.console() != null) {
        passphrase = System.console().readPassword("Passphrase of the key: ");
        if (fresh && !Arrays.equals(passphrase, System.console().readPassword("Once more: "))) {
          throw new Trouble("The two differ; try again.");
        }
      } else {
        String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        passphrase = line == null ? null : line.toCharArray();
      }
    } catch (IOException e) {
      throw new Trouble("The passphrase cannot be read (" + e.getMessage() + ").");
    }
    if (passphrase == null || passphrase.length == 0) {
      throw new Trouble("There is no passphrase; type it, name a file with --passphrase-file, or set " + PASSPHRASE + ".");
    }
    if (fresh && passphrase.length < SHORTEST) {
      throw new Trouble("A passphrase has at least " + SHORTEST + " characters; take a longer one.");
    }
    return passphrase;
  }
}
