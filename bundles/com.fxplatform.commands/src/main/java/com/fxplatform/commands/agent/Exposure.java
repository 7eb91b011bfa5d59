package com.fxplatform.commands.agent;

import com.fxplatform.api.command.CommandNames;
import com.fxplatform.commands.agent.Entry.State;
import com.fxplatform.commands.safety.OpenCount;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What the limits want to know of the journal. */
@Component
public final class Exposure implements OpenCount {
  private final Journal journal;

  @Activate
  public Exposure(@Reference Journal journal) {
    this.journal = journal;
  }

  @Override
  public int openOrOnTheWay(String exceptCommand) {
    // an order whose outcome nobody knows may be open
    int onTheWay =
        journal
            .all(
                e ->
                    e.name().equals(CommandNames.OPEN_POSITION)
                        && !e.id().equals(exceptCommand)
                        && (e.state() == State.SENT || e.state() == State.UNKNOWN && System.currentTimeMillis() - e.changedAt() < 600_000))
            .size();
    return journal.positions().size() + onTheWay;
  }

  @Override
  public String note(String name) {
    return journal.note(name).orElse("");
  }

  @Override
  public void note(String name, String value) {
    journal.note(name, value);
  }
}
