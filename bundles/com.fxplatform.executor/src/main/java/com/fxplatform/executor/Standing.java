package com.fxplatform.executor;

import java.time.Instant;
import java.util.Optional;

/** How this executor stands with its platform: written by those who talk to it, read by health checks and pages. */
final class Standing {
  /** How the last word with the platform went. */
  enum Talk {
    WAITING_FOR_SETUP,
    CONNECTING,
    OK,
    CREDENTIALS_REFUSED,
    UNREACHABLE,
    TROUBLE
  }

  /** The conversation, with one sentence for a person. */
  record Platform(Talk talk, String detail, Instant since) {}

  /** A revision and what became of it: {@code none}, {@code applying}, {@code applied} or {@code rejected: why}. */
  record Revision(String revision, String state, Instant since) {
    boolean applied() {
      return state.equals("applied");
    }
  }

  /** The last heartbeats. */
  record Beat(Optional<Instant> accepted, String problem) {}

  private volatile Platform platform = new Platform(Talk.CONNECTING, "Not asked yet.", Instant.now());
  private volatile Revision revision = new Revision("", "none", Instant.now());
  private volatile Beat beat = new Beat(Optional.empty(), "");
  private volatile String name = "";
  private volatile int interval = 60;

  Platform platform() {
    return platform;
  }

  /** Returns whether that is news. */
  boolean platform(Talk talk, String detail) {
    Platform before = platform;
    if (before.talk() == talk && before.detail().equals(detail)) {
      return false;
    }
    platform = new Platform(talk, detail, Instant.now());
    return true;
  }

  Revision revision() {
    return revision;
  }

  void revision(String id, String state) {
    revision = new Revision(id, state, Instant.now());
  }

  Beat beat() {
    return beat;
  }

  void beatAccepted(int everySeconds) {
    interval = everySeconds;
    beat = new Beat(Optional.of(Instant.now()), "");
  }

  void beatFailed(String problem) {
    beat = new Beat(beat.accepted(), problem);
  }

  void nobody() {
    beat = new Beat(Optional.empty(), "");
    name = "";
    revision("", "none");
  }

  int interval() {
    return interval;
  }

  String name() {
    return name;
  }

  void name(String executorName) {
    name = executorName;
  }
}
