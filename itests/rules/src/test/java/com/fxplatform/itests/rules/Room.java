package com.fxplatform.itests.rules;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** One built bundle of ours: its manifest, its component and metatype descriptions, its classes and those it carries inside. */
final class Room {
  private final String fileName;
  private final Manifest manifest;
  private final Map<String, byte[]> files = new TreeMap<>();
  private final Set<String> carried = new HashSet<>();
  private final List<ClassFacts> classes = new ArrayList<>();
  private final List<Element> components = new ArrayList<>();
  private final List<Element> metatypes = new ArrayList<>();

  private Room(Path jar) throws IOException {
    fileName = jar.getFileName().toString();
    try (JarFile file = new JarFile(jar.toFile())) {
      manifest = file.getManifest() == null ? new Manifest() : file.getManifest();
      for (JarEntry entry : file.stream().filter(e -> !e.isDirectory()).toList()) {
        try (InputStream in = file.getInputStream(entry)) {
          files.put(entry.getName(), in.readAllBytes());
        }
        carried.add(entry.getName());
        if (entry.getName().endsWith(".jar")) {
          within(files.get(entry.getName()));
        }
      }
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().startsWith("com/fxplatform/") && file.getKey().endsWith(".class")) {
        classes.add(new ClassFacts(file.getValue()));
      }
    }
    for (Header.Clause description : clauses("Service-Component")) {
      components.add(xml(description.name()));
    }
    for (String path : files.keySet()) {
      if (path.startsWith("OSGI-INF/metatype/") && path.endsWith(".xml")) {
        metatypes.add(xml(path));
      }
    }
  }

  private void within(byte[] jar) throws IOException {
    try (var in = new ZipInputStream(new ByteArrayInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        carried.add(entry.getName());
      }
    }
  }

  static Room read(Path jar) {
    try {
      return new Room(jar);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(jar + " cannot be read", unreadable);
    }
  }

  /** The symbolic name; the file's name if there is none. */
  String name() {
    return clauses("Bundle-SymbolicName").stream().findFirst().map(Header.Clause::name).orElse(fileName);
  }

  /** What the file says it is: {@code com.fxplatform.web} of {@code com.fxplatform.web-0.1.0.jar}. */
  String nameOfFile() {
    return fileName.replaceFirst("-\\d.*$|\\.jar$", "");
  }

  boolean is(String room) {
    return nameOfFile().equals("com.fxplatform." + room);
  }

  Optional<String> header(String header) {
    return Optional.ofNullable(manifest.getMainAttributes().getValue(header));
  }

  List<Header.Clause> clauses(String header) {
    return header(header).map(Header::parse).orElse(List.of());
  }

  /** Our own classes, without what is carried inside. */
  List<ClassFacts> classes() {
    return classes;
  }

  List<Element> components() {
    return components;
  }

  List<Element> metatypes() {
    return metatypes;
  }

  /** Whether classes of this package, or of one below it, lie in the jar or in a jar inside it. */
  boolean carries(String packageName) {
    String folder = packageName.replace('.', '/') + "/";
    return carried.stream().anyMatch(path -> path.startsWith(folder) && path.endsWith(".class"));
  }

  /** The files in which a text occurs; constants of classes are text too. */
  List<String> filesWith(String text) {
    return files.entrySet().stream()
        .filter(file -> new String(file.getValue(), StandardCharsets.ISO_8859_1).contains(text))
        .map(Map.Entry::getKey)
        .toList();
  }

  static List<Element> below(Element element, String localName) {
    NodeList found = element.getElementsByTagNameNS("*", localName);
    List<Element> all = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      all.add((Element) found.item(i));
    }
    return all;
  }

  private Element xml(String path) throws IOException {
    byte[] text = files.get(path);
    if (text == null) {
      throw new IOException(fileName + " names " + path + " in its manifest and does not have it");
    }
    try {
      var factory = DocumentBuilderFactory.newInstance();
      factory.setNamespaceAware(true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(text));
      return document.getDocumentElement();
    } catch (ParserConfigurationException | SAXException malformed) {
      throw new IOException(path + " in " + fileName + " is no XML", malformed);
    }
  }
}
