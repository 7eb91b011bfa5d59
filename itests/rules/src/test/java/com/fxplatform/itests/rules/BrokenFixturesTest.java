package com.fxplatform.itests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule can fail: one thing is broken, exactly its rule speaks, and names who and what to do. */
class BrokenFixturesTest {
  @TempDir
  private Path tree;
  private final Fixture fixture = new Fixture();

  @Test
  void whatKeepsEveryRuleHearsNothing() throws IOException {
    assertEquals(Map.of(), heard());
  }

  @Test
  void rule0AnotherName() throws IOException {
    fixture.jar("store").header("Bundle-SymbolicName", "bundles");
    speaks(0, "com.fxplatform.store calls itself bundles in Bundle-SymbolicName: give folder, "
        + "artifactId and symbolic name one name.");
  }

  @Test
  void rule0ClassesOfAnotherRoom() throws IOException {
    fixture.jar("store").source("com.fxplatform.web.Copy", "package com.fxplatform.web; class Copy {}");
    speaks(0, "com.fxplatform.store carries classes of com.fxplatform.web: root package and room have one name; "
        + "move them, or import them.");
  }

  @Test
  void rule1AnExport() throws IOException {
    fixture.jar("web").header("Export-Package", "com.fxplatform.web;version=\"1.0.0\"");
    speaks(1, "com.fxplatform.web exports com.fxplatform.web: remove the export; only com.fxplatform.api exports, "
        + "so that a room can be renewed alone.");
  }

  @Test
  void rule2AnImport() throws IOException {
    fixture.jar("api").header("Import-Package", "org.slf4j;version=\"[2.0,3)\"");
    speaks(2, "com.fxplatform.api imports org.slf4j: the slab needs nothing but java.*; keep the type out of it.");
  }

  @Test
  void rule2AClass() throws IOException {
    fixture.jar("api").source("com.fxplatform.api.limit.Clock",
        "package com.fxplatform.api.limit; final class Clock { Object o() { return new javax.crypto.AEADBadTagException(); } }");
    speaks(2, "com.fxplatform.api uses javax.crypto.AEADBadTagException in com.fxplatform.api.limit.Clock: "
        + "the slab needs nothing but java.*; keep the type out of it.");
  }

  @Test
  void rule3AnotherRoom() throws IOException {
    fixture.jar("web").header("Import-Package", "com.fxplatform.store;resolution:=optional");
    speaks(3, "com.fxplatform.web imports com.fxplatform.store: rooms meet only in services of com.fxplatform.api.*; "
        + "use or add one.");
  }

  /** What api shows it also needs: rule 2 speaks as well. */
  @Test
  void rule4AForeignTypeInAGenericSignature() throws IOException {
    fixture.jar("api")
        .source("org.slf4j.Logger", "package org.slf4j; public interface Logger {}")
        .source("com.fxplatform.api.limit.Loud",
            "package com.fxplatform.api.limit; public final class Loud { public java.util.List<org.slf4j.Logger> all() { "
                + "return null; } }");
    Map<Integer, List<String>> heard = heard();
    assertEquals(List.of("com.fxplatform.api shows org.slf4j.Logger in com.fxplatform.api.limit.Loud: "
        + "say it with a type of the JDK or a record of the api."), heard.remove(4));
    assertEquals(List.of("com.fxplatform.api uses org.slf4j.Logger in com.fxplatform.api.limit.Loud: "
        + "the slab needs nothing but java.*; keep the type out of it."), heard.remove(2));
    assertEquals(Map.of(), heard);
  }

  @Test
  void rule5Servlets() throws IOException {
    fixture.jar("store").header("Import-Package", "jakarta.servlet.http");
    speaks(5, "com.fxplatform.store imports jakarta.servlet.http: only gateway and web may; "
        + "offer a com.fxplatform.api.http.Endpoint.");
  }

  @Test
  void rule5ZeroMq() throws IOException {
    fixture.jar("store").header("Import-Package", "org.zeromq");
    speaks(5, "com.fxplatform.store imports org.zeromq: only paper and zmq may; use com.fxplatform.api.terminal.TerminalLink.");
  }

  @Test
  void rule5BcryptCarriedInside() throws IOException {
    fixture.jar("store").file("org/mindrot/jbcrypt/BCrypt.class", "");
    speaks(5, "com.fxplatform.store carries org.mindrot inside: only credentials and sessions may; "
        + "use com.fxplatform.api.auth.CredentialCheck.");
  }

  @Test
  void rule5Pusher() throws IOException {
    fixture.jar("web").header("Import-Package", "com.pusher.client");
    speaks(5, "com.fxplatform.web imports com.pusher.client: only pusher may; use the services of com.fxplatform.api.realtime.");
  }

