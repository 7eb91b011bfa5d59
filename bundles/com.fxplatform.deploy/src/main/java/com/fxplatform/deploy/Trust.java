package com.fxplatform.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whose jars may be installed: those signed by somebody whose certificate, or whose issuer's, lies in {@code trust/}.
 * Reads bytes only, so that no class of a foreign jar is loaded before it is known whose it is.
 */
final class Trust {
  /** How much a signature matters. */
  enum Mode {
    /** Nobody looks. */
    OFF,
    /** What is wrong is a line in the ledger and the log. */
    WARN,
    /** What is wrong bounces. */
    REQUIRE
  }

  private static final Pattern SIGNATURE_FILE =
      Pattern.compile("META-INF/(MANIFEST\\.MF|[^/]+\\.(SF|RSA|DSA|EC)|SIG-[^/]*)", Pattern.CASE_INSENSITIVE);

  private final Path folder;
  private final String wanted;

  /** @param wanted off, warn or require; empty for require as soon as {@code folder} holds a certificate, else off */
  Trust(Path folder, String wanted) {
    this.folder = folder;
    this.wanted = wanted == null || wanted.startsWith("$[") ? "" : wanted.strip();
  }

  /** Whether a configured word is one of the modes. */
  static boolean isMode(String word) {
    return word.isBlank() || word.startsWith("$[") || Arrays.stream(Mode.values()).anyMatch(mode -> mode.name().equalsIgnoreCase(word.strip()));
  }

  Mode mode() throws IOException {
    return wanted.isEmpty() ? files().isEmpty() ? Mode.OFF : Mode.REQUIRE : Mode.valueOf(wanted.toUpperCase(Locale.ROOT));
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*.{pem,crt,cer}")) {
        all.forEach(files::add);
      }
    }
    Collections.sort(files);
    return files;
  }

  /**
   * What is wrong with a jar's signature.
   *
   * @param stoodBefore it had settled here while its certificate was valid, and is brought up again after a restart
   * @return one sentence with the remedy; empty if nothing is wrong, or nobody looks
   */
  Optional<String> complaint(Path jar, boolean stoodBefore) throws IOException {
    if (mode() == Mode.OFF) {
      return Optional.empty();
    }
    try {
      check(jar, stoodBefore);
      return Optional.empty();
    } catch (Rejected no) {
      return Optional.of(no.getMessage());
    }
  }

  private void check(Path jar, boolean stoodBefore) throws Rejected, IOException {
    Set<X509Certificate> trusted = trusted();
    Set<CodeSigner> everywhere = null;
    try (JarFile file = new JarFile(jar.toFile(), true)) {
      Set<String> seen = new HashSet<>();
      for (JarEntry entry : Collections.list(file.entries())) {
        String name = entry.getName();
        if (!seen.add(name)) {
          throw new Rejected("It holds " + name + " twice, and only one of the two can be the one that was signed; build it again.");
        }
        if (entry.isDirectory() || SIGNATURE_FILE.matcher(name).matches()) {
          continue;
        }
        try (InputStream in = file.getInputStream(entry)) {
          // the digest is compared when all has been read
          in.transferTo(OutputStream.nullOutputStream());
        }
        CodeSigner[] signers = entry.getCodeSigners();
        if (signers == null) {
          throw new Rejected(everywhere == null && !isSigned(file)
              ? "It is not signed; sign it with `fx sign`, by a key whose certificate lies in trust/."
              : "Its entry " + name + " is not signed; sign the whole jar again with `fx sign`.");
        }
        if (everywhere == null) {
          everywhere = new HashSet<>(List.of(signers));
        } else {
          everywhere.retainAll(List.of(signers));
        }
      }
    } catch (SecurityException tampered) {
      throw new Rejected("It was changed after it had been signed (" + tampered.getMessage() + "); build and sign it again.");
    }
    if (everywhere == null || everywhere.isEmpty()) {
      throw new Rejected("Nobody has signed all of it; sign the whole jar with `fx sign`.");
    }
    List<String> complaints = new ArrayList<>();
    for (CodeSigner signer : everywhere) {
      Optional<String> complaint = complaint(signer.getSignerCertPath(), trusted, stoodBefore);
      if (complaint.isEmpty()) {
        return;
      }
      complaints.add(complaint.get());
    }
    throw new Rejected(complaints.get(0));
  }

  private static boolean isSigned(JarFile file) {
    return file.stream().anyMatch(entry -> entry.getName().toUpperCase(Locale.ROOT).matches("META-INF/[^/]+\\.SF"));
  }

  private Set<X509Certificate> trusted() throws Rejected, IOException {
    Set<X509Certificate> trusted = new HashSet<>();
    for (Path file : files()) {
      try (InputStream in = Files.newInputStream(file)) {
        for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          trusted.add((X509Certificate) certificate);
        }
      } catch (CertificateException e) {
        throw new Rejected("Nobody's signature can be judged: trust/" + file.getFileName() + " holds no certificate that can be read;"
            + " put it right or take it away.");
      }
    }
    if (trusted.isEmpty()) {
      throw new Rejected("No certificate lies in trust/, but signatures are asked for; put the signer's there.");
    }
    return trusted;
  }

  private static Optional<String> complaint(CertPath path, Set<X509Certificate> trusted, boolean stoodBefore) {
    X509Certificate signer = (X509Certificate) path.getCertificates().get(0);
    String who = signer.getSubjectX500Principal().getName();
    try {
      if (!trusted.contains(signer)) {
        PKIXParameters rules = new PKIXParameters(trusted.stream().map(one -> new TrustAnchor(one, null)).collect(Collectors.toSet()));
        // a trading machine may reach nobody who could tell what was revoked; taking the certificate out of trust/ does
        rules.setRevocationEnabled(false);
        if (stoodBefore) {
          rules.setDate(signer.getNotBefore());
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate one : path.getCertificates()) {
          if (trusted.contains(one)) {
            break;
          }
          chain.add((X509Certificate) one);
        }
        CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), rules);
      }
      if (!stoodBefore) {
        signer.checkValidity();
      }
      return Optional.empty();
    } catch (CertificateExpiredException expired) {
      return Optional.of(expired(who, signer));
    } catch (CertificateNotYetValidException early) {
      return Optional.of("The certificate of its signer " + who + " is not valid before " + signer.getNotBefore().toInstant()
          + "; look at this machine's clock.");
    } catch (CertPathValidatorException stranger) {
      if (stranger.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
        return Optional.of(expired(who, signer));
      }
      Set<String> names = trusted.stream().map(one -> one.getSubjectX500Principal().getName()).collect(Collectors.toCollection(TreeSet::new));
      return Optional.of("Its signer " + who + " is not trusted here, " + String.join(" and ", names) + (names.size() > 1 ? " are" : " is")
          + "; put the signer's certificate into trust/ if you trust it.");
    } catch (GeneralSecurityException e) {
      return Optional.of("The certificate of its signer " + who + " cannot be judged: " + e.getMessage());
    }
  }

  private static String expired(String who, X509Certificate signer) {
    return "The certificate of its signer " + who + " has expired (" + signer.getNotAfter().toInstant()
        + "); sign it again with a new key of `fx keys`, and put that certificate into trust/.";
  }
}
