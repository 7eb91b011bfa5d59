package com.fxplatform.deploy;

import com.fxplatform.api.provisioning.ConfigPlugin;
import com.fxplatform.deploy.plugin.Greeter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.hc.api.HealthCheck;

/** A jar for one test. */
final class Plugin {
  static final String NAME = "com.acme.greeter";

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final StringBuilder behaviour = new StringBuilder();
  private final Map<String, byte[]> more = new LinkedHashMap<>();
  private String properties = "";
  private String reference = "";

  Plugin(String version, String says) {
    headers.put("Manifest-Version", "1.0");
    headers.put("Bundle-ManifestVersion", "2");
    headers.put("Bundle-SymbolicName", NAME);
    headers.put("Bundle-Version", version);
    headers.put("Import-Package", "com.fxplatform.api.provisioning,com.fxplatform.api.executor,org.apache.felix.hc.api");
    headers.put("Service-Component", "OSGI-INF/greeter.xml");
    headers.put("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=osgi.component)\"");
    behaves("says", says);
  }

  Plugin header(String name, String value) {
    if (value == null) {
      headers.remove(name);
    } else {
      headers.put(name, value);
    }
    return this;
  }

  Plugin imports(String what) {
    return header("Import-Package", headers.get("Import-Package") + "," + what);
  }

  Plugin behaves(String key, String value) {
    behaviour.append(key).append('=').append(value).append('\n');
    return this;
  }

  Plugin property(String name, String type, String value) {
    properties += "<property name=\"" + name + "\" type=\"" + type + "\" value=\"" + value + "\"/>";
    return this;
  }

  Plugin needs(String service) {
    reference = "<reference name=\"needed\" interface=\"" + service + "\"/>";
    return this;
  }

  Plugin file(String name, byte[] content) {
    more.put(name, content);
    return this;
  }

  byte[] jar() {
    try {
      StringBuilder text = new StringBuilder();
      headers.forEach((name, value) -> text.append((name + ": " + value).replaceAll("(.{70})", "$1\r\n ")).append("\r\n"));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Manifest manifest = new Manifest(new java.io.ByteArrayInputStream((text + "\r\n").getBytes(StandardCharsets.UTF_8)));
      try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
        String type = Greeter.class.getName().replace('.', '/') + ".class";
        try (InputStream in = Greeter.class.getClassLoader().getResourceAsStream(type)) {
          put(jar, type, in.readAllBytes());
        }
        put(jar, "behaviour", behaviour.toString().getBytes(StandardCharsets.UTF_8));
        put(jar, "OSGI-INF/greeter.xml", ("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"greeter\""
            + " immediate=\"true\" activate=\"activate\" deactivate=\"deactivate\"><implementation class=\"" + Greeter.class.getName() + "\"/>"
            + "<property name=\"provisioning.id\" value=\"acme.greeter\"/><property name=\"hc.name\" value=\"greeter\"/>" + properties
            + "<service><provide interface=\"" + ConfigPlugin.class.getName() + "\"/><provide interface=\"" + HealthCheck.class.getName()
            + "\"/></service>" + reference + "</scr:component>").getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> file : more.entrySet()) {
          put(jar, file.getKey(), file.getValue());
        }
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content);
    jar.closeEntry();
  }
}
