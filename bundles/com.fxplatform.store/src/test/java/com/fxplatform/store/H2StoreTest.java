package com.fxplatform.store;

import org.junit.jupiter.api.Test;

/** The embedded database. */
class H2StoreTest extends StoreContract {
  @Override
  String url() {
    return "";
  }

  /** The file's header must point at the newest chunk also when that one went into room that was freed: in H2 2.5.252 it does not. */
  @Test
  void whatWasWrittenIntoFreedRoomSurvivesKill() throws Exception {
    String freedAtOnce = "jdbc:h2:file:" + folder.resolve("reused").toAbsolutePath() + ";RETENTION_TIME=0";
    for (int round = 0; round < 4; round++) {
      writeAndDie(freedAtOnce, round, 30 + round);
    }
  }
}
