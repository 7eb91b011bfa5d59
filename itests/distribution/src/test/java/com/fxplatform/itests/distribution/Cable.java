package com.fxplatform.itests.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A wire between two processes that somebody may cut: what passes it then is lost, and nobody gets a new connection. */
final class Cable implements AutoCloseable {
  private final ServerSocket door;
  private final int to;
  private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
    Thread thread = new Thread(work, "cable");
    thread.setDaemon(true);
    return thread;
  });
  private volatile boolean cut;

  Cable(int from, int to) throws IOException {
    this.to = to;
    door = new ServerSocket();
    door.setReuseAddress(true);
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), from), 200);
    threads.execute(this::welcome);
  }

  private void welcome() {
    while (!door.isClosed()) {
      try {
        Socket near = door.accept();
        if (cut) {
          reset(near);
        } else {
          ends.add(near);
          threads.execute(() -> connect(near));
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket near) {
    Socket far = new Socket();
    try {
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), to), 2000);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      ends.add(far);
      threads.execute(() -> carry(near, far));
      carry(far, near);
    } catch (IOException nobodyThere) {
      reset(near);
      reset(far);
    }
  }

  private void carry(Socket from, Socket into) {
    byte[] some = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = into.getOutputStream();
      for (int read = in.read(some); read >= 0; read = in.read(some)) {
        if (!cut) {
          out.write(some, 0, read);
        }
      }
    } catch (IOException broken) {
      // the other end hears of it below
    } finally {
      reset(from);
      reset(into);
    }
  }

  private void reset(Socket end) {
    ends.remove(end);
    try {
      end.close();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** @param silent whether the ends hear of it only when the wire is whole again */
  void cut(boolean silent) {
    cut = true;
    if (!silent) {
      Set.copyOf(ends).forEach(this::reset);
    }
  }

  /** Who waits on an old connection waits in vain. */
  void mend() {
    Set.copyOf(ends).forEach(this::reset);
    cut = false;
  }

  @Override
  public void close() throws IOException {
    door.close();
    mend();
    threads.shutdownNow();
  }
}
