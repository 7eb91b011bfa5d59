package com.fxplatform.zmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * Waits for ZeroMQ sockets, and can be woken from any thread. Not ZMQ.Poller: that of JeroMQ 0.6.0 reads stale readiness of a
 * plain channel, so that a loop with a wake-up pipe never waits again after its first wake-up.
 *
 * <p>A socket's channel only says that something has changed: whoever waits must have received until there was nothing left.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private final Selector selector;

  Readiness() {
    try {
      selector = Selector.open();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Ends a wait, or the next one. */
  void signal() {
    selector.wakeup();
  }

  void add(ZMQ.Socket socket) {
    try {
      socket.getFD().register(selector, SelectionKey.OP_READ);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  void remove(ZMQ.Socket socket) {
    SelectableChannel channel = socket.getFD();
    SelectionKey key = channel == null ? null : channel.keyFor(selector);
    if (key != null) {
      key.cancel();
      await(0);
    }
  }

  /** At most so long; {@code Long.MAX_VALUE} for ever. */
  void await(long nanos) {
    try {
      if (nanos <= 0) {
        selector.selectNow();
      } else if (nanos == Long.MAX_VALUE) {
        selector.select();
      } else {
        selector.select((nanos + 999_999) / 1_000_000);
      }
      selector.selectedKeys().clear();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static boolean readable(ZMQ.Socket socket) {
    return (socket.getEvents() & ZMQ.Poller.POLLIN) != 0;
  }

  void close() {
    try {
      selector.close();
    } catch (IOException closed) {
      LOG.debug("The selector was closed already.", closed);
    }
  }
}
