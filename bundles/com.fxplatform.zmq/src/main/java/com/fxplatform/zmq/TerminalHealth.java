package com.fxplatform.zmq;

import com.fxplatform.api.terminal.TerminalLink;
import java.util.Optional;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Whether the terminal answers. */
@Component(property = {HealthCheck.NAME + "=terminal", HealthCheck.TAGS + "=ready"})
public final class TerminalHealth implements HealthCheck {
  private final ZmqBridge bridge;

  @Activate
  public TerminalHealth(@Reference ZmqBridge bridge) {
    this.bridge = bridge;
  }

  @Override
  public Result execute() {
    TerminalLink.Status status = bridge.status();
    Result.Status word =
        switch (status.state()) {
          case READY -> Result.Status.OK;
          case IDLE -> Result.Status.TEMPORARILY_UNAVAILABLE;
          case DISCONNECTED, SILENT, AUTHENTICATION_FAILED -> Result.Status.CRITICAL;
        };
    Optional<String> other = bridge.otherTrouble();
    return word == Result.Status.OK && other.isPresent()
        ? new Result(Result.Status.WARN, other.get())
        : new Result(word, status.detail());
  }
}
