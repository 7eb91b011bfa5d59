package com.fxplatform.provisioning.standard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A limit that an operator cannot read about protects nobody. */
class SafetyIsExplainedTest {
  @Test
  void everyLimitStandsInWhatIsShipped() throws IOException {
    String shipped = Files.readString(Path.of("../../distribution/config/README.md"));
    assertTrue(shipped.contains("config/com.fxplatform.provisioning.safety.cfg"), "where to write it");
    for (Method key : SafetyPlugin.Config.class.getDeclaredMethods()) {
      assertTrue(shipped.contains("\n    " + key.getName() + " = "), key.getName());
    }
  }
}
