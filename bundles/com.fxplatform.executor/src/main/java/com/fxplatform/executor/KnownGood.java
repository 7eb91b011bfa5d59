package com.fxplatform.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.api.vault.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last configurations that this executor ran healthy on, as numbered private files. */
final class KnownGood {
  private static final Logger LOG = LoggerFactory.getLogger(KnownGood.class);
  private static final int KEPT = 3;

  private final Optional<Path> folder;

  KnownGood(Optional<Path> folder) {
    this.folder = folder;
  }

  /** Keeps one; what cannot be kept is told and changes nothing else. */
  void keep(String identity, ProvisionedConfig config) {
    if (folder.isEmpty()) {
      return;
    }
    try {
      List<Path> files = files();
      long number = files.isEmpty() ? 1 : number(files.get(0)) + 1;
      Map<String, Object> content = new LinkedHashMap<>();
      content.put("identity", digest(identity));
      content.put("revision", config.revision());
      content.put("etag", config.etag());
      content.put("values", config.values());
      PrivateFile.write(
          folder.get().resolve(number + ".json"),
          PlatformLine.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
      for (Path old : files.subList(Math.min(KEPT - 1, files.size()), files.size())) {
        Files.deleteIfExists(old);
      }
    } catch (IOException full) {
      LOG.warn("The configuration works but cannot be kept for a start without the platform. folder={} why={}", folder.get(), full.toString());
    }
  }

  /** The newest one that is readable, valid and of the same executor. */
  Optional<ProvisionedConfig> latest(String identity) {
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    try {
      for (Path file : files()) {
        Optional<ProvisionedConfig> one = read(file, identity);
        if (one.isPresent()) {
          return one;
        }
      }
    } catch (IOException unreadable) {
      LOG.warn("Earlier configurations cannot be read. folder={} why={}", folder.get(), unreadable.toString());
    }
    return Optional.empty();
  }

  @SuppressWarnings("unchecked")
  private static Optional<ProvisionedConfig> read(Path file, String identity) {
    try {
      JsonNode content = PlatformLine.JSON.readTree(Files.readAllBytes(file));
      if (!content.path("identity").asText().equals(digest(identity)) || !content.path("values").isObject()) {
        return Optional.empty();
      }
      ProvisionedConfig config =
          new ProvisionedConfig(
              content.path("revision").asText(),
              content.path("etag").asText(),
              PlatformLine.JSON.convertValue(content.path("values"), Map.class));
      config.flat(Map.of());
      return Optional.of(config);
    } catch (IOException | IllegalArgumentException damaged) {
      LOG.warn("An earlier configuration is damaged and skipped. file={} why={}", file, damaged.toString());
      return Optional.empty();
    }
  }

  /** Newest first. */
  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder.get())) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder.get())) {
      return all.filter(file -> file.getFileName().toString().matches("\\d{1,18}\\.json"))
          .sorted(Comparator.comparingLong(KnownGood::number).reversed())
          .toList();
    }
  }

  private static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().replace(".json", ""));
  }

  private static String digest(String identity) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8)), 0, 16);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
