package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The API's document does what it says: its examples run against the product, and it knows every route. */
@Tag("slow")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentationJourney {
  private Product product;
  private Map<String, String> environment;
  private String text;

  @BeforeAll
  void start() throws Exception {
    text = Files.readString(Path.of(System.getProperty("fx.tree"), "docs/EXECUTOR_API_DOCUMENTATION.md"));
    product = new Product();
    int port = product.freePort();
    String platform = "http://127.0.0.1:" + port;
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD,
        "FX_HTTP_PORT", Integer.toString(port), "FX_ADMIN_PORT", Integer.toString(product.freePort())));
    Browser owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
    Credentials executor = Credentials.create(owner, "as documented");
    owner.send("POST", "/api/executor/" + executor.id() + "/command", Map.of("command", "GET_STATUS"));
    environment = Map.of("PLATFORM", platform, "ID", executor.id(), "KEY", executor.apiKey(), "SECRET", executor.secret(),
        "EMAIL", Product.EMAIL, "PASSWORD", Product.PASSWORD);
  }

  @AfterAll
  void stop() throws Exception {
    product.close();
  }

  private List<String> blocks(String language) {
    Matcher matcher = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL).matcher(text);
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    assertFalse(blocks.isEmpty(), "no " + language + " in the document");
    return blocks;
  }

  private Product.Said run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(product.folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String said;
    try (InputStream in = process.getInputStream()) {
      said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), said);
    return new Product.Said(process.exitValue(), said);
  }

  @Test
  void itsShellExamplesRun() throws Exception {
    for (String block : blocks("sh")) {
      Product.Said said = run("bash", "-euo", "pipefail", "-c", block);
      assertEquals(0, said.code(), block + "\n" + said.text());
      assertFalse(said.text().contains("\"error\""), said.text());
    }
  }

  @Test
  void itsJavaRuns() throws Exception {
    Files.writeString(product.folder.resolve("Heartbeat.java"), blocks("java").get(0));
    Product.Said said = run(Path.of(System.getProperty("java.home"), "bin/java").toString(), "Heartbeat.java");
    assertEquals(0, said.code(), said.text());
    assertTrue(said.text().contains("unchanged: 304") && said.text().contains("\"success\":true"), said.text());
  }

  @Test
  void itsTypeScriptRuns() throws Exception {
    Debian.need("node", "nodejs");
    Files.writeString(product.folder.resolve("executor.mts"), blocks("ts").get(0));
    // not every Node reads types: the compiler itself takes them away
    try (InputStream compiler = getClass().getResourceAsStream("/META-INF/resources/webjars/typescript/" + System.getProperty("typescript.version") + "/lib/typescript.js")) {
      Files.copy(compiler, product.folder.resolve("typescript.cjs"));
    }
    Product.Said compiled = run("node", "-e", """
        const ts = require("./typescript.cjs"), fs = require("fs");
        const made = ts.transpileModule(fs.readFileSync("executor.mts", "utf8"), {
          fileName: "executor.mts", reportDiagnostics: true, compilerOptions: { target: "ES2022", module: "ESNext" } });
        fs.writeFileSync("executor.mjs", made.outputText);
        made.diagnostics.forEach((wrong) => console.log(wrong.messageText));
        process.exit(made.diagnostics.length);
        """);
    assertEquals(0, compiled.code(), compiled.text());
    Product.Said said = run("node", "executor.mjs");
    assertEquals(0, said.code(), said.text());
    assertTrue(said.text().contains("commands done:"), said.text());
  }

  @Test
  void itsJsonIsJsonAndItsLinksLeadSomewhere() throws Exception {
    blocks("json").forEach(Json::read);
    Matcher link = Pattern.compile("\\]\\(#([\\w-]+)\\)").matcher(text);
    Set<String> anchors = new TreeSet<>();
    for (String line : text.lines().filter(l -> l.startsWith("#")).toList()) {
      anchors.add(line.replaceAll("^#+ ", "").toLowerCase(java.util.Locale.ROOT).replaceAll("[^\\w -]", "").replace(' ', '-'));
    }
    while (link.find()) {
      assertTrue(anchors.contains(link.group(1)), link.group(1) + " is none of " + anchors);
    }
  }

  @Test
  void itKnowsEveryRouteOfTheApi() throws Exception {
    Map<String, String> missing = new HashMap<>();
    for (String route : OpenApi.ofProduct().routes()) {
      String path = route.substring(route.indexOf(' ') + 1);
      String pattern = Pattern.quote(path).replace("{}", "\\E\\{\\w+}\\Q");
      if (path.startsWith("/api/") && !Pattern.compile(pattern + "(?![\\w/])").matcher(text).find()) {
        missing.put(route, pattern);
      }
    }
    assertEquals(Map.of(), missing);
  }
}
