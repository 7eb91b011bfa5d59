package com.fxplatform.zmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wakes a ZeroMQ poller from any thread. */
final class WakeUp {
  private static final Logger LOG = LoggerFactory.getLogger(WakeUp.class);

  private final Pipe pipe;
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final ByteBuffer bytes = ByteBuffer.allocate(64);

  WakeUp() {
    try {
      pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      pipe.sink().configureBlocking(false);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** To be polled. */
  SelectableChannel channel() {
    return pipe.source();
  }

  void signal() {
    if (signalled.compareAndSet(false, true)) {
      try {
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
      } catch (IOException closed) {
        LOG.debug("The wake-up pipe is closed.", closed);
      }
    }
  }

  /** By the polling thread, before it looks at what it may have been woken for. */
  void drain() {
    if (signalled.get()) {
      try {
        bytes.clear();
        pipe.source().read(bytes);
      } catch (IOException closed) {
        LOG.debug("The wake-up pipe is closed.", closed);
      }
      // before the queue is looked at, so that a request offered from now on wakes us again
      signalled.set(false);
    }
  }

  void close() {
    try {
      pipe.sink().close();
      pipe.source().close();
    } catch (IOException closed) {
      LOG.debug("The wake-up pipe was closed already.", closed);
    }
  }
}
