package com.fxplatform.itests.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/** The rules of section 8, each a function from the product to sentences: who broke it, and what to do. None is good. */
final class Rules {
  /** A library or package that only some rooms may know. */
  private record Reserved(String packageName, Set<String> rooms, String instead) {}

  private static final List<Reserved> RESERVED = List.of(
      new Reserved("jakarta.servlet", Set.of("web", "gateway"), "offer a com.fxplatform.api.http.Endpoint"),
      new Reserved("org.zeromq", Set.of("zmq", "paper"), "use com.fxplatform.api.terminal.TerminalLink"),
      new Reserved("zmq", Set.of("zmq", "paper"), "use com.fxplatform.api.terminal.TerminalLink"),
      new Reserved("org.mindrot", Set.of("credentials", "sessions"), "use com.fxplatform.api.auth.CredentialCheck"),
      new Reserved("com.pusher", Set.of("pusher"), "use the services of com.fxplatform.api.realtime"),
      new Reserved("org.osgi.framework", Set.of("deploy"), "let Declarative Services inject what you need"),
      new Reserved("org.osgi.service.cm", Set.of("executor", "deploy"), "take the configuration as a Config in the constructor"),
      new Reserved("java.sql", Set.of("store"), "use a directory service of com.fxplatform.api"),
      new Reserved("javax.sql", Set.of("store"), "use a directory service of com.fxplatform.api"));

  /** Attributes that name a secret and hold none, with the reason why they may be read by everybody. */
  private static final Map<String, String> NO_SECRETS = Map.of(
      "secretFile", "the path of a file that only its owner can read",
      "secretsFolder", "the path of such files");

  private static final String API = "com.fxplatform.api";
  private static final String PROVISIONED = "com.fxplatform.provisioned";
  private static final Set<String> TYPES = Set.of(
      "org.osgi.annotation.versioning.ProviderType", "org.osgi.annotation.versioning.ConsumerType");

  /** All rules by name, in the order of the architecture; rule 0 is the naming of section 5. */
  static final Map<String, Function<Product, List<String>>> ALL = all();

  private Rules() {}

  private static Map<String, Function<Product, List<String>>> all() {
    Map<String, Function<Product, List<String>>> rules = new LinkedHashMap<>();
    rules.put("0 a room has one name", Rules::oneName);
    rules.put("1 only api exports", Rules::onlyApiExports);
    rules.put("2 api needs nothing but the JDK", Rules::apiNeedsNothing);
    rules.put("3 no room knows another room", Rules::noRoomKnowsAnother);
    rules.put("4 no foreign type in api", Rules::noForeignTypeInApi);
    rules.put("5 libraries stay in their rooms", Rules::librariesStayInTheirRooms);
    rules.put("6 nothing that ties bundles together", Rules::nothingThatTies);
    rules.put("7 references can be swapped, configuration changed", Rules::swappable);
    rules.put("8 api is versioned", Rules::apiIsVersioned);
    rules.put("9 nothing of the server in the executor", Rules::nothingOfTheServerInTheExecutor);
    rules.put("10 secrets are not published", Rules::secretsAreNotPublished);
    rules.put("11 no environment, console, sleep or thread of one's own", Rules::noOwnWays);
    rules.put("12 what is provisioned reaches a renewed room", Rules::provisionedReaches);
    return rules;
  }

