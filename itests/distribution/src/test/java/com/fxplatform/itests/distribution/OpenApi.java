package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/** {@code docs/openapi.yaml} of the built product, and whether an answer is as it says. */
final class OpenApi {
  /** What any address may answer, as the document's description says. */
  private static final Set<Integer> ANYWHERE = Set.of(400, 403, 404, 405, 408, 503);

  /** An operation: its method, and its path cut at the slashes. */
  private record Operation(String method, List<String> segments, String pointer, JsonNode node) {
    boolean matches(String verb, List<String> path) {
      if (!method.equals(verb) || segments.size() != path.size()) {
        return false;
      }
      for (int i = 0; i < path.size(); i++) {
        if (!segments.get(i).startsWith("{") && !segments.get(i).equals(path.get(i))) {
          return false;
        }
      }
      return true;
    }

    long variables() {
      return segments.stream().filter(segment -> segment.startsWith("{")).count();
    }

    String name() {
      return node.path("operationId").asText();
    }
  }

  final JsonNode root;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, JsonSchema> schemas = new ConcurrentHashMap<>();
  private final JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private final Set<String> seen = new ConcurrentSkipListSet<>();

  private OpenApi(JsonNode root) {
    this.root = root;
    root.path("paths").fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(operation -> {
      if (!operation.getKey().equals("parameters")) {
        operations.add(new Operation(operation.getKey().toUpperCase(java.util.Locale.ROOT), List.of(path.getKey().split("/", -1)),
            "/paths/" + path.getKey().replace("~", "~0").replace("/", "~1") + "/" + operation.getKey(), operation.getValue()));
      }
    }));
  }

  static OpenApi ofProduct() throws IOException {
    return new OpenApi(new ObjectMapper(new YAMLFactory()).readTree(Path.of(System.getProperty("fx.tree"), "docs/openapi.yaml").toFile()));
  }

  /** {@code GET /api/executor/{}} and so on: names of variables do not matter. */
  Set<String> routes() {
    Set<String> routes = new TreeSet<>();
    operations.forEach(operation -> routes.add(operation.method + " " + String.join("/", operation.segments).replaceAll("\\{\\w+}", "{}")));
    return routes;
  }

  /** Operations that were never answered while this watched. */
  Set<String> unseen() {
    Set<String> names = new TreeSet<>();
    operations.stream().map(Operation::name).filter(name -> !seen.contains(name)).forEach(names::add);
    return names;
  }

  /** Fails the test if the document does not know this status here, or its body has another shape. */
  void check(String method, String path, int status, String type, String body) {
    List<String> segments = List.of(path.split("[?]", 2)[0].split("/", -1));
    Operation operation = operations.stream().filter(candidate -> candidate.matches(method, segments))
        .min(java.util.Comparator.comparingLong(Operation::variables)).orElse(null);
    if (operation == null) {
      return;
    }
    String what = method + " " + path + " answered " + status + " " + body;
    seen.add(operation.name());
    JsonNode response = operation.node.path("responses").path(Integer.toString(status));
    if (response.isMissingNode() && !ANYWHERE.contains(status)) {
      throw new AssertionError("openapi.yaml does not know this status: " + what);
    }
    JsonNode content = response.path("content").path("application/json");
    String pointer = response.isMissingNode() ? "/components/schemas/Error"
        : operation.pointer + "/responses/" + status + "/content/application~1json/schema";
    if (!response.isMissingNode() && content.isMissingNode()) {
      return;
    }
    if (!type.startsWith("application/json")) {
      throw new AssertionError("openapi.yaml says JSON, not " + type + ": " + what);
    }
    Set<ValidationMessage> wrong = schemas.computeIfAbsent(pointer, this::schema).validate(Json.read(body));
    if (!wrong.isEmpty()) {
      throw new AssertionError("openapi.yaml says otherwise: " + wrong + ": " + what);
    }
  }

  private JsonSchema schema(String pointer) {
    ObjectNode whole = root.deepCopy();
    whole.put("$ref", "#" + pointer);
    return factory.getSchema(whole);
  }
}
