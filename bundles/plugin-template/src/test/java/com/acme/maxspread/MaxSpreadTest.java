package com.acme.maxspread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.annotation.Annotation;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MaxSpreadTest {
  private static MaxSpread.Config points(int points) {
    return new MaxSpread.Config() {
      @Override
      public int points() {
        return points;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return MaxSpread.Config.class;
      }
    };
  }

  @Test
  void tellsThePointsAndFollowsTheFile() {
    MaxSpread plugin = new MaxSpread(points(30));
    assertEquals(Map.of("acme.maxSpread", 30), plugin.contribute(null));
    plugin.configure(points(20));
    assertEquals(Map.of("acme.maxSpread", 20), plugin.contribute(null));
  }

  @Test
  void noSpreadIsNoSetting() {
    assertThrows(IllegalArgumentException.class, () -> new MaxSpread(points(0)));
  }
}
