package com.fxplatform.itests.rules;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A small product that keeps every rule, until a test breaks something. */
final class Fixture {
  /** One jar in the making. */
  static final class Jar {
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();

    Jar header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    Jar file(String path, String text) {
      files.put(path, text);
      return this;
    }

    /** Compiled into the jar if it is ours; anything else is only there to compile against. */
    Jar source(String className, String text) {
      sources.put(className, text);
      return this;
    }

    Jar component(String name, String attributes, String inside) {
      String path = "OSGI-INF/" + name + ".xml";
      headers.merge("Service-Component", path, (a, b) -> a + "," + b);
      return file(path, """
          <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="%s" %s>
            %s<implementation class="%s"/>
          </scr:component>
          """.formatted(name, attributes, inside, name));
    }
  }

  /** Most rooms of most fixtures are alike. */
  private static final Map<Map<String, String>, Map<String, byte[]>> COMPILED = new ConcurrentHashMap<>();

  private final Map<String, Jar> jars = new LinkedHashMap<>();
  private final Map<String, String> runtimes = new LinkedHashMap<>();

  Fixture() {
    jar("api")
        .header("Export-Package", "com.fxplatform.api.limit;version=\"1.0.0\"")
        .source("com.fxplatform.api.limit.RateLimiter", """
            package com.fxplatform.api.limit;
            @org.osgi.annotation.versioning.ProviderType
            public interface RateLimiter {
              java.util.List<Permit> ask(String key);
              record Permit(boolean granted) {}
              sealed interface Verdict { record Good() implements Verdict {} }
            }
            """);
    jar("web")
        .header("Import-Package", "com.fxplatform.api.limit;version=\"[1.0,2)\",jakarta.servlet,org.slf4j;version=\"[2.0,3)\"")
        .component("com.fxplatform.web.FrontDoor", "configuration-pid=\"com.fxplatform.web\" modified=\"configure\"",
            "<property name=\".secret\" type=\"String\" value=\"\"/>"
                + "<reference name=\"L\" interface=\"com.fxplatform.api.limit.RateLimiter\" policy=\"dynamic\" "
                + "policy-option=\"greedy\" bind=\"bindLimiter\" unbind=\"unbindLimiter\"/>"
                + "<reference name=\"own\" interface=\"com.fxplatform.web.Router\" parameter=\"0\"/>");
    jar("store");
    jar("executor").header("Import-Package", "org.osgi.service.cm;version=\"[1.6,2)\"");
    runtimes.put("core", "bundle com.fxplatform.api   # the slab\nbundle com.fxplatform.web\n");
    runtimes.put("executor", "include core\nbundle com.fxplatform.executor\nset fx.admin.port=8282\n");
    runtimes.put("server", "include core\nbundle com.fxplatform.store\nconfig "
        + "com.fxplatform.web .secret=$[env:PUSHER_SECRET] a=b\n");
  }

  /** The room to break; a new one if there is none of this name. */
  Jar jar(String room) {
    return jars.computeIfAbsent(room, name -> {
      Jar jar = new Jar().header("Bundle-SymbolicName", "com.fxplatform." + name);
      if (!name.equals("api")) {
        jar.source("com.fxplatform." + name + ".Desk", "package com.fxplatform." + name + "; class Desk { long now() { "
            + "return System.nanoTime(); } }");
      }
      return jar;
    });
  }

  void runtime(String name, String line) {
    runtimes.merge(name, line + "\n", (a, b) -> a + b);
  }

  Product built(Path tree) throws IOException {
    Path bundles = Files.createDirectories(tree.resolve("bundles"));
    for (Map.Entry<String, Jar> jar : jars.entrySet()) {
      write(bundles.resolve("com.fxplatform." + jar.getKey() + "-0.1.0.jar"), jar.getValue());
    }
    Path folder = Files.createDirectories(tree.resolve("runtimes"));
    for (Map.Entry<String, String> runtime : runtimes.entrySet()) {
      Files.writeString(folder.resolve(runtime.getKey() + ".runtime"), runtime.getValue());
    }
    return Product.read(tree);
  }

  private static void write(Path file, Jar jar) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    jar.headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
    try (var out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      for (Map.Entry<String, String> text : jar.files.entrySet()) {
        out.putNextEntry(new JarEntry(text.getKey()));
        out.write(text.getValue().getBytes(StandardCharsets.UTF_8));
      }
      var classes = COMPILED.computeIfAbsent(Map.copyOf(jar.sources), Fixture::compile);
      for (Map.Entry<String, byte[]> compiled : classes.entrySet()) {
        if (compiled.getKey().startsWith("com.fxplatform.")) {
          out.putNextEntry(new JarEntry(compiled.getKey().replace('.', '/') + ".class"));
          out.write(compiled.getValue());
        }
      }
    }
  }

  private static Map<String, byte[]> compile(Map<String, String> sources) {
    Map<String, byte[]> classes = new LinkedHashMap<>();
    if (sources.isEmpty()) {
      return classes;
    }
    var compiler = ToolProvider.getSystemJavaCompiler();
    var trouble = new DiagnosticCollector<JavaFileObject>();
    var files = new ForwardingJavaFileManager<JavaFileManager>(compiler.getStandardFileManager(trouble, null, null)) {
      @Override
      public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
        return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/') + kind.extension), kind) {
          @Override
          public OutputStream openOutputStream() {
            return new ByteArrayOutputStream() {
              @Override
              public void close() {
                classes.put(name, toByteArray());
              }
            };
          }
        };
      }
    };
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(
        new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        }));
    if (!compiler.getTask(null, files, trouble, List.of("-proc:none", "--release", "17"), null, units).call()) {
      throw new IllegalStateException("A fixture does not compile: " + trouble.getDiagnostics());
    }
    return classes;
  }
}
