package com.fxplatform.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.vault.SecretVault;
import com.fxplatform.api.vault.UserDataProtection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  private static final String KEY = "exe_" + "a1".repeat(16);
  private static final String SECRET = "0123456789abcdef".repeat(4);

  @TempDir Path data;
  private final Map<String, String> kept = new HashMap<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ImportCommand command = new ImportCommand();
  private Path former;

  @BeforeEach
  void vault() throws IOException {
    former = Files.createDirectories(data.resolve("roaming").resolve("fx-platform-executor"));
    SecretVault vault =
        new SecretVault() {
          @Override
          public Optional<char[]> read(String name) {
            return Optional.ofNullable(kept.get(name)).map(String::toCharArray);
          }

          @Override
          public void write(String name, char[] secret) {
            kept.put(name, new String(secret));
          }

          @Override
          public void delete(String name) {
            kept.remove(name);
          }

          @Override
          public String place() {
            return "memory";
          }
        };
    command.bindVault(vault, Map.of("service.id", 1L));
  }

  private void config(String secret, String more) throws IOException {
    Files.writeString(
        former.resolve("fx-executor-config.json"),
        "{\"isFirstRun\":false,\"config\":{\"executorId\":\"c123\",\"apiKey\":\"" + KEY + "\",\"apiSecret\":\"" + secret
            + "\",\"platformUrl\":\"https://fx.example.com/\",\"pusherKey\":\"pk\",\"pusherCluster\":\"ap1\",\"zmqPort\":5555,"
            + "\"zmqHost\":\"tcp://localhost\",\"heartbeatInterval\":60" + more + "}}");
  }

  private int run(String... args) {
    said.reset();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    int code =
        command.apply(
            Map.of("args", List.of(args), "out", out, "err", out, "instance", data.resolve("instance"), "settings", Map.of("fx.appdata", data.resolve("roaming").toString())));
    assertFalse(said.toString(StandardCharsets.UTF_8).contains(SECRET));
    return code;
  }

  private String settings() throws IOException {
    return Files.readString(data.resolve("instance/config/com.fxplatform.executor.cfg"));
  }

  @Test
  void aPlainSecretAndTheSharedOneGoIntoTheVault() throws IOException {
    config(SECRET, ",\"sharedSecret\":\"sh4red\"");
    assertEquals(0, run(), said.toString());
    assertEquals(Map.of("api-secret", SECRET, "shared-secret", "sh4red"), kept);
    assertTrue(settings().contains("platformUrl=https://fx.example.com\n") && settings().contains("apiKey=" + KEY), settings());
    assertFalse(settings().contains("override."), "the platform provisions the rest");
    assertFalse(settings().contains(SECRET) || settings().contains("sh4red"));
  }

  @Test
  void byHandTakesTheRestOverAndSwitchesProvisioningOff() throws IOException {
    config(SECRET, "");
    assertEquals(0, run(former.toString(), "--manual", "--platform-url", "http://127.0.0.1:8080"), said.toString());
    for (String line : List.of("autoProvision=false", "override.executorId=c123", "override.zmqPort=5555", "override.pusherCluster=ap1", "platformUrl=http://127.0.0.1:8080")) {
      assertTrue(settings().contains(line), line + " in " + settings());
    }
  }

  @Test
  void aSecretThatWindowsSealedOpensThereOnly() throws Exception {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) 7);
    byte[] nonce = new byte[12];
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    byte[] sealed = cipher.doFinal(SECRET.getBytes(StandardCharsets.US_ASCII));
    byte[] all = new byte[3 + 12 + sealed.length];
    System.arraycopy("v10".getBytes(StandardCharsets.US_ASCII), 0, all, 0, 3);
    System.arraycopy(sealed, 0, all, 15, sealed.length);
    config(Base64.getEncoder().encodeToString(all), "");
    Files.writeString(former.resolve("Local State"), "{\"os_crypt\":{\"encrypted_key\":\"" + Base64.getEncoder().encodeToString("DPAPIblob".getBytes(StandardCharsets.US_ASCII)) + "\"}}");
    assertEquals(1, run());
    assertTrue(said.toString().contains("Windows"), said.toString());
    assertTrue(kept.isEmpty());
    UserDataProtection windows = blob -> {
      assertEquals("blob", new String(blob, StandardCharsets.US_ASCII));
      return key.clone();
    };
    command.bindProtection(windows, Map.of("service.id", 2L));
    assertEquals(0, run(), said.toString());
    assertEquals(SECRET, kept.get("api-secret"));
  }

  @Test
  void whatTheWindowKeptInClearHelpsWhereWindowsIsNot() throws IOException {
    config("djEwAAAA", "");
    Path storage = Files.createDirectories(former.resolve("Local Storage/leveldb"));
    Files.writeString(storage.resolve("000003.log"), "\u0001junk{\"state\":{\"config\":{\"apiSecret\":\"" + SECRET + "\"}}}", StandardCharsets.ISO_8859_1);
    assertEquals(0, run(), said.toString());
    assertEquals(SECRET, kept.get("api-secret"));
  }

  @Test
  void nothingIsWrittenFromAFileThatIsCutAnywhere() throws IOException {
    config(SECRET, "");
    Path file = former.resolve("fx-executor-config.json");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertEquals(1, run(), "cut at " + length + ": " + said);
      assertEquals(1, said.toString(StandardCharsets.UTF_8).lines().count(), said.toString());
    }
    assertTrue(kept.isEmpty());
    assertEquals(1, run(data.resolve("nowhere").toString()));
    Files.writeString(file, "{\"executorId\":\"executor-001\",\"apiKey\":\"\",\"isFirstRun\":true}");
    assertEquals(1, run(), "a placeholder is no setup");
  }
}
