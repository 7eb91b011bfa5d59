package com.fxplatform.deploy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What lies in the deploy folder: a jar counts once it does not change any more. Used by one thread. */
final class DropFolder {
  private record Stamp(long size, FileTime modified) {}

  private record Seen(Stamp stamp, int looks) {}

  private static final int STEADY = 2;
  // a copy may stall; a jar without its end is given this many looks
  private static final int UNREADABLE = 20;

  private final Path folder;
  private final Map<Path, Seen> seen = new HashMap<>();
  private final Map<Path, Stamp> taken = new HashMap<>();
  private final Map<Path, Integer> absent = new HashMap<>();
  private boolean restless;

  DropFolder(Path folder) {
    this.folder = folder;
  }

  List<Path> jars() throws IOException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path file : files) {
        if (Files.isRegularFile(file) && !file.getFileName().toString().startsWith(".")) {
          jars.add(file);
        }
      }
    }
    return jars;
  }

  /** New or changed jars that are complete, oldest first. */
  List<Path> ready() throws IOException {
    Map<Path, Seen> now = new HashMap<>();
    List<Path> ready = new ArrayList<>();
    restless = false;
    for (Path jar : jars()) {
      Stamp stamp = stamp(jar);
      Seen before = seen.get(jar);
      int looks = before != null && before.stamp.equals(stamp) ? Math.min(UNREADABLE, before.looks + 1) : 1;
      now.put(jar, new Seen(stamp, looks));
      if (stamp != null && !stamp.equals(taken.get(jar))) {
        if (looks >= UNREADABLE || (looks >= STEADY && Parcel.isZip(jar))) {
          ready.add(jar);
        } else {
          restless = true;
        }
      }
    }
    seen.clear();
    seen.putAll(now);
    ready.sort(Comparator.comparing((Path jar) -> now.get(jar).stamp.modified).thenComparing(jar -> jar.getFileName().toString()));
    return ready;
  }

  /** The jars taken earlier that are gone since two looks, while nothing new is on its way in. */
  List<Path> gone() {
    List<Path> gone = new ArrayList<>();
    for (Path jar : Set.copyOf(taken.keySet())) {
      if (seen.containsKey(jar)) {
        absent.remove(jar);
      } else if (absent.merge(jar, 1, Integer::sum) >= STEADY && !restless) {
        gone.add(jar);
      }
    }
    return gone;
  }

  void take(Path jar) {
    taken.put(jar, stamp(jar));
    absent.remove(jar);
  }

  /** Whether nobody has put another jar in its place. */
  boolean isAsTaken(Path jar) {
    Stamp stamp = stamp(jar);
    return stamp != null && stamp.equals(taken.get(jar));
  }

  void forget(Path jar) {
    taken.remove(jar);
    absent.remove(jar);
    seen.remove(jar);
  }

  private static Stamp stamp(Path jar) {
    try {
      BasicFileAttributes is = Files.readAttributes(jar, BasicFileAttributes.class);
      return new Stamp(is.size(), is.lastModifiedTime());
    } catch (IOException gone) {
      return null;
    }
  }
}
