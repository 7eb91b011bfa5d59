package com.fxplatform.api.deploy;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Tries a newcomer with real data before it may speak. Called while the newcomer is on trial and the incumbent still
 * speaks. Must leave no trace: nothing is sent, stored or counted. At most 30 s.
 */
@ConsumerType
public interface Rehearsal {
  /** Service property, mandatory: the class name of the service it rehearses. One voice speaks per name. */
  String SERVICE = "rehearsal.service";

  /**
   * Tries one service of a newcomer.
   *
   * @param candidate the newcomer's service, an instance of what {@link #SERVICE} names
   * @throws Exception if it must not speak; the message is a sentence for its author
   */
  void rehearse(Object candidate) throws Exception;
}
