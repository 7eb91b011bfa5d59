package com.fxplatform.setup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Reads what the predecessor's Windows executor left behind (wire-contract 10.1). */
final class FormerExecutor {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PLAIN = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern CLEAR = Pattern.compile("\"apiSecret\":\"([0-9a-f]{64})\"");
  private static final List<String> FOLDERS = List.of("fx-platform-executor", "FX Platform Executor");
  private static final String FILE = "fx-executor-config.json";
  private static final String V10 = "v10";
  private static final int NONCE = 12;
  private static final long MOST = 8L * 1024 * 1024;

  /** Opens what Windows sealed for this user. */
  interface Unprotect {
    byte[] apply(byte[] sealed) throws IOException;
  }

  /**
   * What was found.
   *
   * @param url the platform's address
   * @param apiSecret the caller clears it
   * @param settings what a configuration by hand needs, by our names, without secrets
   */
  record Found(Path file, String url, String apiKey, char[] apiSecret, Optional<char[]> sharedSecret, Map<String, String> settings) {}

  private final Unprotect windows;

  FormerExecutor(Unprotect windows) {
    this.windows = windows;
  }

  /** The configuration file meant: a file itself, its folder, the folder of all programs' data, or the usual places. */
  static Path find(Optional<Path> given, Optional<Path> appData) throws Stop {
    List<Path> places = new ArrayList<>();
    given.ifPresent(
        path -> {
          places.add(path);
          places.add(path.resolve(FILE));
          places.add(path.resolve("config.json"));
          FOLDERS.forEach(folder -> places.add(path.resolve(folder).resolve(FILE)));
        });
    if (given.isEmpty()) {
      appData.ifPresent(
          roaming -> {
            FOLDERS.forEach(folder -> places.add(roaming.resolve(folder).resolve(FILE)));
            places.add(roaming.resolve("fx-executor-config").resolve("config.json"));
          });
    }
    return places.stream()
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new Stop(
                    "The former executor's configuration was not found"
                        + given.map(path -> " at " + path).orElse("")
                        + ": give the path of " + FILE + ", usually in %APPDATA%\\fx-platform-executor."));
  }

  Found read(Path file) throws Stop {
    JsonNode root;
    try {
      if (Files.size(file) > MOST) {
        throw new Stop(file + " is too large to be the former executor's configuration.");
      }
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (IOException damaged) {
      throw new Stop(file + " cannot be read as the former executor's configuration: it is damaged or something else.");
    }
    JsonNode config = root != null && root.path("config").isObject() ? root.path("config") : root;
    if (config == null || !config.isObject()) {
      throw new Stop(file + " is not the former executor's configuration.");
    }
    String key = config.path("apiKey").asText("").strip();
    if (key.isEmpty()) {
      throw new Stop(file + " has no API key: the former executor was never set up. Run fx setup.");
    }
    String url = config.path("platformUrl").asText("").strip();
    Map<String, String> settings = new LinkedHashMap<>();
    for (String name : new String[] {"executorId", "executorName", "pusherKey", "pusherCluster", "zmqPort", "zmqHost", "heartbeatInterval", "commandTimeout"}) {
      String value = config.path(name).asText("").strip();
      if (!value.isEmpty() && !value.contains("$[") && value.chars().noneMatch(c -> c < ' ')) {
        settings.put(name, value);
      }
    }
    String shared = config.path("sharedSecret").asText("").strip();
    return new Found(
        file,
        url.isEmpty() ? "https://fx.nusanexus.com" : url,
        key,
        secret(file, config.path("apiSecret").asText("").strip()),
        shared.isEmpty() ? Optional.empty() : Optional.of(shared.toCharArray()),
        settings);
  }

  private char[] secret(Path file, String kept) throws Stop {
    if (PLAIN.matcher(kept).matches()) {
      return kept.toCharArray();
    }
    Optional<char[]> clear = inLocalStorage(file.toAbsolutePath().getParent().resolve("Local Storage").resolve("leveldb"));
    if (kept.isEmpty() && clear.isEmpty()) {
      throw new Stop(file + " has no API secret: run fx setup with the key and the secret that the platform shows.");
    }
    try {
      return kept.isEmpty() ? clear.get() : sealed(file, kept);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException shut) {
      if (clear.isPresent()) {
        return clear.get();
      }
      String why = shut instanceof IOException && shut.getMessage() != null ? shut.getMessage() : "It is damaged or of another user.";
      throw new Stop("The API secret in " + file + " cannot be opened. " + why + " Or run fx setup with a new secret from the platform.");
    }
  }

  /** Electron's safeStorage: "v10", nonce, AES-256-GCM; the key lies in Local State, sealed by Windows. */
  private char[] sealed(Path file, String kept) throws IOException, GeneralSecurityException {
    byte[] all = Base64.getDecoder().decode(kept);
    if (all.length < V10.length() + NONCE + 16 || !new String(all, 0, V10.length(), StandardCharsets.US_ASCII).equals(V10)) {
      throw new IllegalArgumentException("not v10");
    }
    JsonNode state = JSON.readTree(Files.readAllBytes(file.toAbsolutePath().getParent().resolve("Local State")));
    byte[] wrapped = Base64.getDecoder().decode(state.path("os_crypt").path("encrypted_key").asText(""));
    if (wrapped.length < 6 || !new String(wrapped, 0, 5, StandardCharsets.US_ASCII).equals("DPAPI")) {
      throw new IllegalArgumentException("no key");
    }
    byte[] key = windows.apply(Arrays.copyOfRange(wrapped, 5, wrapped.length));
    byte[] plain = null;
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, all, V10.length(), NONCE));
      plain = cipher.doFinal(all, V10.length() + NONCE, all.length - V10.length() - NONCE);
      char[] secret = new char[plain.length];
      for (int i = 0; i < plain.length; i++) {
        secret[i] = (char) (plain[i] & 0xff);
      }
      return secret;
    } finally {
      Arrays.fill(key, (byte) 0);
      if (plain != null) {
        Arrays.fill(plain, (byte) 0);
      }
    }
  }

  /** Its window kept the secret in clear. */
  private static Optional<char[]> inLocalStorage(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(folder)) {
      char[] last = null;
      for (Path file : all.filter(f -> f.toString().endsWith(".log") || f.toString().endsWith(".ldb")).sorted().toList()) {
        if (Files.size(file) <= MOST) {
          Matcher found = CLEAR.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).replace("\0", ""));
          while (found.find()) {
            last = found.group(1).toCharArray();
          }
        }
      }
      return Optional.ofNullable(last);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
