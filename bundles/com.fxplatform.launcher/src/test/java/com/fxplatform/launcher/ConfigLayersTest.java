package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLayersTest {
  @TempDir Path temp;
  private final List<String> complaints = new ArrayList<>();
  private Tree tree;

  @BeforeEach
  void tree() throws IOException {
    tree = new Tree(temp);
    tree.write("runtimes/r.runtime", "config p a=runtime b=runtime c=runtime d=runtime");
    tree.write("config/p.cfg", "# mine", "b = tree", "c = tree", "d = tree");
    tree.writeInInstance("config/p.cfg", "c = instance", "d=instance");
  }

  private ConfigLayers layers(String... sets) {
    Fx fx = tree.fx(sets);
    return fx.layers(fx.runtime("r"));
  }

  private Map<String, Value> read(ConfigLayers layers) {
    return layers.read(complaints::add).get("p");
  }

  @Test
  void eachLayerWinsOverTheOneBelowAndEachValueKnowsItsOrigin() {
    assertEquals(
        Map.of("a", new Value("runtime", "runtimes/r.runtime:1"), "b", new Value("tree", "config/p.cfg:2"),
            "c", new Value("instance", "config/p.cfg:1"), "d", new Value("set", "--set")),
        read(layers("p/d=set")));
  }

  @Test
  void aFileMayAddAPidOfItsOwnAndAFactoryInstance() throws IOException {
    tree.writeInInstance("config/com.acme.risk~eu.cfg", "limit = 5");
    assertEquals("5", layers().read(complaints::add).get("com.acme.risk~eu").get("limit").text());
  }

  @Test
  void valuesAreTakenAsTheyStand() throws IOException {
    tree.writeInInstance("config/p.cfg", "\uFEFFpath = C:\\Users\\new", "quoted = \" a \"", ".secret=$[secret:x]", "eq=a=b", "x =");
    Map<String, Value> values = read(layers());
    assertEquals("C:\\Users\\new", values.get("path").text());
    assertEquals(" a ", values.get("quoted").text());
    assertEquals("a=b", values.get("eq").text());
    assertEquals("", values.get("x").text());
    assertTrue(values.containsKey(".secret"));
  }

  @Test
  void aChangeIsSeenOnceItStandsStill() throws IOException {
    ConfigLayers layers = layers();
    read(layers);
    assertFalse(layers.settledChange());
    tree.writeInInstance("config/p.cfg", "c = half");
    assertFalse(layers.settledChange(), "still being written, for all we know");
    tree.writeInInstance("config/p.cfg", "c = whole now");
    assertFalse(layers.settledChange());
    assertTrue(layers.settledChange());
    assertEquals("whole now", read(layers).get("c").text());
    assertFalse(layers.settledChange());
  }

  @Test
  void anAtomicReplacementAndADeletionAreSeen() throws IOException {
    ConfigLayers layers = layers();
    read(layers);
    Path fresh = tree.writeInInstance("config/p.tmp", "c = inst4nce", "d=instance");
    Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(tree.data.resolve("config/p.cfg")));
    Files.move(fresh, tree.data.resolve("config/p.cfg"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    layers.settledChange();
    assertTrue(layers.settledChange(), "same size, same time, but another file");
    assertEquals("inst4nce", read(layers).get("c").text());
    Files.delete(tree.data.resolve("config/p.cfg"));
    layers.settledChange();
    assertTrue(layers.settledChange());
    assertEquals("tree", read(layers).get("c").text());
  }

  @Test
  void aSlipOfThePenKeepsTheFormerValuesAndIsNamedOnce() throws IOException {
    ConfigLayers layers = layers();
    read(layers);
    tree.writeInInstance("config/p.cfg", "c = new", "what is this");
    assertEquals("instance", read(layers).get("c").text());
    assertEquals("instance", read(layers).get("c").text());
    assertEquals(List.of("config/p.cfg:2: the line is no `key = value`; mend it, or begin it with # to make it a comment."), complaints);
    tree.writeInInstance("config/p.cfg", "c = mended at last");
    assertEquals("mended at last", read(layers).get("c").text());
  }

  @Test
  void aFileThatIsUnreadableFromTheBeginningCountsAsAbsent() throws IOException {
    Files.write(tree.data.resolve("config/q.cfg"), new byte[] {(byte) 0xc3, 0x28});
    assertNull(layers().read(complaints::add).get("q"));
    assertEquals(List.of("config/q.cfg is no UTF-8 text; save it as UTF-8."), complaints);
  }
}
