package com.fxplatform.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * A jar as it was handed in, looked through from outside: no class of it is loaded.
 *
 * @param exclusive whether old and new must not run at the same time
 * @param rankings what its components want: component name and service to {@code service.ranking}
 */
record Parcel(Path jar, String name, String version, String digest, boolean exclusive, List<Ranking> rankings) {
  /** A ranking that a component asks for. */
  record Ranking(String component, String service, int ranking) {}

  static final String SWAP = "FX-Swap";
  static final String EXCLUSIVE = "exclusive";

  private static final long LARGEST_FILE = 64L << 20;
  private static final long LARGEST_CONTENT = 256L << 20;
  private static final int MOST_ENTRIES = 20_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,200}");
  private static final Pattern SINGLETON = Pattern.compile(";\\s*singleton\\s*:=\\s*\"?true\"?\\s*(;|$)");

  /** Looks through a jar. */
  static Parcel of(Path jar) throws Rejected, IOException {
    if (Files.size(jar) > LARGEST_FILE) {
      throw new Rejected("It is larger than " + (LARGEST_FILE >> 20) + " MB; embed less.");
    }
    unpack(jar);
    try (JarFile file = new JarFile(jar.toFile(), false)) {
      Manifest manifest = file.getManifest();
      if (manifest == null) {
        throw new Rejected("It has no META-INF/MANIFEST.MF; build it with bnd-maven-plugin, as the plugin template does.");
      }
      Attributes main = manifest.getMainAttributes();
      String symbolicName = main.getValue(Constants.BUNDLE_SYMBOLICNAME);
      if (symbolicName == null || !"2".equals(trimmed(main.getValue(Constants.BUNDLE_MANIFESTVERSION)))) {
        throw new Rejected("It is a jar but no bundle (no Bundle-SymbolicName with Bundle-ManifestVersion 2);"
            + " build it with bnd-maven-plugin, as the plugin template does.");
      }
      String name = symbolicName.split(";", 2)[0].trim();
      if (!NAME.matcher(name).matches()) {
        throw new Rejected("Its Bundle-SymbolicName is no name; use letters, digits, dot, dash and underscore.");
      }
      if (main.getValue(Constants.FRAGMENT_HOST) != null) {
        throw new Rejected("It is a fragment of " + main.getValue(Constants.FRAGMENT_HOST) + "; make it a bundle with a service.");
      }
      if (SINGLETON.matcher(symbolicName).find()) {
        throw new Rejected("It is a singleton, but old and new must be able to stand side by side; take the directive out.");
      }
      if (main.getValue(Constants.EXPORT_PACKAGE) != null && !Swappable.isFixed(name)) {
        throw new Rejected("It exports packages (" + main.getValue(Constants.EXPORT_PACKAGE).split("[;,]", 2)[0]
            + "); embed private libraries and export nothing.");
      }
      return new Parcel(jar, name, version(main), digest(jar), EXCLUSIVE.equals(trimmed(main.getValue(SWAP))),
          rankings(file, main.getValue("Service-Component")));
    }
  }

  private static String trimmed(String text) {
    return text == null ? "" : text.trim();
  }

  private static String version(Attributes main) throws Rejected {
    try {
      return Version.parseVersion(main.getValue(Constants.BUNDLE_VERSION)).toString();
    } catch (IllegalArgumentException e) {
      throw new Rejected("Its Bundle-Version " + main.getValue(Constants.BUNDLE_VERSION) + " is no version; write for example 1.2.0.");
    }
  }

  /** Whether the directory at the end of a zip file is there: a jar that is still being copied has none. */
  static boolean isZip(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.size() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  // inflates everything once, to nowhere: sizes in the directory may lie
  private static void unpack(Path jar) throws Rejected {
    if (!isZip(jar)) {
      throw new Rejected("It is no readable jar; it may have been copied only in part. Copy it again.");
    }
    byte[] buffer = new byte[1 << 16];
    long content = 0;
    int entries = 0;
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (++entries > MOST_ENTRIES) {
          throw new Rejected("It has more than " + MOST_ENTRIES + " entries; embed less.");
        }
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          content += n;
          if (content > LARGEST_CONTENT) {
            throw new Rejected("It unpacks to more than " + (LARGEST_CONTENT >> 20) + " MB; embed less.");
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new Rejected("It is damaged (" + e.getMessage() + "); copy it again.");
    }
  }

  static String digest(Path file) throws IOException {
    try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("Every JDK has SHA-256", impossible);
    }
  }

  private static List<Ranking> rankings(JarFile file, String header) throws Rejected, IOException {
    List<Ranking> rankings = new ArrayList<>();
    for (String path : trimmed(header).split("\\s*,\\s*")) {
      Pattern wanted = Pattern.compile(Pattern.quote(path).replace("*", "\\E[^/]*\\Q"));
      for (String entry : file.stream().map(ZipEntry::getName).filter(name -> wanted.matcher(name).matches()).toList()) {
        try (InputStream in = file.getInputStream(file.getEntry(entry))) {
          rankings(file, parse(in), rankings);
        } catch (SAXException e) {
          throw new Rejected("Its component description " + entry + " is no XML (" + e.getMessage() + ").");
        }
      }
    }
    return rankings;
  }

  private static Document parse(InputStream in) throws SAXException, IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setNamespaceAware(true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(in);
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void rankings(JarFile file, Document document, List<Ranking> into) throws IOException {
    List<Element> components = new ArrayList<>(below(document.getDocumentElement(), "component"));
    if (document.getDocumentElement().getLocalName().equals("component")) {
      components.add(document.getDocumentElement());
    }
    for (Element component : components) {
      Map<String, String> values = new HashMap<>();
      for (Element properties : below(component, "properties")) {
        Properties read = new Properties();
        ZipEntry entry = file.getEntry(properties.getAttribute("entry"));
        if (entry != null) {
          try (InputStream in = file.getInputStream(entry)) {
            read.load(in);
          }
        }
        read.forEach((key, value) -> values.put(key.toString(), value.toString()));
      }
      below(component, "property").forEach(property -> values.put(property.getAttribute("name"),
          property.hasAttribute("value") ? property.getAttribute("value") : property.getTextContent().trim()));
      String ranking = values.getOrDefault(Constants.SERVICE_RANKING, "0").trim();
      if (ranking.matches("-?[0-9]{1,9}")) {
        String name = component.hasAttribute("name") ? component.getAttribute("name")
            : below(component, "implementation").stream().map(e -> e.getAttribute("class")).findFirst().orElse("");
        below(component, "provide").forEach(provide ->
            into.add(new Ranking(name, provide.getAttribute("interface"), Integer.parseInt(ranking))));
      }
    }
  }

  private static List<Element> below(Element root, String name) {
    List<Element> found = new ArrayList<>();
    NodeList nodes = root.getElementsByTagNameNS("*", name);
    for (int i = 0; i < nodes.getLength(); i++) {
      found.add((Element) nodes.item(i));
    }
    return found;
  }
}