  @Test
  void rule5TheFramework() throws IOException {
    fixture.jar("web").header("Import-Package", "org.osgi.framework;version=\"[1.10,2)\"");
    speaks(5, "com.fxplatform.web imports org.osgi.framework: only deploy may; let Declarative Services inject what you need.");
  }

  @Test
  void rule5ConfigAdmin() throws IOException {
    fixture.jar("web").header("Import-Package", "org.osgi.service.cm;version=\"[1.6,2)\"");
    speaks(5, "com.fxplatform.web imports org.osgi.service.cm: only deploy and executor may; "
        + "take the configuration as a Config in the constructor.");
  }

  @Test
  void rule5Jdbc() throws IOException {
    fixture.jar("web").source("com.fxplatform.web.Rows",
        "package com.fxplatform.web; class Rows { Object o(java.sql.Connection c) throws Exception { "
            + "return c.createStatement(); } }");
    speaks(5, "com.fxplatform.web uses java.sql.Connection in com.fxplatform.web.Rows: only store may; "
        + "use a directory service of com.fxplatform.api.");
  }

  @Test
  void rule6Headers() throws IOException {
    for (Map.Entry<String, String> header : new TreeMap<>(Map.of(
        "Require-Bundle", "import packages instead",
        "DynamicImport-Package", "name the packages in Import-Package",
        "Fragment-Host", "make it a bundle with a service",
        "Bundle-Activator", "make it a DS component",
        "Bundle-ActivationPolicy", "DS components are lazy by themselves")).entrySet()) {
      var broken = new Fixture();
      broken.jar("store").header(header.getKey(), "x");
      speaks(broken, 6, "com.fxplatform.store has the header " + header.getKey() + ": remove it; " + header.getValue() + ".");
    }
  }

  @Test
  void rule6ASingleton() throws IOException {
    fixture.jar("store").header("Bundle-SymbolicName", "com.fxplatform.store;singleton:=true");
    speaks(6, "com.fxplatform.store is a singleton: remove the directive; two versions must be able to stand side by side.");
  }

  @Test
  void rule6StartLevels() throws IOException {
    fixture.runtime("server", "set org.osgi.framework.startlevel.beginning=20");
    speaks(6, "server.runtime sets a start level (set org.osgi.framework.startlevel.beginning=20): remove the line; "
        + "services and configuration decide the order.");
  }

  @Test
  void rule7AStaticReference() throws IOException {
    fixture.jar("store").component("com.fxplatform.store.Table", "",
        "<reference name=\"L\" interface=\"com.fxplatform.api.limit.RateLimiter\" parameter=\"0\"/>");
    speaks(7, "com.fxplatform.store refers to com.fxplatform.api.limit.RateLimiter in com.fxplatform.store.Table without "
        + "policy=DYNAMIC, policyOption=GREEDY, bind, unbind: bind and unbind it into a Roster, dynamic and greedy, "
        + "so that it can be swapped.");
  }

  @Test
  void rule7AReluctantReference() throws IOException {
    fixture.jar("store").component("com.fxplatform.store.Table", "",
        "<reference name=\"L\" interface=\"com.fxplatform.api.limit.RateLimiter\" policy=\"dynamic\" bind=\"b\" unbind=\"u\"/>");
    speaks(7, "com.fxplatform.store refers to com.fxplatform.api.limit.RateLimiter in com.fxplatform.store.Table without "
        + "policyOption=GREEDY: bind and unbind it into a Roster, dynamic and greedy, so that it can be swapped.");
  }

  @Test
  void rule7NoModified() throws IOException {
    fixture.jar("store").component("com.fxplatform.store.Table", "configuration-pid=\"com.fxplatform.store\"", "");
    speaks(7, "com.fxplatform.store has configuration and no modified method in com.fxplatform.store.Table: "
        + "add @Modified, so that a changed value does not restart the component.");
  }

  @Test
  void rule8NoVersion() throws IOException {
    fixture.jar("api").header("Export-Package", "com.fxplatform.api.limit");
    speaks(8, "com.fxplatform.api exports com.fxplatform.api.limit without a version: add @Version to its package-info.");
  }

  @Test
  void rule8NobodySaysWhoImplements() throws IOException {
    fixture.jar("api").source("com.fxplatform.api.limit.Anybody", "package com.fxplatform.api.limit; "
        + "public interface Anybody {}");
    speaks(8, "com.fxplatform.api does not say who implements com.fxplatform.api.limit.Anybody: "
        + "add @ProviderType (we do) or @ConsumerType (others may).");
  }

  @Test
  void rule9ARoomOfTheServer() throws IOException {
    fixture.runtime("core", "bundle com.fxplatform.store");
    speaks(9, "executor.runtime starts com.fxplatform.store: remove the line; that room belongs to the server.");
  }

