package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.deploy.Deployment.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose jars get in. What bounces has never been installed: the ledger knows no state of it but the refusal. */
@Timeout(60)
class TrustTest {
  @TempDir static Path keys;
  private static Signer acme;
  private static Signer stranger;

  @TempDir Path temp;
  private House house;

  @BeforeAll
  static void makeKeys() throws Exception {
    acme = Signer.called(keys, "acme");
    stranger = Signer.called(keys, "stranger");
  }

  @BeforeEach
  void build() throws Exception {
    house = new House(temp);
    house.tree("com.acme.greeter-1.0.0.jar", new Plugin("1.0.0", "one"));
  }

  @AfterEach
  void leave() throws Exception {
    house.close();
  }

  private static byte[] two() {
    return new Plugin("1.1.0", "two").jar();
  }

  private void bounces(byte[] jar, String part) throws Exception {
    house.caretaker(0);
    house.drop("x.jar", jar);
    String why = house.awaitWhy("x.jar");
    assertTrue(why.contains(part), why);
    assertEquals(java.util.List.of(State.REJECTED), house.states(), "nothing of it was installed");
    assertEquals("one", house.says());
  }

  private void trusts(Signer signer) throws Exception {
    signer.trustedIn(temp.resolve("trust"));
  }

  private static byte[] changed(byte[] jar, UnaryOperator<java.util.Map<String, byte[]>> change) throws Exception {
    return Signer.changed(jar, change);
  }

  @Test
  void withoutACertificateNobodyAsks() throws Exception {
    house.caretaker(0);
    house.drop("x.jar", two());
    house.awaitSettled("1.1.0");
  }

  @Test
  void theTrustedSignerGetsIn() throws Exception {
    trusts(acme);
    house.caretaker(0);
    house.drop("x.jar", acme.sign(two()));
    house.awaitSettled("1.1.0");
    assertEquals("two", house.says());
  }

  @Test
  void whoIsSignedByTwoNeedsOneOfThemTrusted() throws Exception {
    trusts(acme);
    house.caretaker(0);
    house.drop("x.jar", stranger.sign(acme.sign(two())));
    house.awaitSettled("1.1.0");
  }

  @Test
  void whoseIssuerIsTrustedGetsIn() throws Exception {
    Signer root = Signer.called(temp, "root", "-ext", "bc:c");
    Signer leaf = Signer.issued(temp, root, "leaf");
    trusts(root);
    house.caretaker(0);
    house.drop("x.jar", leaf.sign(two()));
    house.awaitSettled("1.1.0");
  }

  @Test
  void theUnsignedBounces() throws Exception {
    trusts(acme);
    bounces(two(), "It is not signed; sign it with `fx sign`");
  }

  @Test
  void aStrangerBounces() throws Exception {
    trusts(acme);
    bounces(stranger.sign(two()), "Its signer CN=stranger is not trusted here, CN=acme is");
  }

  @Test
  void whoTakesTheNameOfATrustedOneBounces() throws Exception {
    trusts(acme);
    Path elsewhere = Files.createDirectories(temp.resolve("elsewhere"));
    bounces(Signer.called(elsewhere, "acme").sign(two()), "Its signer CN=acme is not trusted here");
  }

  @Test
  void anExpiredCertificateBounces() throws Exception {
    Signer late = Signer.called(temp, "late", "-startdate", "-30d", "-validity", "10");
    trusts(late);
    bounces(late.sign(two()), "The certificate of its signer CN=late has expired");
  }

  @Test
  void aCertificateOfTheFutureBounces() throws Exception {
    Signer early = Signer.called(temp, "early", "-startdate", "+30d");
    trusts(early);
    bounces(early.sign(two()), "is not valid before");
  }

  @Test
  void aChangedEntryBounces() throws Exception {
    trusts(acme);
    bounces(changed(acme.sign(two()), entries -> {
      entries.put("behaviour", "says=evil".getBytes(StandardCharsets.UTF_8));
      return entries;
    }), "It was changed after it had been signed");
  }

  @Test
  void anExtraUnsignedEntryBounces() throws Exception {
    trusts(acme);
    bounces(changed(acme.sign(two()), entries -> {
      entries.put("com/acme/Evil.class", new byte[] {1});
      return entries;
    }), "Its entry com/acme/Evil.class is not signed");
  }

  @Test
  void aChangedManifestBounces() throws Exception {
    trusts(acme);
    bounces(changed(acme.sign(two()), entries -> {
      String manifest = new String(entries.get("META-INF/MANIFEST.MF"), StandardCharsets.UTF_8);
      entries.put("META-INF/MANIFEST.MF", manifest.replace("Bundle-Version: 1.1.0", "Bundle-Version: 9.9.9").getBytes(StandardCharsets.UTF_8));
      return entries;
    }), "It was changed after it had been signed");
  }

  @Test
  void aSignatureThatWasTakenOutBounces() throws Exception {
    trusts(acme);
    bounces(changed(acme.sign(two()), entries -> {
      entries.keySet().removeIf(name -> name.matches("META-INF/.*\\.(SF|EC|RSA)"));
      return entries;
    }), "It is not signed");
  }

  @Test
  void aSignatureBlockThatWasTakenOutBounces() throws Exception {
    trusts(acme);
    bounces(changed(acme.sign(two()), entries -> {
      entries.keySet().removeIf(name -> name.matches("META-INF/.*\\.(EC|RSA)"));
      return entries;
    }), "is not signed");
  }

  @Test
  void anUnreadableCertificateLetsNobodyIn() throws Exception {
    trusts(acme);
    Files.writeString(temp.resolve("trust/broken.pem"), "what is this");
    bounces(acme.sign(two()), "trust/broken.pem holds no certificate that can be read");
  }

  @Test
  void requiredWithoutACertificateLetsNobodyIn() throws Exception {
    house.signatures = "require";
    bounces(acme.sign(two()), "No certificate lies in trust/");
  }

  @Test
  void aWarningStandsInTheLedger() throws Exception {
    trusts(acme);
    house.signatures = "warn";
    house.caretaker(0);
    house.drop("x.jar", two());
    house.awaitSettled("1.1.0");
    assertTrue(house.caretaker.ledger().get(0).why().startsWith("Warning: It is not signed"));
  }

  @Test
  void offIsOff() throws Exception {
    trusts(acme);
    house.signatures = "off";
    house.caretaker(0);
    house.drop("x.jar", two());
    house.awaitSettled("1.1.0");
  }

  @Test
  void anUnknownModeIsRefused() {
    house.signatures = "maybe";
    String why = assertThrows(IllegalArgumentException.class, () -> house.caretaker(0)).getMessage();
    assertTrue(why.contains("off, warn or require"), why);
  }

  @Test
  void whoIsNoLongerTrustedDoesNotComeBackAfterARestart() throws Exception {
    trusts(acme);
    house.caretaker(0);
    house.drop("x.jar", acme.sign(two()));
    house.awaitSettled("1.1.0");
    Files.delete(temp.resolve("trust/acme.pem"));
    stranger.trustedIn(temp.resolve("trust"));
    house = house.restarted();
    house.tree("com.acme.greeter-1.0.0.jar", new Plugin("1.0.0", "one"));
    house.caretaker(0);
    assertTrue(house.awaitWhy("x.jar").contains("is not trusted here"));
    assertEquals("one", house.says());
    assertFalse(house.greeters().stream().anyMatch(bundle -> bundle.getVersion().toString().equals("1.1.0")));
  }
}