  static List<String> oneName(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      String name = room.nameOfFile();
      if (!room.name().equals(name)) {
        sentences.add(name + " calls itself " + room.name() + " in Bundle-SymbolicName: give folder, "
            + "artifactId and symbolic name one name.");
      }
      Set<String> strange = new TreeSet<>();
      room.classes().stream().map(ClassFacts::packageName).filter(p -> !owner(product, p).equals(name)).forEach(strange::add);
      for (String packageName : strange) {
        sentences.add(name + " carries classes of " + packageName + ": root package and room have one name; move them, "
            + "or import them.");
      }
    }
    return sentences;
  }

  /** The room whose root package is nearest above. */
  private static String owner(Product product, String packageName) {
    return product.rooms().stream().map(Room::nameOfFile)
        .filter(root -> within(packageName, root))
        .reduce("", (a, b) -> a.length() > b.length() ? a : b);
  }

  static List<String> onlyApiExports(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      if (!room.is("api")) {
        for (Header.Clause exported : room.clauses("Export-Package")) {
          sentences.add(room.name() + " exports " + exported.name() + ": remove the export; only " + API + " exports, "
              + "so that a room can be renewed alone.");
        }
      }
    }
    return sentences;
  }

  static List<String> apiNeedsNothing(Product product) {
    List<String> sentences = new ArrayList<>();
    product.room("api").ifPresent(api -> {
      for (Header.Clause imported : api.clauses("Import-Package")) {
        sentences.add(api.name() + " imports " + imported.name() + ": the slab needs nothing but java.*; "
            + "keep the type out of it.");
      }
      for (ClassFacts one : api.classes()) {
        for (String type : foreign(one.references())) {
          sentences.add(api.name() + " uses " + type + " in " + one.name() + ": the slab needs nothing but java.*; "
              + "keep the type out of it.");
        }
      }
    });
    return sentences;
  }

  static List<String> noRoomKnowsAnother(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      for (Header.Clause imported : room.clauses("Import-Package")) {
        if (within(imported.name(), "com.fxplatform") && !within(imported.name(), API)) {
          sentences.add(room.name() + " imports " + imported.name() + ": rooms meet only in services of " + API + ".*; "
              + "use or add one.");
        }
      }
    }
    return sentences;
  }

  static List<String> noForeignTypeInApi(Product product) {
    List<String> sentences = new ArrayList<>();
    product.room("api").ifPresent(api -> {
      for (ClassFacts one : api.classes()) {
        for (String type : foreign(one.signatures())) {
          sentences.add(api.name() + " shows " + type + " in " + one.name() + ": "
              + "say it with a type of the JDK or a record of the api.");
        }
      }
    });
    return sentences;
  }

  private static List<String> foreign(Set<String> types) {
    return types.stream().filter(type -> !type.isEmpty() && !type.startsWith("java.") && !type.startsWith(API + ".")).toList();
  }

  static List<String> librariesStayInTheirRooms(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      for (Reserved reserved : RESERVED) {
        if (reserved.rooms().stream().anyMatch(room::is)) {
          continue;
        }
        Set<String> how = new TreeSet<>();
        room.clauses("Import-Package").stream().map(Header.Clause::name).filter(name -> within(name, reserved.packageName()))
            .forEach(name -> how.add("imports " + name));
        for (ClassFacts one : room.classes()) {
          one.references().stream().filter(type -> within(type, reserved.packageName()))
              .findFirst().ifPresent(type -> how.add("uses " + type + " in " + one.name()));
        }
        // what the JDK has cannot be carried; what a library inside of store does with it is its own affair
        if (room.carries(reserved.packageName())) {
          how.add("carries " + reserved.packageName() + " inside");
        }
        for (String what : how) {
          sentences.add(room.name() + " " + what + ": only " + String.join(" and ", new TreeSet<>(reserved.rooms())) + " may; "
              + reserved.instead() + ".");
        }
      }
    }
    return sentences;
  }

  static List<String> nothingThatTies(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      Map.of(
          "Require-Bundle", "import packages instead",
          "DynamicImport-Package", "name the packages in Import-Package",
          "Fragment-Host", "make it a bundle with a service",
          "Bundle-Activator", "make it a DS component",
          "Bundle-ActivationPolicy", "DS components are lazy by themselves")
          .forEach((header, instead) -> {
            if (room.header(header).isPresent()) {
              sentences.add(room.name() + " has the header " + header + ": remove it; " + instead + ".");
            }
          });
      for (Header.Clause name : room.clauses("Bundle-SymbolicName")) {
        if (Boolean.parseBoolean(name.parameters().get("singleton:"))) {
          sentences.add(room.name() + " is a singleton: remove the directive; two versions must be able to stand side by side.");
        }
      }
      for (ClassFacts one : room.classes()) {
        if (one.references().stream().anyMatch(type -> within(type, "org.osgi.framework.startlevel"))) {
          sentences.add(room.name() + " uses start levels in " + one.name() + ": "
              + "let services and configuration decide the order.");
        }
      }
    }
    for (String runtime : product.runtimes()) {
      product.words(runtime).map(line -> String.join(" ", line)).filter(line -> line.toLowerCase(Locale.ROOT).matches(
          ".*(start[.-]?level|felix\\.auto\\.(start|install)).*")).forEach(line -> sentences.add(
              runtime + ".runtime sets a start level (" + line + "): remove the line; "
                  + "services and configuration decide the order."));
    }
    return sentences;
  }

  static List<String> swappable(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      Set<String> described = new TreeSet<>();
      room.metatypes().forEach(metatype -> Room.below(metatype, "Designate").forEach(designate -> {
        described.add(designate.getAttribute("pid"));
        described.add(designate.getAttribute("factoryPid"));
      }));
      for (Element component : room.components()) {
        String name = component.getAttribute("name");
        for (Element reference : Room.below(component, "reference")) {
          if (within(reference.getAttribute("interface"), API)) {
            List<String> missing = missing(reference);
            if (!missing.isEmpty()) {
              sentences.add(room.name() + " refers to " + reference.getAttribute("interface") + " in " + name + " without "
                  + String.join(", ", missing) + ": bind and unbind it into a Roster, dynamic and greedy, "
                  + "so that it can be swapped.");
            }
          }
        }
        boolean configured = !component.getAttribute("configuration-policy").equals("ignore")
            && (component.hasAttribute("configuration-pid") || described.contains(name));
        if (configured && !component.hasAttribute("modified")) {
          sentences.add(room.name() + " has configuration and no modified method in " + name
              + ": add @Modified, so that a changed value does not restart the component.");
        }
      }
    }
    return sentences;
  }

  private static List<String> missing(Element reference) {
    List<String> missing = new ArrayList<>();
    if (!reference.getAttribute("policy").equals("dynamic")) {
      missing.add("policy=DYNAMIC");
    }
    if (!reference.getAttribute("policy-option").equals("greedy")) {
      missing.add("policyOption=GREEDY");
    }
    if (!reference.hasAttribute("bind")) {
      missing.add("bind");
    }
    if (!reference.hasAttribute("unbind")) {
      missing.add("unbind");
    }
    return missing;
  }

  static List<String> apiIsVersioned(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      for (Header.Clause exported : room.clauses("Export-Package")) {
        if (exported.parameters().getOrDefault("version", "0.0.0").matches("0(\\.0)*")) {
          sentences.add(room.name() + " exports " + exported.name() + " without a version: add @Version to its package-info.");
        }
      }
    }
    product.room("api").ifPresent(api -> {
      for (ClassFacts one : api.classes()) {
        if (one.openInterface() && one.annotations().stream().noneMatch(TYPES::contains)) {
          sentences.add(api.name() + " does not say who implements " + one.name() + ": add @ProviderType (we do) "
              + "or @ConsumerType (others may).");
        }
      }
    });
    return sentences;
  }

  static List<String> nothingOfTheServerInTheExecutor(Product product) {
    List<String> sentences = new ArrayList<>();
    Set<String> bundles = product.bundles("executor");
    for (String room : List.of("store", "credentials", "gateway")) {
      if (bundles.contains("com.fxplatform." + room)) {
        sentences.add("executor.runtime starts com.fxplatform." + room + ": remove the line; that room belongs to the server.");
      }
    }
    String remedy = ": remove it; the server's realtime secret never comes near a trading machine.";
    for (String runtime : product.including("executor")) {
      if (product.lines(runtime).stream().anyMatch(line -> line.contains("PUSHER_SECRET"))) {
        sentences.add(runtime + ".runtime, which the executor reads, says PUSHER_SECRET" + remedy);
      }
    }
    for (Room room : product.rooms()) {
      if (bundles.contains(room.nameOfFile())) {
        for (String file : room.filesWith("PUSHER_SECRET")) {
          sentences.add(room.name() + ", which the executor runs, says PUSHER_SECRET in " + file + remedy);
        }
      }
    }
    return sentences;
  }

  static List<String> secretsAreNotPublished(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      Set<String> names = new TreeSet<>();
      room.metatypes().forEach(metatype -> Room.below(metatype, "AD").forEach(ad -> names.add(ad.getAttribute("id"))));
      room.components().forEach(component -> Room.below(component, "property").forEach(p -> names.add(p.getAttribute("name"))));
      names.stream().filter(Rules::readable).forEach(name -> sentences.add(room.name() + " publishes its configuration " + name
          + " as a service property: call the method _" + name + " (property ." + name + ")."));
    }
    for (String runtime : product.runtimes()) {
      product.words(runtime).filter(line -> line[0].equals("config")).forEach(line -> Stream.of(line).skip(2)
          .map(pair -> pair.split("=", 2)[0]).filter(Rules::readable).forEach(key -> sentences.add(
              runtime + ".runtime sets " + key + " of " + line[1] + " in the open: use the property ." + key + ".")));
    }
    return sentences;
  }

  private static boolean readable(String name) {
    String low = name.toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && !NO_SECRETS.containsKey(name)
        && Stream.of("secret", "password", "token", "hash").anyMatch(low::contains);
  }

  /** Felix SCR gives a component that starts its second PID only if the first one has a configuration. */
  static List<String> provisionedReaches(Product product) {
    Set<String> sentences = new TreeSet<>();
    for (String runtime : product.runtimes()) {
      Set<String> bundles = product.bundles(runtime);
      if (!bundles.contains("com.fxplatform.executor")) {
        continue;
      }
      Set<String> configured = new TreeSet<>();
      product.including(runtime).forEach(one ->
          product.words(one).filter(line -> line[0].equals("config")).forEach(line -> configured.add(line[1])));
      for (Room room : product.rooms()) {
        for (Element component : bundles.contains(room.nameOfFile()) ? room.components() : List.<Element>of()) {
          List<String> pids = List.of(component.getAttribute("configuration-pid").trim().split("\\s+"));
          pids.subList(0, pids.indexOf(PROVISIONED) + 1).stream().filter(pid -> !pid.equals(PROVISIONED) && !configured.contains(pid))
              .forEach(pid -> sentences.add(runtime + ".runtime has no configuration for " + pid + ", so that "
                  + component.getAttribute("name") + " misses what is provisioned once it is renewed: say one of its defaults there."));
        }
      }
    }
    return List.copyOf(sentences);
  }

  static List<String> noOwnWays(Product product) {
    List<String> sentences = new ArrayList<>();
    for (Room room : product.rooms()) {
      for (ClassFacts one : room.classes()) {
        for (ClassFacts.Use use : one.uses()) {
          String instead = switch (use.owner() + "." + use.member()) {
            case "java.lang.System.getenv" -> "take the value as configuration ($[env:NAME])";
            case "java.lang.System.out", "java.lang.System.err" -> "log it with SLF4J";
            case "java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep" -> "wait for the condition, or schedule";
            case "java.lang.Thread.<init>" -> "use an executor with a thread factory";
            default -> null;
          };
          if (instead != null) {
            sentences.add(room.name() + " uses " + use.owner().substring(use.owner().lastIndexOf('.') + 1) + "."
                + use.member().replace("<init>", "new") + " in " + one.name() + ":" + use.line() + ": " + instead + ".");
          }
        }
      }
    }
    return sentences;
  }

  private static boolean within(String name, String root) {
    return name.equals(root) || name.startsWith(root + ".");
  }
}
