package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeFileTest {
  @TempDir Path temp;
  private Tree tree;

  @BeforeEach
  void tree() throws IOException {
    tree = new Tree(temp);
  }

  @Test
  void readsEveryVerbAndRemembersTheLine() throws IOException {
    tree.write("runtimes/base.runtime", "bundle a", "set fx.http.port=1", "config p k=base other=kept");
    tree.write("runtimes/mine.runtime",
        "# a comment", "", "include base", "bundle  b   # instead of c", "set fx.http.port=2", "config p k=\"two words # no comment\"",
        "config p empty= quoted=\"a\\\"b\\\\c\" url=jdbc:h2:x;a=b", "config bare");
    RuntimeFile read = tree.fx().runtime("mine");
    assertEquals(List.of("a", "b"), List.copyOf(read.bundles().keySet()));
    assertEquals("runtimes/mine.runtime:4", read.bundles().get("b"));
    assertEquals(new Value("2", "runtimes/mine.runtime:5"), read.settings().get("fx.http.port"));
    assertEquals(new Value("two words # no comment", "runtimes/mine.runtime:6"), read.config().get("p").get("k"));
    assertEquals(new Value("kept", "runtimes/base.runtime:3"), read.config().get("p").get("other"));
    assertEquals("", read.config().get("p").get("empty").text());
    assertEquals("a\"b\\c", read.config().get("p").get("quoted").text());
    assertEquals("jdbc:h2:x;a=b", read.config().get("p").get("url").text());
    assertTrue(read.config().get("bare").isEmpty());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
    "bundel x                | `bundel` is no verb; a line begins with include, bundle, config or set",
    "bundle                  | `bundle` wants a symbolic name and nothing else",
    "bundle a b              | `bundle` wants a symbolic name and nothing else",
    "include                 | `include` wants the name of a runtime and nothing else",
    "include nowhere         | There is no runtime nowhere; there are mine.",
    "include mine            | mine includes itself",
    "include ../../etc/x     | There is no runtime ../../etc/x",
    "config                  | `config` wants a PID and then key=value",
    "config k=v              | `config` wants a PID and then key=value",
    "config p novalue        | `novalue` is no key=value; write `config ... key=value`",
    "config p =v             | `=v` is no key=value",
    "set                     | `set` wants name=value",
    "set fx.http.port        | `fx.http.port` is no key=value; write `set ... key=value`",
    "config p k=\"open       | a quote is opened and never closed; end the value with \"."
  })
  void aBadLineIsNamedWithItsRemedy(String line, String sentence) throws IOException {
    tree.write("runtimes/mine.runtime", "# first", line);
    String said = assertThrows(Trouble.class, () -> tree.fx().runtime("mine")).getMessage();
    assertTrue(said.startsWith("runtimes/mine.runtime:2: "), said);
    assertTrue(said.contains(sentence), said);
  }

  @Test
  void theInstancesRuntimeWinsOverTheTrees() throws IOException {
    tree.write("runtimes/mine.runtime", "bundle of.tree");
    tree.writeInInstance("runtimes/mine.runtime", "bundle of.instance");
    assertEquals(List.of("of.instance"), List.copyOf(tree.fx().runtime("mine").bundles().keySet()));
  }

  @Test
  void aFileThatIsNoTextIsNamed() throws IOException {
    Files.write(tree.write("runtimes/mine.runtime"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    String said = assertThrows(Trouble.class, () -> tree.fx().runtime("mine")).getMessage();
    assertTrue(said.startsWith("runtimes/mine.runtime cannot be read"), said);
  }

  @Test
  void whatIsIncludedTwiceCountsOnce() throws IOException {
    tree.write("runtimes/core.runtime", "set a=core");
    tree.write("runtimes/left.runtime", "include core", "set a=left");
    tree.write("runtimes/mine.runtime", "include left", "include core");
    assertEquals("left", tree.fx().runtime("mine").settings().get("a").text());
  }
}
