package com.fxplatform.zmq;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.zeromq.ZContext;

/** Named threads. None of them is ever interrupted: an interrupt inside JeroMQ breaks its pipes. */
final class Threads {
  private Threads() {}

  static ExecutorService single(String name) {
    return Executors.newSingleThreadExecutor(work -> named(work, name));
  }

  /** A context whose own threads carry our name. */
  static ZContext context(String name) {
    ZContext context = new ZContext();
    context.setThreadFactor((work, kind) -> named(work, name + "-" + kind));
    return context;
  }

  private static Thread named(Runnable work, String name) {
    Thread made = Executors.defaultThreadFactory().newThread(work);
    made.setName(name);
    made.setDaemon(true);
    return made;
  }
}
