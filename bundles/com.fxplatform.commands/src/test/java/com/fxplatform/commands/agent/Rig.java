package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.command.CommandHandler;
import com.fxplatform.api.command.Gate;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The room as on an executor, with a terminal and a platform that tests play. */
final class Rig implements AutoCloseable {
  static final String OPEN = "OPEN_POSITION";

  /** A terminal: one request at a time, the gate immediately before. */
  static final class FakeTerminal implements TerminalLink, AutoCloseable {
    final List<TerminalRequest> sent = new CopyOnWriteArrayList<>();
    final List<Long> sentAt = new CopyOnWriteArrayList<>();
    final ExecutorService thread = Executors.newSingleThreadExecutor(Agent.named("test-terminal"));
    volatile Function<TerminalRequest, TerminalReply> answers = FakeTerminal::usual;
    volatile Runnable beforeGate = () -> {};
    volatile Runnable beforeSend = () -> {};
    volatile Optional<Account> account = Optional.empty();
    private static long tickets = 1000;

    static synchronized TerminalReply usual(TerminalRequest request) {
      Map<String, Object> data = new LinkedHashMap<>(request.parameters());
      if (request.name().equals(OPEN)) {
        data.put("ticket", ++tickets);
        data.put("openPrice", new java.math.BigDecimal("1.10000"));
      }
      if (request.name().equals("GET_ACCOUNT")) {
        data.put("margin", java.math.BigDecimal.ZERO);
      }
      return ok(data);
    }

    @Override
    public CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
      CompletableFuture<TerminalReply> reply = new CompletableFuture<>();
      thread.execute(
          () -> {
            beforeGate.run();
            try {
              gate.pass();
            } catch (Refusal no) {
              reply.complete(new TerminalReply(Outcome.NOT_SENT, Map.of(), Optional.of(no.getMessage()), Optional.empty()));
              return;
            }
            beforeSend.run();
            sentAt.add(System.nanoTime());
            sent.add(request);
            TerminalReply answer = answers.apply(request);
            if (answer != null) {
              reply.complete(answer);
            }
          });
      return reply;
    }

    @Override
    public Status status() {
      return new Status(State.READY, Instant.now(), "");
    }

    @Override
    public Optional<Account> account() {
      return account;
    }

    List<TerminalRequest> sent(String name) {
      return sent.stream().filter(r -> r.name().equals(name)).toList();
    }

