package com.fxplatform.store;

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
    return database.failingSince()
        .map(since -> new Result(Result.Status.CRITICAL,
            "The database has not answered since " + since + ": check that it runs and that its disk has room"))
        .orElseGet(() -> database.opened()
            ? database.unreadable()
                ? new Result(Result.Status.CRITICAL,
                    "Sealed secrets cannot be read: restore the FX_MASTER_KEY or the file master.key they were sealed with")
                : new Result(Result.Status.OK, "The database answers")
            : new Result(Result.Status.CRITICAL, "The database is being opened"));
  }
}
