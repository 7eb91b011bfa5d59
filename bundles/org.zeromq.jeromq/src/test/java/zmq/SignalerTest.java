package zmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SignalerTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Ctx context;
  private Signaler signaler;

  @BeforeEach
  void open() {
    context = ZMQ.createContext();
    signaler = new Signaler(context, 1, context.errno());
  }

  @AfterEach
  void close() throws Exception {
    signaler.close();
    threads.shutdownNow();
    context.terminate();
  }

  @Test
  void whoeverIsWokenFindsTheSignal() throws Exception {
    int rounds = 20_000;
    SynchronousQueue<Integer> turns = new SynchronousQueue<>();
    Future<?> writer = threads.submit(() -> {
      for (int i = 0; i < rounds; i++) {
        turns.take();
        signaler.send();
      }
      return null;
    });
    int hollow = 0;
    try (Selector selector = Selector.open()) {
      signaler.getFd().register(selector, SelectionKey.OP_READ);
      for (int i = 0; i < rounds; i++) {
        turns.put(i);
        assertEquals(1, selector.select(10_000));
        selector.selectedKeys().clear();
        while (!signaler.waitEvent(0)) {
          hollow++;
        }
        signaler.recv();
      }
    }
    writer.get(10, TimeUnit.SECONDS);
    assertEquals(0, hollow, "woken and found nothing");
  }

  @Test
  void signalsThatNobodyReceivedYetAreOne() throws Exception {
    for (int i = 0; i < 100; i++) {
      signaler.send();
    }
    assertTrue(signaler.waitEvent(0));
    signaler.recv();
    assertFalse(signaler.waitEvent(0));
    assertFalse(signaler.waitEvent(1));
    signaler.send();
    assertTrue(signaler.waitEvent(10_000));
    signaler.recv();
    assertFalse(signaler.waitEvent(0));
  }

  @Test
  void aSecondReaderDoesNotWaitForAByteThatTheFirstHasRead() throws Exception {
    signaler.send();
    signaler.recv();
    threads.submit(signaler::recv).get(10, TimeUnit.SECONDS);
    signaler.send();
    assertTrue(signaler.waitEvent(10_000));
  }

  @Test
  void anInterruptBreaksNothing() {
    Thread.currentThread().interrupt();
    signaler.send();
    assertTrue(Thread.interrupted());
    assertTrue(signaler.waitEvent(10_000));
    Thread.currentThread().interrupt();
    signaler.recv();
    assertTrue(Thread.interrupted());
    signaler.send();
    assertTrue(signaler.waitEvent(10_000));
  }

  @Test
  void noCommandOfManyWritersIsLost() throws Exception {
    int writers = 4;
    int each = 50_000;
    Mailbox mailbox = new Mailbox(context, "test", 2);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      all.add(threads.submit(() -> {
        for (int k = 0; k < each; k++) {
          mailbox.send(new Command(null, Command.Type.STOP));
        }
      }));
    }
    for (int i = 0; i < writers * each; i++) {
      assertNotNull(mailbox.recv(10_000), "a command was put in, and its reader sleeps");
    }
    for (Future<?> writer : all) {
      writer.get(10, TimeUnit.SECONDS);
    }
    mailbox.close();
  }
}
