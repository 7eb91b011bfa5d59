package com.fxplatform.itests.benchmarks;

import com.fxplatform.itests.benchmarks.OwnersEvents.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A week in minutes: a heartbeat a second and as many commands as fit, and what memory, threads and files become of it.
 * {@code -Dbenchmark=Soak:seconds:commands}; 240 and 100,000 unless told. Before it, how an idle executor is.
 */
public final class Soak {
  private static final int ON_THEIR_WAY = 40;

  /** A process, after its garbage was collected. */
  private record State(long heap, long resident, long threads, long files) {
    static State of(ProcessHandle process) throws IOException, InterruptedException {
      Path proc = Path.of("/proc/" + process.pid());
      long heap = histogramTotal(process.pid());
      try (Stream<Path> tasks = Files.list(proc.resolve("task")); Stream<Path> files = Files.list(proc.resolve("fd"))) {
        return new State(heap, resident(proc), tasks.count(), files.count());
      }
    }

    private static long resident(Path proc) throws IOException {
      return Files.readAllLines(proc.resolve("status")).stream().filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElse(0);
    }

    /** Counting what lives collects the rest first. */
    private static long histogramTotal(long pid) throws IOException, InterruptedException {
      Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), "GC.class_histogram")
          .redirectErrorStream(true).start();
      String text = new String(jcmd.getInputStream().readAllBytes());
      jcmd.waitFor();
      String last = text.lines().filter(line -> line.startsWith("Total")).findFirst().orElse("Total 0 0");
      return Long.parseLong(last.strip().split("\\s+")[2]);
    }

    @Override
    public String toString() {
      return String.format("heap after GC %.1f MB, resident %.0f MB, %d threads, %d files", heap / 1e6, resident / 1e6, threads, files);
    }
  }

  private Soak() {}

  public static void main(String[] arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 240;
    int most = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
    try (Trio trio = new Trio("com.fxplatform.provisioning.connection/heartbeatInterval=1"); OwnersEvents events = trio.events()) {
      ProcessHandle executor = trio.product.process("executor");
      ProcessHandle server = trio.product.process("server");
      idle(executor);
      Run run = new Run(trio, events);
      State[] executors = new State[2];
      State[] servers = new State[2];
      run.during(seconds / 4, most / 4);
      executors[0] = State.of(executor);
      servers[0] = State.of(server);
      int early = run.ended.get();
      run.during(seconds - seconds / 4, most);
      executors[1] = State.of(executor);
      servers[1] = State.of(server);
      System.out.printf("executor after %,d commands: %s%n", early, executors[0]);
      System.out.printf("executor after %,d commands: %s%n", run.ended.get(), executors[1]);
      System.out.printf("server after %,d commands: %s%n", early, servers[0]);
      System.out.printf("server after %,d commands: %s%n", run.ended.get(), servers[1]);
      System.out.println("how they ended: " + run.ends);
    }
  }

  private static void idle(ProcessHandle executor) throws IOException {
    State before;
    try {
      before = State.of(executor);
    } catch (InterruptedException stop) {
      return;
    }
    double began = Proc.processorSeconds(executor);
    int seconds = 30;
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    double percent = 100 * (Proc.processorSeconds(executor) - began) / seconds;
    System.out.printf("idle executor, a heartbeat a second: %s; %.2f %% of one processor%n", before, percent);
  }

  /** A closed circuit of commands. */
  private static final class Run {
    final Trio trio;
    final OwnersEvents events;
    final AtomicInteger sent = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final Map<String, Integer> ends = new TreeMap<>();
    final Queue<String> tickets = new ConcurrentLinkedQueue<>();

    Run(Trio trio, OwnersEvents events) {
      this.trio = trio;
      this.events = events;
    }

    void during(int seconds, int most) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      Semaphore room = new Semaphore(ON_THEIR_WAY);
      ExecutorService senders = Executors.newFixedThreadPool(3);
      for (int i = 0; i < 3; i++) {
        senders.execute(() -> {
          while (System.nanoTime() < deadline) {
            room.acquireUninterruptibly();
            // not one more: a journal takes 100,000 within an hour
            int number = sent.getAndUpdate(count -> Math.min(most, count + 1)) + 1;
            if (number > most) {
              return;
            }
            send(number);
          }
        });
      }
      senders.shutdown();
      long quietSince = System.nanoTime();
      while (ended.get() < sent.get() || !senders.isTerminated()) {
        Ended next = events.next();
        if (next != null) {
          ended.incrementAndGet();
          ends.merge(next.status(), 1, Integer::sum);
          String ticket = next.result().findPath("ticket").asText("");
          if (next.result().has("openPrice") && !ticket.isEmpty()) {
            tickets.add(ticket);
          }
          room.release();
          quietSince = System.nanoTime();
        } else if (System.nanoTime() - quietSince > TimeUnit.SECONDS.toNanos(30)) {
          throw new IllegalStateException(sent.get() - ended.get() + " commands do not end");
        }
      }
    }

    private void send(int number) {
      String ticket = number % 4 == 1 ? tickets.poll() : null;
      Map<String, Object> body = number % 4 == 0
          ? Map.of("command", "OPEN_POSITION", "parameters", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01))
          : ticket != null
              ? Map.of("command", "CLOSE_POSITION", "parameters", Map.of("ticket", ticket))
              : Map.of("command", "GET_STATUS");
      try {
        int status = trio.owner.send("POST", "/api/executor/" + trio.executor.id() + "/command", body).status();
        if (status != 201) {
          throw new IllegalStateException("HTTP " + status);
        }
      } catch (IOException | InterruptedException broken) {
        throw new IllegalStateException(broken);
      }
    }
  }
}
