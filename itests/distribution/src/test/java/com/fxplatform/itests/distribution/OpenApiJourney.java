package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code openapi.yaml} against the built product: its routes are the server's, no more and no fewer. What is answered is checked by ServerJourney. */
class OpenApiJourney {
  private static final Path TREE = Path.of(System.getProperty("fx.tree"));

  @Test
  void everyRouteOfTheServerIsDocumentedAndNoOther() throws Exception {
    Set<String> served = new TreeSet<>();
    for (String bundle : bundles("server", new HashSet<>())) {
      try (Stream<Path> jars = Files.list(TREE.resolve("bundles"))) {
        for (Path jar : jars.filter(path -> path.getFileName().toString().startsWith(bundle + "-")).toList()) {
          served.addAll(routes(jar));
        }
      }
    }
    served.removeIf(route -> route.contains(" /api/local/"));
    assertTrue(served.size() > 30, served.toString());
    assertEquals(served, OpenApi.ofProduct().routes());
  }

  private static Set<String> bundles(String runtime, Set<String> into) throws IOException {
    for (String line : Files.readAllLines(TREE.resolve("runtimes/" + runtime + ".runtime"))) {
      String[] words = line.trim().split("\\s+");
      if (words[0].equals("include")) {
        bundles(words[1], into);
      } else if (words[0].equals("bundle") && words[1].startsWith("com.fxplatform.")) {
        into.add(words[1]);
      }
    }
    return into;
  }

  private static Set<String> routes(Path jar) throws IOException {
    Set<String> routes = new TreeSet<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().filter(e -> e.getName().startsWith("OSGI-INF/") && e.getName().endsWith(".xml")).toList()) {
        String xml = new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        Matcher route = Pattern.compile("(?m)(GET|POST|PUT|PATCH|DELETE) (/[^\\s\"<]*)").matcher(xml);
        while (route.find()) {
          routes.add(route.group(1) + " " + route.group(2).replaceAll("\\{\\w+}", "{}"));
        }
      }
    }
    return routes;
  }

  @Test
  void whatItRefersToIsThere() throws Exception {
    OpenApi api = OpenApi.ofProduct();
    assertTrue(api.root.path("openapi").asText().startsWith("3.1."));
    Set<String> names = new HashSet<>();
    for (JsonNode operation : api.root.path("paths").findParents("operationId")) {
      assertTrue(names.add(operation.path("operationId").asText()), "twice: " + operation.path("operationId"));
      assertFalse(operation.path("responses").isEmpty(), operation.path("operationId").asText());
    }
    List<JsonNode> references = api.root.findValues("$ref");
    assertTrue(references.size() > 50);
    for (JsonNode reference : references) {
      assertFalse(api.root.at(reference.asText().substring(1)).isMissingNode(), reference.asText());
    }
  }
}