  @Test
  void rule9TheSecretInARuntime() throws IOException {
    fixture.runtime("core", "# config com.fxplatform.web .secret=$[env:PUSHER_SECRET]");
    speaks(9, "core.runtime, which the executor reads, says PUSHER_SECRET: remove it; "
        + "the server's realtime secret never comes near a trading machine.");
  }

  @Test
  void rule9TheSecretInAClass() throws IOException {
    fixture.jar("executor").source("com.fxplatform.executor.Leak",
        "package com.fxplatform.executor; class Leak { String name() { return \"$[env:PUSHER_SECRET]\"; } }");
    speaks(9, "com.fxplatform.executor, which the executor runs, "
        + "says PUSHER_SECRET in com/fxplatform/executor/Leak.class: remove it; "
        + "the server's realtime secret never comes near a trading machine.");
  }

  @Test
  void rule10AnAttribute() throws IOException {
    fixture.jar("store").file("OSGI-INF/metatype/x.xml", """
        <m:MetaData xmlns:m="http://www.osgi.org/xmlns/metatype/v1.2.0"><OCD id="x" name="x">
          <AD id="adminPassword" type="String"/><AD id=".password" type="String"/><AD id="secretFile" type="String"/>
        </OCD></m:MetaData>""");
    speaks(10, "com.fxplatform.store publishes its configuration adminPassword as a service property: "
        + "call the method _adminPassword (property .adminPassword).");
  }

  @Test
  void rule10AComponentProperty() throws IOException {
    fixture.jar("store").component("com.fxplatform.store.Table", "", "<property name=\"apiToken\" type=\"String\" value=\"\"/>");
    speaks(10, "com.fxplatform.store publishes its configuration apiToken as a service property: "
        + "call the method _apiToken (property .apiToken).");
  }

  @Test
  void rule10ARuntimeLine() throws IOException {
    fixture.runtime("server", "config com.fxplatform.web secret=abc");
    speaks(10, "server.runtime sets secret of com.fxplatform.web in the open: use the property .secret.");
  }

  @Test
  void rule11OwnWays() throws IOException {
    var ways = new TreeMap<>(Map.of(
        "System.getenv(\"A\");", "System.getenv|take the value as configuration ($[env:NAME])",
        "System.out.println(1);", "System.out|log it with SLF4J",
        "System.err.println(1);", "System.err|log it with SLF4J",
        "Thread.sleep(1);", "Thread.sleep|wait for the condition, or schedule",
        "java.util.concurrent.TimeUnit.SECONDS.sleep(1);", "TimeUnit.sleep|wait for the condition, or schedule",
        "new Thread(() -> {}).start();", "Thread.new|use an executor with a thread factory",
        "java.util.concurrent.ThreadFactory f = Thread::new;", "Thread.new|use an executor with a thread factory"));
    for (Map.Entry<String, String> way : ways.entrySet()) {
      String[] said = way.getValue().split("\\|");
      var broken = new Fixture();
      broken.jar("store").source("com.fxplatform.store.Way",
          "package com.fxplatform.store;\nclass Way { void go() throws Exception {\n" + way.getKey() + "\n} }");
      speaks(broken, 11, "com.fxplatform.store uses " + said[0] + " in com.fxplatform.store.Way:3: " + said[1] + ".");
    }
  }

  @Test
  void rule11AThreadOfOnesOwnClass() throws IOException {
    fixture.jar("store").source("com.fxplatform.store.Worker", "package com.fxplatform.store;\nclass Worker extends Thread {}");
    speaks(11, "com.fxplatform.store uses Thread.new in com.fxplatform.store.Worker:2: use an executor with a thread factory.");
  }

  @Test
  void rule12APidThatHidesWhatIsProvisioned() throws IOException {
    fixture.jar("executor").component("com.fxplatform.executor.Link",
        "configuration-pid=\"com.fxplatform.link com.fxplatform.provisioned\" modified=\"configure\"", "");
    speaks(12, "executor.runtime has no configuration for com.fxplatform.link, so that com.fxplatform.executor.Link misses what is "
        + "provisioned once it is renewed: say one of its defaults there.");
  }

  private void speaks(int rule, String sentence) throws IOException {
    speaks(fixture, rule, sentence);
  }

  private void speaks(Fixture broken, int rule, String sentence) throws IOException {
    assertEquals(Map.of(rule, List.of(sentence)), heard(broken));
  }

  private Map<Integer, List<String>> heard() throws IOException {
    return heard(fixture);
  }

  private Map<Integer, List<String>> heard(Fixture broken) throws IOException {
    Product product = broken.built(tree);
    Map<Integer, List<String>> heard = new TreeMap<>();
    Rules.ALL.forEach((name, rule) -> {
      List<String> sentences = new ArrayList<>(rule.apply(product));
      if (!sentences.isEmpty()) {
        heard.put(Integer.valueOf(name.split(" ")[0]), sentences);
      }
    });
    return heard;
  }
}
