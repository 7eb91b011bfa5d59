package com.fxplatform.executor;

import com.fxplatform.executor.Standing.Beat;
import com.fxplatform.executor.Standing.Platform;
import com.fxplatform.executor.Standing.Revision;
import com.fxplatform.executor.Standing.Talk;
import java.time.Duration;
import java.time.Instant;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the platform hears this executor and its configuration works. */
@Component(property = {HealthCheck.NAME + "=platform", HealthCheck.TAGS + "=ready"})
public final class PlatformHealth implements HealthCheck {
  private final PlatformLine line;

  @Activate
  public PlatformHealth(@Reference PlatformLine line) {
    this.line = line;
  }

  @Override
  public Result execute() {
    if (!line.access().ready()) {
      return new Result(Result.Status.CRITICAL, line.access().problem());
    }
    Standing standing = line.standing();
    Beat beat = standing.beat();
    Platform platform = standing.platform();
    Revision revision = standing.revision();
    boolean rejected = revision.state().startsWith("rejected");
    if (beat.accepted().isEmpty() && rejected) {
      return new Result(Result.Status.CRITICAL, refused(revision));
    }
    if (beat.accepted().isEmpty()) {
      String why = beat.problem().isEmpty() ? platform.detail() : beat.problem();
      return new Result(Result.Status.CRITICAL, platform.talk() == Talk.OK && beat.problem().isEmpty() ? "No heartbeat was accepted yet." : why);
    }
    Duration silent = Duration.between(beat.accepted().get(), Instant.now());
    if (silent.toSeconds() > 2L * standing.interval() + 10) {
      String why = beat.problem().isEmpty() ? "No heartbeat went out lately." : beat.problem();
      return new Result(Result.Status.CRITICAL, "Last heard " + silent.toSeconds() + " s ago. " + why);
    }
    if (rejected) {
      return new Result(Result.Status.WARN, refused(revision));
    }
    if (!beat.problem().isEmpty()) {
      return new Result(Result.Status.WARN, beat.problem());
    }
    return new Result(Result.Status.OK, "The platform hears this executor; configuration " + revision.revision() + " is " + revision.state() + ".");
  }

  private static String refused(Revision revision) {
    return "Configuration " + revision.revision() + " was " + revision.state();
  }
}
