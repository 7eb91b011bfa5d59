package com.fxplatform.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A small product tree made for one test. */
final class Tree {
  final Path root;
  final Path data;
  final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Tree(Path temp) throws IOException {
    root = temp.resolve("tree");
    data = temp.resolve("instance");
    for (String folder : List.of("bundles", "runtimes", "config")) {
      Files.createDirectories(root.resolve(folder));
    }
  }

  Path write(String path, String... lines) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, List.of(lines));
  }

  Path writeInInstance(String path, String... lines) throws IOException {
    Path file = data.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, List.of(lines));
  }

  /** A jar in bundles/ with these headers, two by two, and these classes. */
  Path bundle(String fileName, List<String> headers, Class<?>... classes) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    for (int i = 0; i < headers.size(); i += 2) {
      main.putValue(headers.get(i), headers.get(i + 1));
    }
    Path file = root.resolve("bundles").resolve(fileName);
    try (OutputStream to = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(to, manifest)) {
      for (Class<?> type : classes) {
        String entry = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(entry));
        try (InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
          in.transferTo(jar);
        }
        jar.closeEntry();
      }
      String components = main.getValue("Service-Component");
      if (components != null) {
        jar.putNextEntry(new JarEntry(components));
        jar.write("<scr:component xmlns:scr=\"x\" name=\"com.acme.Risk\" configuration-pid=\"com.acme.risk $\"></scr:component>"
            .getBytes(StandardCharsets.UTF_8));
        jar.closeEntry();
      }
    }
    return file;
  }

  /** A library of the test's class path, as a bundle. */
  void library(Class<?> of, String symbolicName) throws Exception {
    Path jar = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
    Files.copy(jar, root.resolve("bundles").resolve(symbolicName + "-1.0.0.jar"));
  }

  void library(String resource, String symbolicName) throws Exception {
    String url = Tree.class.getClassLoader().getResource(resource).toString();
    Path jar = Path.of(java.net.URI.create(url.substring("jar:".length(), url.indexOf("!/"))));
    Files.copy(jar, root.resolve("bundles").resolve(symbolicName + "-1.0.0.jar"));
  }

  Fx fx(Map<String, String> environment, String... sets) {
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Fx.of(new Home(root), data, List.of(sets), environment, print, print);
  }

  Fx fx(String... sets) {
    return fx(Map.of(), sets);
  }

  String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
