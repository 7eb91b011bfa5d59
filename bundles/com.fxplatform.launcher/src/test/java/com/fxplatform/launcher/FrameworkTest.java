package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.ManagedService;

class FrameworkTest {
  @TempDir Path temp;
  private Tree tree;

  @BeforeEach
  void tree() throws IOException {
    tree = new Tree(temp);
  }

  private Checkup.Findings check(String... sets) {
    return Checkup.of(tree.fx(sets), "r");
  }

  @Test
  void aMissingJarIsNamedWithTheLineThatWantsIt() throws IOException {
    tree.write("runtimes/r.runtime", "# x", "bundle com.acme.gone");
    assertEquals(List.of("runtimes/r.runtime:2: there is no com.acme.gone-<version>.jar in bundles/; put it there, or take the line out."),
        check().wrong());
  }

  @Test
  void aPortThatIsNoneIsFoundBeforeTheStart() throws IOException {
    tree.write("runtimes/r.runtime", "set fx.http.port=99999 fx.admin.port=8181");
    assertEquals(List.of("fx.http.port=99999 (runtimes/r.runtime:1) is no port; a port is a number from 0 to 65535."), check().wrong());
  }

  @Test
  void aMissingPackageIsNamedWithWhoNeedsItAndTheBundleThatHasIt() throws IOException {
    tree.write("runtimes/r.runtime", "bundle com.acme.x", "bundle com.acme.y");
    tree.bundle("com.acme.x-1.0.0.jar", List.of("Bundle-SymbolicName", "com.acme.x", "Bundle-Version", "1.0.0",
        "Import-Package", "org.json;version=\"[1,2)\",gone.away"));
    // y hangs on x and is not the root of anything
    tree.bundle("com.acme.y-1.0.0.jar", List.of("Bundle-SymbolicName", "com.acme.y", "Require-Bundle", "com.acme.x"));
    tree.bundle("json.jar", List.of("Bundle-SymbolicName", "org.json.bundle;singleton:=true", "Export-Package",
        "a.b;uses:=\"org.json,x\",org.json;version=\"1.4\""));
    assertEquals(
        List.of("com.acme.x needs package org.json [1,2): add `bundle org.json.bundle` to the runtime file.",
            "com.acme.x needs package gone.away, and no jar in bundles/ exports it: put one there and add its `bundle` line,"
                + " or embed the package in com.acme.x."),
        check().wrong());
  }

  @Test
  void aPackageOfAnotherVersionIsNamedWithTheVersionThereIs() throws IOException {
    tree.write("runtimes/r.runtime", "bundle com.acme.x", "bundle lib");
    tree.bundle("com.acme.x-1.0.0.jar", List.of("Bundle-SymbolicName", "com.acme.x", "Import-Package", "x.y;version=\"[2,3)\""));
    tree.bundle("lib-1.0.0.jar", List.of("Bundle-SymbolicName", "lib", "Export-Package", "x.y;version=1.4"));
    assertEquals(List.of("com.acme.x needs package x.y [2,3); the runtime offers 1.4.0: add a bundle that exports a version in that range."),
        check().wrong());
  }

  @Test
  void whatResolvesIsCleanAndNothingIsActivated() throws IOException {
    tree.write("runtimes/r.runtime", "bundle echo", "config com.acme.risk limit=1", "config com.acme.Risk x=1", "config com.acme.tpyo~eu x=1");
    tree.bundle("echo-1.0.0.jar", List.of("Bundle-SymbolicName", "echo", "Bundle-Activator", "no.such.Activator",
        "Service-Component", "OSGI-INF/c.xml", "Import-Package", "org.slf4j;version=\"[1.7,2)\",org.osgi.service.cm"));
    Checkup.Findings found = check("nobody.home/x=1");
    assertEquals(List.of(), found.wrong());
    assertEquals(1, found.bundles());
    assertEquals(
        List.of("runtimes/r.runtime:4: nothing reads the configuration com.acme.tpyo~eu; check the PID, or add the bundle that does.",
            "--set: nothing reads the configuration nobody.home; check the PID, or add the bundle that does."),
        found.warnings());
    assertEquals(List.of(), Home.list(tree.data.resolve("data/cache")), "the framework cleans up");
  }

  @Test
  void bothLinesOfSlf4jAreOffered() throws IOException {
    tree.write("runtimes/r.runtime", "bundle old", "bundle new");
    tree.bundle("old-1.0.0.jar", List.of("Bundle-SymbolicName", "old", "Import-Package", "org.slf4j;version=\"[1.7,2)\""));
    tree.bundle("new-1.0.0.jar", List.of("Bundle-SymbolicName", "new", "Import-Package", "org.slf4j;version=\"[2,3)\""));
    assertEquals(List.of(), check().wrong());
  }

  @Test
  void theHighestVersionOfABundleIsTaken() throws IOException {
    for (String version : List.of("1.2.0", "1.10.0", "1.9.0")) {
      tree.bundle("b-" + version + ".jar", List.of("Bundle-SymbolicName", "b", "Bundle-Version", version));
    }
    assertEquals("b-1.10.0.jar", new Jars(tree.root.resolve("bundles")).find("b").orElseThrow().getFileName().toString());
  }

  @Test
  void rangesAreSaidBriefly() {
    assertEquals("[1,2)", Resolution.range("(&(osgi.wiring.package=x)(version>=1.0.0)(!(version>=2.0.0)))"));
    assertEquals("1.7.36 or newer", Resolution.range("(&(osgi.wiring.package=x)(version>=1.7.36))"));
    assertEquals("", Resolution.range("(osgi.wiring.package=x)"));
  }

