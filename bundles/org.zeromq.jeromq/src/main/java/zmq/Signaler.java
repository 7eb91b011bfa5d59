package zmq;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;
import zmq.util.Errno;

/**
 * Wakes the reader of a {@link Mailbox}: any number of writers, one reader. In place of the library's own, which writes its
 * byte before it counts it. A reader woken on the writer's processor then finds nothing counted and asks again and again,
 * until its time slice is over, before the writer may go on; that is milliseconds for a message that takes microseconds.
 *
 * <p>Here the signal is there before the byte, and there is one byte at most: whoever is woken finds why, once.
 */
final class Signaler implements Closeable {
  /** What happens on the pipe; an interrupt in the midst of it would close it. */
  private interface Step<T> {
    T take() throws IOException;
  }

  private final Ctx ctx;
  private final Errno errno;
  private final Pipe.SourceChannel source;
  private final Pipe.SinkChannel sink;
  private final Selector selector;
  // given, and not yet received; the byte follows
  private final AtomicBoolean signalled = new AtomicBoolean();

  Signaler(Ctx ctx, int pid, Errno errno) {
    this.ctx = ctx;
    this.errno = errno;
    try {
      Pipe pipe = Pipe.open();
      source = pipe.source();
      sink = pipe.sink();
      source.configureBlocking(false);
      sink.configureBlocking(false);
      selector = ctx.createSelector();
      source.register(selector, SelectionKey.OP_READ);
    } catch (IOException none) {
      throw new ZError.IOException(none);
    }
  }

  SelectableChannel getFd() {
    return source;
  }

  /** Wakes the reader, unless it has a signal that it has not received: then it will look anyway. */
  void send() {
    if (!signalled.compareAndSet(false, true)) {
      return;
    }
    try {
      uninterrupted(() -> {
        ByteBuffer one = ByteBuffer.allocate(1);
        while (sink.write(one) == 0) {
          Thread.onSpinWait();
        }
        return null;
      });
    } catch (IOException broken) {
      throw new ZError.IOException(broken);
    }
  }

  /**
   * Whether there is a signal; with EINTR or EAGAIN if not.
   *
   * @param timeout milliseconds to wait for one; 0 for none, negative for ever
   */
  boolean waitEvent(long timeout) {
    if (Thread.interrupted()) {
      errno.set(ZError.EINTR);
      return false;
    }
    if (signalled.get()) {
      return true;
    }
    if (timeout == 0) {
      errno.set(ZError.EAGAIN);
      return false;
    }
    int ready;
    try {
      ready = selector.select(Math.max(0, timeout));
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException gone) {
      errno.set(ZError.EINTR);
      return false;
    } catch (IOException broken) {
      errno.set(ZError.exccode(broken));
      return false;
    }
    if (Thread.interrupted() || ready == 0 && timeout < 0) {
      errno.set(ZError.EINTR);
      return false;
    }
    if (ready == 0) {
      errno.set(ZError.EAGAIN);
    }
    return ready > 0;
  }

  /** Takes the signal back; what was put into the mailbox before it is there to be read. */
  void recv() {
    try {
      int read = uninterrupted(() -> {
        ByteBuffer one = ByteBuffer.allocate(1);
        int bytes;
        while ((bytes = source.read(one)) == 0 && signalled.get()) {
          // the writer is between the signal and its byte
          Thread.yield();
        }
        return bytes;
      });
      if (read > 0) {
        signalled.set(false);
      } else if (read < 0) {
        errno.set(ZError.EINTR);
      }
    } catch (ClosedChannelException gone) {
      errno.set(ZError.EINTR);
    } catch (IOException broken) {
      throw new ZError.IOException(broken);
    }
  }

  @Override
  public void close() throws IOException {
    uninterrupted(() -> {
      try (sink; source) {
        ctx.closeSelector(selector);
      }
      return null;
    });
  }

  private static <T> T uninterrupted(Step<T> step) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      return step.take();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
