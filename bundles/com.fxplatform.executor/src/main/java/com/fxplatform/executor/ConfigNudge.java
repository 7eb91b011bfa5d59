package com.fxplatform.executor;

import com.fxplatform.api.realtime.EventListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The server says over realtime that there may be a new configuration; what it is, is asked over HTTP. */
@Component(property = EventListener.EVENT + "=executor-config-update")
public final class ConfigNudge implements EventListener {
  private final Provisioner provisioner;

  @Activate
  public ConfigNudge(@Reference Provisioner provisioner) {
    this.provisioner = provisioner;
  }

  @Override
  public void on(String event, String json) {
    provisioner.nudge();
  }
}
