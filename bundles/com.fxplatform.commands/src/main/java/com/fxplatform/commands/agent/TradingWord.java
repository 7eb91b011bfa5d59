package com.fxplatform.commands.agent;

import com.fxplatform.api.command.TradingState;
import java.time.Instant;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What the journal says of trading, for the heartbeat. */
@Component
public final class TradingWord implements TradingState {
  private final Journal journal;

  @Activate
  public TradingWord(@Reference Journal journal) {
    this.journal = journal;
  }

  @Override
  public Optional<Report> report() {
    if (!journal.health().open()) {
      return Optional.empty();
    }
    return journal.halted()
        .map(halt -> new Report(Word.HALTED, halt.reason(), Optional.of(Instant.ofEpochMilli(halt.since())), halt.flat()))
        .or(() -> journal.paused().map(why -> new Report(Word.PAUSED, why, Optional.empty(), false)))
        .or(() -> Optional.of(new Report(Word.ACTIVE, "", Optional.empty(), false)));
  }
}
