package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path temp;
  private Tree tree;

  @BeforeEach
  void tree() throws IOException {
    tree = new Tree(temp);
    tree.write("runtimes/r.runtime", "set fx.http.port=1 fx.some-thing.x=2");
  }

  private Value value(String name, Fx fx) {
    return fx.settings(fx.runtime("r")).all().get(name);
  }

  @Test
  void theRuntimeFileThenTheEnvironmentThenTheCommandLine() {
    Map<String, String> environment = Map.of("FX_HTTP_PORT", "3", "FX_SOME_THING_X", "4");
    assertEquals(new Value("127.0.0.1", "default"), value("fx.http.host", tree.fx()));
    assertEquals(new Value("1", "runtimes/r.runtime:1"), value("fx.http.port", tree.fx()));
    assertEquals(new Value("3", "environment FX_HTTP_PORT"), value("fx.http.port", tree.fx(environment)));
    assertEquals(new Value("4", "environment FX_SOME_THING_X"), value("fx.some-thing.x", tree.fx(environment)));
    assertEquals(new Value("5", "--set"), value("fx.http.port", tree.fx(environment, "fx.http.port=5")));
  }

  @Test
  void anEmptyVariableSaysNothing() {
    assertEquals("1", value("fx.http.port", tree.fx(Map.of("FX_HTTP_PORT", ""))).text());
  }

  @Test
  void aVariableThatIsNoSettingDoesNotBecomeOne() {
    Fx fx = tree.fx(Map.of("FX_ADMIN_PASSWORD", "hunter2"));
    assertFalse(fx.settings(fx.runtime("r")).texts().containsValue("hunter2"));
  }

  @Test
  void aMisspelledSettingIsRefusedWithTheOnesThereAre() {
    String said = assertThrows(Trouble.class, () -> value("fx.http.port", tree.fx("fx.htp.port=5"))).getMessage();
    assertTrue(said.startsWith("There is no setting fx.htp.port in r; there are ") && said.contains("fx.http.port"), said);
  }

  @Test
  void knowsWhereTheInstanceIs() {
    assertEquals(tree.data.resolve("data").toString(), value("fx.data", tree.fx()).text());
  }

  @Test
  void oneConfigurationValueIsSetByPidAndKey() {
    Overrides overrides = Overrides.of(List.of("com.acme.risk~eu/.secret=a=b"));
    assertEquals("a=b", overrides.config().get("com.acme.risk~eu").get(".secret").text());
  }

  @Test
  void aMalformedSetDoesNotRepeatWhatMayBeASecret() {
    for (String pair : List.of("hunter2", "/hunter2=hunter2", "=hunter2", "pid/=hunter2")) {
      String said = assertThrows(Trouble.class, () -> Overrides.of(List.of(pair))).getMessage();
      assertFalse(said.contains("=hunter2") || pair.equals("hunter2") && said.contains("hunter2"), said);
    }
  }
}
