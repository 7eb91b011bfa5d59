package com.fxplatform.commands.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.api.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged events and a damaged journal: nobody falls over, and nothing is traded that nobody ordered. */
@Timeout(120)
class FuzzTest {
  @TempDir Path folder;

  @Test
  void damagedEventsTradeNothingThatWasNotOrdered() {
    try (Rig rig = new Rig(folder)) {
      String good = Rig.open("fuzz");
      Random random = new Random(20261123);
      for (int length = 0; length < good.length(); length++) {
        rig.event(good.substring(0, length));
      }
      assertTrue(rig.terminal.sent.isEmpty(), "half an order is none");
      for (int i = 0; i < 3_000; i++) {
        char[] text = good.replace("fuzz", "f" + i).toCharArray();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
          text[random.nextInt(text.length)] = (char) (32 + random.nextInt(95));
        }
        rig.event(new String(text));
        rig.events.on("command-cancel", new String(text));
        if (i % 200 == 0) {
          Rig.until(() -> rig.agent.waiting() == 0, () -> "the queue does not drain");
        }
      }
      rig.event(good);
      assertEquals("executed", rig.reported("fuzz").status(), "it still works");
      rig.terminal.sent.stream().filter(r -> r.name().equals(Rig.OPEN)).forEach(r -> {
        assertTrue(r.parameters().get("action").equals("BUY") || r.parameters().get("action").equals("SELL"), r.toString());
        assertTrue(((java.math.BigDecimal) r.parameters().get("lotSize")).signum() > 0, r.toString());
        assertTrue(OpenPosition.SYMBOL.matcher((String) r.parameters().get("symbol")).matches(), r.toString());
      });
      assertEquals(
          rig.terminal.sent.stream().filter(r -> r.name().equals(Rig.OPEN)).count(),
          rig.terminal.sent.stream().filter(r -> r.name().equals(Rig.OPEN)).map(r -> r.id()).distinct().count(),
          "each id at most once");
    }
  }

  @Test
  void aJournalCutAnywhereOpensWithWhatItHasOrTakesNothing() throws Exception {
    Path whole = folder.resolve("whole");
    try (Rig rig = new Rig(whole)) {
      rig.event(Rig.open("known"));
      rig.reported("known");
    }
    byte[] bytes = Files.readAllBytes(whole.resolve("commands.mv"));
    Random random = new Random(7);
    for (int round = 0; round < 60; round++) {
      int length = round < 20 ? bytes.length - 1 - round : random.nextInt(bytes.length);
      Path cut = Files.createDirectories(folder.resolve("cut" + round));
      Files.write(cut.resolve("commands.mv"), Arrays.copyOf(bytes, length));
      Journal journal = new Journal(Rig.journalConfig(cut));
      try {
        if (journal.health().open()) {
          // an older state of the store at worst; a torn entry never
          journal.all(e -> true).forEach(e -> assertEquals("known", e.id()));
        } else {
          assertFalse(journal.health().detail().isEmpty());
          org.junit.jupiter.api.Assertions.assertThrows(Refusal.class, () -> journal.find("known"), "closed: no command is taken");
        }
      } finally {
        journal.close();
      }
    }
  }
}