    @Override
    public void close() {
      thread.shutdownNow();
    }
  }

  /** A platform that remembers what it was told. */
  static final class FakePlatform implements PlatformClient {
    final List<Map<String, Object>> told = new CopyOnWriteArrayList<>();
    volatile Function<Map<String, Object>, Answer> answers = body -> new Answer(200, "", "{\"success\":true}");
    volatile boolean away;
    volatile Duration offset = Duration.ZERO;

    @Override
    public String executorId() {
      return "exec1";
    }

    @Override
    public Duration clockOffset() {
      return offset;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Answer send(String method, String path, Map<String, String> headers, Map<String, ?> json) throws IOException {
      if (away) {
        throw new IOException("away");
      }
      if (!method.equals("PATCH") || !path.equals("/api/executor/exec1/command")) {
        throw new AssertionError(method + " " + path);
      }
      Map<String, Object> body = (Map<String, Object>) json;
      Answer answer = answers.apply(body);
      told.add(body);
      return answer;
    }

    @Override
    public Answer sendForm(String path, Map<String, String> form) {
      throw new AssertionError(path);
    }

    List<String> words(String id) {
      return told.stream().filter(b -> b.get("commandId").equals(id)).map(b -> (String) b.get("status")).toList();
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> lastResult(String id) {
      Map<String, Object> last = null;
      for (Map<String, Object> body : told) {
        if (body.get("commandId").equals(id) && body.get("result") != null) {
          last = (Map<String, Object>) body.get("result");
        }
      }
      return last;
    }
  }

  final FakeTerminal terminal = new FakeTerminal();
  final FakePlatform platform = new FakePlatform();
  final Journal journal;
  final TerminalDesk desk;
  final Positions positions;
  final EmergencyStop stop;
  final Strategies strategies;
  final Agent agent;
  final EventDoor events;
  private long ids = 1;

  Rig(Path folder) {
    this(folder, List.of());
  }

  Rig(Path folder, List<Map.Entry<CommandHandler, String[]>> more) {
    this(folder, more, rig -> {});
  }

  Rig(Path folder, List<Map.Entry<CommandHandler, String[]>> more, java.util.function.Consumer<Rig> prepare) {
    // before anything runs: an emergency stop in force goes on as soon as the journal is open
    prepare.accept(this);
    journal = new Journal(journalConfig(folder));
    desk = new TerminalDesk(journal);
    desk.bindLink(terminal, Map.of("service.id", 1L));
    positions = new Positions(desk, journal);
    stop = new EmergencyStop(desk, journal, positions, Duration.ofSeconds(2), 20, 200);
    agent = new Agent(journal, desk, stop, agentConfig(30_000), Duration.ofMillis(20), Duration.ofMillis(100));
    agent.bindPlatform(platform, Map.of("service.id", 2L));
    OpenPosition open = new OpenPosition(desk, journal);
    open.bindPlatform(platform, Map.of("service.id", 2L));
    handler(open, OPEN);
    ClosePositions closing = new ClosePositions(desk, journal, positions, Duration.ofSeconds(2));
    handler(closing, "CLOSE_POSITION", "CLOSE_ALL_POSITIONS", "CLOSE_BY_SYMBOL", "CLOSE_BY_STRATEGY", "CLOSE_PROFITABLE", "CLOSE_LOSING");
    handler(stop, "EMERGENCY_STOP");
    handler(new ModifyPosition(desk), "MODIFY_POSITION");
    strategies = new Strategies(journal, closing);
    handler(strategies, "START_STRATEGY", "STOP_STRATEGY", "PAUSE_STRATEGY", "RESUME_STRATEGY", "UPDATE_STRATEGY");
    handler(new Standstill(journal, strategies), "PAUSE", "STOP_ALL", "RESTART");
    handler(new Questions(desk, journal, positions, strategies), "GET_STATUS", "PING", "GET_ACCOUNT_INFO", "GET_POSITIONS");
    handler(new Resume(journal, stop), "RESUME");
    more.forEach(h -> handler(h.getKey(), h.getValue()));
    agent.activate();
    events = new EventDoor(agent);
  }

  void handler(CommandHandler handler, String... names) {
    agent.bindHandler(handler, Map.of("service.id", 10 + ids++, CommandHandler.NAME, names));
  }

  void event(String json) {
    events.on("command-received", json);
  }

  Entry entry(String id) {
    return journal.find(id).orElseThrow();
  }

  /** Waits until a command has ended and the platform knows. */
  Entry reported(String id) {
    until(() -> journal.find(id).filter(e -> e.state().isFinal() && e.reported()).isPresent(), () -> "not reported: " + journal.find(id));
    return entry(id);
  }

  Entry ended(String id) {
    until(() -> journal.find(id).filter(e -> e.state().isFinal()).isPresent(), () -> "not ended: " + journal.find(id));
    return entry(id);
  }

  @Override
  public void close() {
    terminal.close();
    agent.close();
    strategies.close();
    stop.close();
    desk.close();
    journal.close();
  }

  static void until(BooleanSupplier condition, java.util.function.Supplier<String> what) {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(what.get());
      }
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }

  static String open(String id) {
    return "{\"id\":\"" + id + "\",\"command\":\"OPEN_POSITION\",\"parameters\":{\"symbol\":\"EURUSD\",\"type\":\"BUY\",\"volume\":0.10},\"priority\":\"NORMAL\"}";
  }

  static Map<String, Object> openMap(String id) {
    return new LinkedHashMap<>(
        Map.of("id", id, "command", OPEN, "priority", "NORMAL", "parameters", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.1)));
  }

  static TerminalReply ok(Map<String, Object> data) {
    return new TerminalReply(Outcome.OK, data, Optional.empty(), Optional.empty());
  }

  static TerminalReply failed(String why) {
    return new TerminalReply(Outcome.FAILED, Map.of(), Optional.of(why), Optional.empty());
  }

  static Journal.Config journalConfig(Path folder) {
    return new Journal.Config() {
      @Override
      public String folder() {
        return folder.toString();
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Journal.Config.class;
      }
    };
  }

  static Agent.Config agentConfig(int timeout) {
    return new Agent.Config() {
      @Override
      public int commandTimeout() {
        return timeout;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return Agent.Config.class;
      }
    };
  }

  static List<String> names(List<TerminalRequest> requests) {
    return new ArrayList<>(requests.stream().map(TerminalRequest::name).toList());
  }
}
