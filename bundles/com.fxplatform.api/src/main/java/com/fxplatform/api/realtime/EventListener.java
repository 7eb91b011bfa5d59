package com.fxplatform.api.realtime;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Hears events on the executor's own private channel. Called by one thread, in order; return quickly. What is thrown is
 * logged and changes nothing for others.
 */
@ConsumerType
public interface EventListener {
  /** Service property, mandatory, one or several: the names of the events, for example {@code command-received}. */
  String EVENT = "realtime.event";

  /**
   * @param event its name
   * @param json the data as it came, not trusted
   */
  void on(String event, String json);
}
