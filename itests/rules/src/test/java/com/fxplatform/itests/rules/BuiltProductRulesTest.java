package com.fxplatform.itests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The product as it was built keeps every rule. */
class BuiltProductRulesTest {
  private static Product product;

  @BeforeAll
  static void read() throws IOException {
    product = Product.read(Path.of(System.getProperty("fx.tree", "../../distribution/target/fxplatform")));
  }

  static Stream<Arguments> rules() {
    return Rules.ALL.entrySet().stream().map(rule -> Arguments.of(rule.getKey(), rule.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void keepsTheRule(String name, Function<Product, List<String>> rule) {
    List<String> sentences = rule.apply(product);
    assertTrue(sentences.isEmpty(), () -> "Rule " + name + ":\n  " + String.join("\n  ", sentences));
  }

  /** Rules that read nothing find nothing: this is what they must have read. */
  @Test
  void everythingWasRead() {
    var named = new TreeSet<String>();
    product.runtimes().forEach(runtime -> product.bundles(runtime).stream()
        .filter(name -> name.startsWith("com.fxplatform.")).forEach(named::add));
    var read = new TreeSet<>(product.rooms().stream().map(Room::nameOfFile).toList());
    assertTrue(read.containsAll(named), () -> "The runtimes name " + named + ", bundles/ holds " + read);
    assertTrue(read.size() >= 16, () -> "Only these rooms were read: " + read);
    assertTrue(product.bundles("executor").contains("com.fxplatform.executor"));
    for (Room room : product.rooms()) {
      assertTrue(room.classes().size() > 1, () -> room.nameOfFile() + " has no classes");
      assertEquals(room.is("api"), room.components().isEmpty(), () -> room.nameOfFile() + " and its components");
    }
    assertTrue(product.rooms().stream().mapToInt(room -> room.metatypes().size()).sum() >= 10, "Metatypes were not read");
  }
}