  private void configAdmin() throws Exception {
    tree.library("org/apache/felix/cm/impl/ConfigurationManager.class", "org.apache.felix.configadmin");
    tree.library("org/apache/felix/configadmin/plugin/interpolation/Activator.class", "org.apache.felix.configadmin.plugin.interpolation");
    tree.library("org/osgi/util/converter/Converter.class", "org.osgi.util.converter");
    tree.library("org/osgi/util/function/Function.class", "org.osgi.util.function");
  }

  @Test
  void configurationArrivesResolvedFollowsTheFileAndLeavesWithIt() throws Exception {
    configAdmin();
    tree.write("runtimes/r.runtime", "bundle org.osgi.util.function", "bundle org.osgi.util.converter",
        "bundle org.apache.felix.configadmin.plugin.interpolation", "bundle org.apache.felix.configadmin",
        "set fx.http.port=8080", "config p port=$[prop:fx.http.port] .secret=$[secret:key] none=$[env:FX_NO_SUCH_THING] a=1");
    Fx fx = tree.fx();
    fx.instance().create();
    Files.writeString(fx.instance().secrets().resolve("key"), "s3cret");
    RuntimeFile runtime = fx.runtime("r");
    Framework framework = new Framework(fx.settings(runtime), fx.instance(), fx.instance().cache().resolve("r"));
    try {
      Jars jars = new Jars(tree.root.resolve("bundles"));
      assertEquals(List.of(), framework.install(runtime, jars));
      assertEquals(List.of(), framework.resolve(jars));
      ConfigLayers layers = fx.layers(runtime);
      framework.start(layers.read(sentence -> {}));
      assertTrue(framework.bundles().values().stream().allMatch(bundle -> bundle.getState() == Bundle.ACTIVE));

      BlockingQueue<Map<String, Object>> heard = new LinkedBlockingQueue<>();
      framework.context().registerService(ManagedService.class, properties -> heard.add(map(properties)),
          new Hashtable<>(Map.of("service.pid", "p")));
      Map<String, Object> first = heard.poll(10, TimeUnit.SECONDS);
      assertEquals("8080", first.get("port"));
      assertEquals("s3cret", first.get(".secret"));
      assertEquals("$[env:FX_NO_SUCH_THING]", first.get("none"), "no value: it stays as it is, which counts as missing");

      tree.writeInInstance("config/p.cfg", "a = 2");
      framework.push(layers.read(sentence -> {}));
      assertEquals("2", heard.poll(10, TimeUnit.SECONDS).get("a"));

      framework.push(layers.read(sentence -> {}));
      Files.delete(tree.data.resolve("config/p.cfg"));
      framework.push(layers.read(sentence -> {}));
      assertEquals("1", heard.poll(10, TimeUnit.SECONDS).get("a"), "nothing was told in between, since nothing had changed");

      framework.push(Map.of());
      assertTrue(heard.poll(10, TimeUnit.SECONDS).isEmpty());
      assertNull(heard.peek());
    } finally {
      framework.stop(5000);
    }
  }

  private static Map<String, Object> map(Dictionary<String, ?> properties) {
    Map<String, Object> map = new java.util.HashMap<>();
    if (properties != null) {
      properties.keys().asIterator().forEachRemaining(key -> map.put(key, properties.get(key)));
    }
    return map;
  }

  private int echo(String... args) throws InterruptedException {
    return BundleCommand.run(tree.fx("fx.greeting=hello"), "echo", List.of(args), new ByteArrayInputStream("typed".getBytes()));
  }

  private void echoBundle() throws IOException {
    tree.write("runtimes/echo.runtime", "bundle echo", "set fx.command=echo fx.greeting=none");
    tree.bundle("echo-1.0.0.jar", List.of("Bundle-SymbolicName", "echo", "Bundle-Activator", EchoActivator.class.getName(),
        "Import-Package", "org.osgi.framework"), EchoActivator.class);
  }

  @Test
  void aVerbCarriedByABundleGetsEverythingAndGivesTheExitCode() throws Exception {
    echoBundle();
    assertEquals(7, echo("--help", "x"));
    assertEquals("[--help, x] typed hello " + tree.data + System.lineSeparator(), tree.printed());
    assertEquals(List.of("echo"), tree.fx().commands());
    assertEquals(List.of(), Home.list(tree.data.resolve("data/run")), "no run file");
  }

  @Test
  void aVerbThatThrowsIsOneSentence() throws Exception {
    echoBundle();
    String said = assertThrows(Trouble.class, () -> echo("--fail")).getMessage();
    assertTrue(said.startsWith("echo failed: as told. The log says more: "), said);
    assertFalse(said.contains("\tat "));
  }

  @Test
  void aVerbNobodyCarriesIsSaid() throws IOException {
    tree.write("runtimes/echo.runtime", "set fx.command=echo fx.greeting=none");
    assertTrue(assertThrows(Trouble.class, () -> echo()).getMessage().startsWith("No bundle of runtimes/echo.runtime offers the command echo"));
  }

  @Test
  void aRuntimeIsNoVerbAndAVerbIsNoRuntime() throws IOException {
    echoBundle();
    tree.write("runtimes/r.runtime", "set fx.greeting=none");
    assertTrue(assertThrows(Trouble.class, () -> BundleCommand.run(tree.fx(), "r", List.of(), System.in)).getMessage()
        .startsWith("r is a runtime to keep running: `fx start r`"));
    assertEquals("echo is a command and nothing to keep running; call it with `fx echo`.",
        assertThrows(Trouble.class, () -> tree.fx().service("echo")).getMessage());
  }
}
