package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A jar to be dropped: one of the product's own under another version, or a plugin; with a {@link Guest} in it, or without. */
public final class Newcomer {
  /** The bundle that a plugin becomes. */
  public static final String PLUGIN = "com.acme.guest";

  private final Path base;
  private final Properties behaviour = new Properties();
  private String reference = "";

  private Newcomer(Path base) {
    this.base = base;
  }

  /** Another version of a jar of the product. */
  public static Newcomer of(Path jar) {
    return new Newcomer(jar);
  }

  /** A plugin that provisions {@code guest.value}, with the PID {@code com.acme.guest}. */
  public static Newcomer plugin(String value) {
    return new Newcomer(null).behaves("value", value);
  }

  public Newcomer behaves(String key, String value) {
    behaviour.setProperty(key, value);
    return this;
  }

  /** It needs a service that nobody offers. */
  public Newcomer lonely() {
    reference = "<reference name=\"needed\" interface=\"com.acme.Nobody\"/>";
    return behaves("lonely", "true");
  }

  /** Writes it in the folder under its name and version. */
  public Path write(String version, Path folder) throws IOException {
    Manifest manifest = new Manifest();
    Map<String, byte[]> files = new LinkedHashMap<>();
    if (base == null) {
      plugin(manifest);
    } else {
      copy(manifest, files);
    }
    Attributes headers = manifest.getMainAttributes();
    headers.putValue("Bundle-Version", version);
    if (!behaviour.isEmpty()) {
      moveIn(headers, files);
    }
    String name = headers.getValue("Bundle-SymbolicName").split(";")[0].trim();
    Path to = folder.resolve(name + "-" + version + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(to), manifest)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new JarEntry(file.getKey()));
        out.write(file.getValue());
      }
    }
    return to;
  }

  private static void plugin(Manifest manifest) {
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.putValue("Bundle-ManifestVersion", "2");
    headers.putValue("Bundle-SymbolicName", PLUGIN);
    headers.putValue("Import-Package", "com.fxplatform.api,com.fxplatform.api.provisioning,com.fxplatform.api.executor");
    headers.putValue("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=osgi.component)\"");
  }

  private void copy(Manifest manifest, Map<String, byte[]> files) throws IOException {
    try (JarFile from = new JarFile(base.toFile())) {
      manifest.read(from.getInputStream(from.getEntry(JarFile.MANIFEST_NAME)));
      for (Enumeration<JarEntry> entries = from.entries(); entries.hasMoreElements();) {
        JarEntry entry = entries.nextElement();
        if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
          try (InputStream in = from.getInputStream(entry)) {
            files.put(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
  }

  private void moveIn(Attributes headers, Map<String, byte[]> files) throws IOException {
    add(headers, "Import-Package", "org.osgi.framework");
    add(headers, "Import-Package", "org.apache.felix.hc.api");
    add(headers, "Service-Component", "OSGI-INF/guest.xml");
    Class<?> type = base == null ? PluginGuest.class : Guest.class;
    for (Class<?> each = type; each != Object.class; each = each.getSuperclass()) {
      String file = each.getName().replace('.', '/') + ".class";
      try (InputStream in = each.getClassLoader().getResourceAsStream(file)) {
        files.put(file, in.readAllBytes());
      }
    }
    StringWriter text = new StringWriter();
    behaviour.store(text, null);
    files.put("guest.properties", text.toString().getBytes(StandardCharsets.UTF_8));
    files.put("OSGI-INF/guest.xml", ("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.3.0\" name=\"com.acme.guest\""
        + " immediate=\"true\" activate=\"activate\" modified=\"modified\" deactivate=\"deactivate\"><implementation class=\"" + type.getName()
        + "\"/><property name=\"hc.name\" value=\"guest\"/>"
        + (base == null ? "<property name=\"provisioning.id\" value=\"acme.guest\"/>" : "")
        + "<property name=\"hc.tags\" value=\"" + behaviour.getProperty("tags", "guest") + "\"/>"
        + "<service><provide interface=\"org.apache.felix.hc.api.HealthCheck\"/>"
        + (base == null ? "<provide interface=\"com.fxplatform.api.provisioning.ConfigPlugin\"/>" : "")
        + "</service>" + reference + "</scr:component>").getBytes(StandardCharsets.UTF_8));
  }

  private static void add(Attributes headers, String header, String clause) {
    String present = headers.getValue(header);
    if (present == null) {
      headers.putValue(header, clause);
    } else if (!("," + present).contains("," + clause)) {
      headers.putValue(header, present + "," + clause);
    }
  }
}
