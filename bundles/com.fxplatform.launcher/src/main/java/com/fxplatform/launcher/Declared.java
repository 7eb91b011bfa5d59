package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.osgi.framework.Bundle;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What a bundle says about its configuration, read from its component descriptions and its metatype.
 *
 * @param pidsOf component name to the PIDs it reads
 * @param keysOf PID to the keys that are known; a PID that is missing takes what it likes
 */
record Declared(Map<String, Set<String>> pidsOf, Map<String, Set<String>> keysOf) {
  static Declared in(Bundle bundle) {
    Map<String, Set<String>> pidsOf = new HashMap<>();
    Map<String, Set<String>> properties = new HashMap<>();
    String header = bundle.getHeaders("").get("Service-Component");
    for (String entry : header == null ? new String[0] : header.split(",")) {
      Document xml = parse(bundle.getEntry(entry.split(";", 2)[0].trim()));
      for (Element component : components(xml)) {
        String name = component.getAttribute("name");
        Set<String> pids = pidsOf.computeIfAbsent(name, n -> new HashSet<>());
        String listed = component.hasAttribute("configuration-pid") ? component.getAttribute("configuration-pid") : "$";
        for (String pid : listed.trim().split("\\s+")) {
          pids.add(pid.equals("$") ? name : pid);
        }
        for (String pid : pids) {
          below(component, "property").forEach(property ->
              properties.computeIfAbsent(pid, p -> new HashSet<>()).add(property.getAttribute("name")));
        }
      }
    }
    Map<String, Set<String>> keysOf = new HashMap<>();
    Enumeration<URL> metatypes = bundle.findEntries("OSGI-INF/metatype", "*.xml", false);
    for (URL url : metatypes == null ? List.<URL>of() : Collections.list(metatypes)) {
      Document xml = parse(url);
      if (xml == null) {
        continue;
      }
      Map<String, Set<String>> attributes = new HashMap<>();
      below(xml.getDocumentElement(), "OCD").forEach(ocd -> below(ocd, "AD").forEach(ad ->
          attributes.computeIfAbsent(ocd.getAttribute("id"), id -> new HashSet<>()).add(ad.getAttribute("id"))));
      below(xml.getDocumentElement(), "Designate").forEach(designate -> {
        String pid = designate.hasAttribute("factoryPid") ? designate.getAttribute("factoryPid") : designate.getAttribute("pid");
        below(designate, "Object").forEach(object -> keysOf.computeIfAbsent(pid, p -> new HashSet<>())
            .addAll(attributes.getOrDefault(object.getAttribute("ocdref"), Set.of())));
      });
    }
    keysOf.forEach((pid, keys) -> keys.addAll(properties.getOrDefault(pid, Set.of())));
    return new Declared(pidsOf, keysOf);
  }

  private static List<Element> components(Document xml) {
    if (xml == null) {
      return List.of();
    }
    List<Element> components = new ArrayList<>(below(xml.getDocumentElement(), "component"));
    if ("component".equals(xml.getDocumentElement().getLocalName())) {
      components.add(xml.getDocumentElement());
    }
    return components;
  }

  private static Document parse(URL url) {
    if (url == null) {
      return null;
    }
    try (InputStream in = url.openStream()) {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setNamespaceAware(true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(in);
    } catch (IOException | SAXException unreadable) {
      // SCR says so where it matters
      return null;
    } catch (ParserConfigurationException impossible) {
      throw new IllegalStateException(impossible);
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
