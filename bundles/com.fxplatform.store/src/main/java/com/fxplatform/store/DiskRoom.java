package com.fxplatform.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether the disk of the embedded database has room for another change. The database itself finds out too late: it closes when it
 * cannot write, and then nobody can read either. Asks the disk twice a second at most.
 */
final class DiskRoom {
  private static final long PAUSE = Duration.ofMillis(500).toNanos();

  private final Path folder;
  private final long reserve;
  private volatile long askedAt = System.nanoTime() - PAUSE;
  private volatile boolean spent;

  /** @param reserve bytes that changes leave alone; 0 never asks */
  DiskRoom(Path folder, long reserve) {
    this.folder = folder;
    this.reserve = reserve;
  }

  boolean spent() {
    if (reserve > 0 && System.nanoTime() - askedAt >= PAUSE) {
      askedAt = System.nanoTime();
      try {
        spent = Files.getFileStore(folder).getUsableSpace() < reserve;
      } catch (IOException unknown) {
        // the database will say itself what is wrong with its folder
        spent = false;
      }
    }
    return spent;
  }
}
