package com.fxplatform.store;

import java.time.Instant;
import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the database answers, from the last request that needed it. */
@Component(property = {"hc.name=store", "hc.tags=live", "hc.tags=ready"})
public final class StoreHealth implements HealthCheck {
  private final Database database;

  @Activate
  public StoreHealth(@Reference Database database) {
    this.database = database;
  }

  @Override
  public Result execute() {
    Optional<Instant> failingSince = database.failingSince();
    if (failingSince.isPresent()) {
      return critical("The database has not answered since " + failingSince.get() + ": check that it runs and that its disk has room");
    }
    if (!database.opened()) {
      return critical("The database is being opened");
    }
    if (database.full()) {
      return critical("The disk of the database is full, or nearly so: nothing is written until there is room, reads go on");
    }
    return database.unreadable()
        ? critical("Sealed secrets cannot be read: restore the FX_MASTER_KEY or the file master.key they were sealed with")
        : new Result(Result.Status.OK, "The database answers");
  }

  private static Result critical(String sentence) {
    return new Result(Result.Status.CRITICAL, sentence);
  }
}
