package com.fxplatform.api.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MeterTest {
  @Test
  void aNameIsOneMeterAndCountsGoOn() {
    Meter first = Meter.counter("fx_test_a_total", "A test.", "kind");
    first.add(2, "x");
    Meter second = Meter.counter("fx_test_a_total", "A test.", "kind");
    second.add(1, "x");
    assertSame(first, second);
    assertEquals(List.of(new Meter.Series(List.of("x"), 3, 0, List.of())), first.series());
    assertTrue(Meter.everywhere().contains(first));
    assertThrows(IllegalArgumentException.class, () -> Meter.counter("fx_test_a_total", "A test.", "other"));
  }

  @Test
  void aTimingFallsIntoItsBucket() {
    Meter meter = Meter.timing("fx_test_b_seconds", "A test.");
    meter.took(0);
    meter.took(1_000_000);
    meter.took(1_000_001);
    meter.took(3_600_000_000_000L);
    Meter.Series series = meter.series().get(0);
    assertEquals(4, series.count());
    assertEquals(2, series.buckets().get(0));
    assertEquals(1, series.buckets().get(1));
    assertEquals(1, series.buckets().get(series.buckets().size() - 1));
    assertEquals(Meter.bounds().size() + 1, series.buckets().size());
    assertEquals(3_600_002_000_001L, series.totalNanos());
  }

  @Test
  void whatACallerMayChooseDoesNotFillTheMemory() {
    Meter meter = Meter.counter("fx_test_c_total", "A test.", "path");
    for (int i = 0; i < 10 * Meter.MOST_SERIES; i++) {
      meter.add(1, "/" + i);
    }
    assertTrue(meter.series().size() <= Meter.MOST_SERIES + 1);
    assertEquals(10L * Meter.MOST_SERIES, meter.series().stream().mapToLong(Meter.Series::count).sum());
  }

  @Test
  void nothingIsLostWhenManyCount() throws Exception {
    Meter meter = Meter.level("fx_test_d", "A test.", "who");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    for (int t = 0; t < 4; t++) {
      threads.execute(() -> {
        for (int i = 0; i < 10_000; i++) {
          meter.add(i % 2 == 0 ? 2 : -1, "x");
        }
      });
    }
    threads.shutdown();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
    assertEquals(20_000, meter.series().get(0).count());
  }

  @Test
  void misuseIsLoud() {
    assertThrows(IllegalArgumentException.class, () -> Meter.counter("fx_test_e", "A test."));
    assertThrows(IllegalArgumentException.class, () -> Meter.level("Fx-Test", "A test."));
    assertThrows(IllegalStateException.class, () -> Meter.counter("fx_test_f_total", "A test.").add(-1));
    assertThrows(IllegalStateException.class, () -> Meter.level("fx_test_g", "A test.").took(1));
    assertThrows(IllegalArgumentException.class, () -> Meter.level("fx_test_h", "A test.", "a").add(1));
  }
}
