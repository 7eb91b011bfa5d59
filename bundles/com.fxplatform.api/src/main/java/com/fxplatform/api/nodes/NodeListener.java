package com.fxplatform.api.nodes;

import org.osgi.annotation.versioning.ConsumerType;

/** Hears what other nodes tell. Called by one thread, in order; return quickly. What is thrown is logged. */
@ConsumerType
public interface NodeListener {
  /** Service property, mandatory: the topic. */
  String TOPIC = "nodes.topic";

  /**
   * @param node who tells: an id that a process makes up at its start; never one's own
   * @param message as it came
   */
  void heard(String node, String message);

  /** The others can be reached, for the first time or again: anything may have been missed in both directions. */
  void reconnected();
}
