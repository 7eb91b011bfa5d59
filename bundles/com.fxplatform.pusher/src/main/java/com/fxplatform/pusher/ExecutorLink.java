package com.fxplatform.pusher;

import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.EventListener;
import com.fxplatform.api.realtime.RealtimeLink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executor's realtime connection: at most one line at any time, redialled for ever.
 *
 * <p>Everything that changes runs on the one line thread; asking the server for a signature runs beside it, so that a
 * slow server cannot hold the line up.
 */
@Component(service = {ExecutorLink.class, RealtimeLink.class}, configurationPid = "com.fxplatform.provisioned",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ExecutorLink.Provisioned.class)
public final class ExecutorLink implements RealtimeLink {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorLink.class);
  private static final String AUTH_PATH = "/api/pusher/auth";
  private static final int HIGHEST_PORT = 65_535;
  /** What WebSocket libraries call an end without a close frame. */
  private static final int ABNORMAL_CLOSE = 1006;

  /** What the server provisions about realtime. Text, so that an odd value is a sentence in the health check. */
  @ObjectClassDefinition(name = "Realtime, as provisioned by the server")
  @interface Provisioned {
    @AttributeDefinition(description = "The executor's id")
    String executorId() default "";

    @AttributeDefinition(description = "The realtime app's public key")
    String pusherKey() default "";

    @AttributeDefinition(description = "Cluster of hosted Pusher")
    String pusherCluster() default "";

    @AttributeDefinition(description = "Host of a self-hosted server, instead of a cluster")
    String pusherHost() default "";

    @AttributeDefinition(description = "Port of a self-hosted server")
    String pusherPort() default "";

    @AttributeDefinition(description = "Whether to use TLS; hosted Pusher always does unless false")
    String pusherTls() default "";
  }

  /** How patient the link is. */
  record Patience(Duration deadline, Backoff retry, Backoff refused, Duration atOnce) {
    static Patience standard() {
      return new Patience(Duration.ofSeconds(10),
          new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), ThreadLocalRandom.current()::nextDouble),
          new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5), ThreadLocalRandom.current()::nextDouble),
          Duration.ofSeconds(1));
    }
  }

  private record Status(State state, Instant since, String detail) {}

  private final Roster<PlatformClient> platform = new Roster<>(Duration.ofSeconds(1));
  private final Dispatch dispatch = new Dispatch();
  private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, Threads.named("line"));
  private final ExecutorService asking = Executors.newSingleThreadExecutor(Threads.named("auth"));
  private final Patience patience;
  private volatile Status status = new Status(State.IDLE, Instant.now(), "Not started yet.");
  private volatile Target target;
  private volatile LibraryLine line;
  private volatile boolean closed;

  // of the line thread
  private int failures;
  private int refusals;
  private long subscribedAt;
  private ScheduledFuture<?> redial;
  private ScheduledFuture<?> deadline;
  private Future<?> question;

  @Activate
  public ExecutorLink(Provisioned provisioned) {
    this(provisioned, Patience.standard());
  }

  ExecutorLink(Provisioned provisioned, Patience patience) {
    this.patience = patience;
    this.target = target(provisioned);
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindPlatform(PlatformClient service, Map<String, ?> properties) {
    platform.bind(service, properties);
  }

  void unbindPlatform(PlatformClient service) {
    platform.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindListener(EventListener service, Map<String, ?> properties) {
    dispatch.listeners().bind(service, properties);
  }

  void unbindListener(EventListener service) {
    dispatch.listeners().unbind(service);
  }

  /** After the references are bound; only tells the line thread to begin. */
  @Activate
  void start() {
    onLine(this::dial);
  }

  @Modified
  void modified(Provisioned provisioned) {
    Target next = target(provisioned);
    onLine(() -> {
      if (next.equals(target) && status.state() != State.REFUSED) {
        return;
      }
      LOG.info("The realtime configuration changed, dialling anew server={}", next.server());
      target = next;
      failures = 0;
      refusals = 0;
      hangUp();
      status(State.CONNECTING, "The configuration changed.");
      dial();
    });
  }

  @Deactivate
  void deactivate() {
    if (closed) {
      return;
    }
    closed = true;
    LibraryLine last = line;
    Future<?> hungUp = thread.submit(this::hangUp);
    try {
      hungUp.get(500, TimeUnit.MILLISECONDS);
      if (last != null) {
        // a polite server answers the goodbye within milliseconds
        last.ended().get(500, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException impolite) {
      LOG.debug("The realtime server did not say goodbye", impolite);
    } finally {
      thread.shutdownNow();
      asking.shutdownNow();
      dispatch.close();
      if (last != null) {
        last.cut();
      }
    }
    status(State.IDLE, "The realtime link is switched off.");
  }

  private void onLine(Runnable task) {
    try {
      thread.execute(() -> {
        try {
          task.run();
        } catch (RuntimeException bug) {
          LOG.error("The realtime link stumbled and dials anew", bug);
          later("an error of our own, see the log", patience.retry(), ++failures);
        }
      });
    } catch (RejectedExecutionException stopping) {
      LOG.debug("Too late, the realtime link is being closed");
    }
  }

  private void dial() {
    hangUp();
    if (closed) {
      return;
    }
    Target to = target;
    if (!to.complete()) {
      status(State.IDLE, "The server has provisioned no realtime app: commands arrive with the heartbeat only.");
      return;
    }
    if (status.state() != State.REFUSED) {
      status(State.CONNECTING, "Dialling " + to.server() + ".");
    }
    LibraryLine fresh = new LibraryLine(to, thread, new Line());
    line = fresh;
    within(patience.deadline(), "no connection");
    fresh.open();
  }

  private void hangUp() {
    cancel(redial);
    cancel(deadline);
    cancel(question);
    LibraryLine old = line;
    line = null;
    if (old != null) {
      old.drop();
    }
  }

  private static void cancel(Future<?> task) {
    if (task != null) {
      task.cancel(true);
    }
  }

  private void within(Duration limit, String otherwise) {
    cancel(deadline);
    deadline = thread.schedule(
        () -> later(otherwise + " within " + limit.toSeconds() + " s", patience.retry(), ++failures),
        limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Hangs up and dials again after a while. */
  private void later(String why, Backoff backoff, int tries) {
    later(why, backoff.after(tries), State.CONNECTING);
  }

  private void later(String why, Duration wait, State meanwhile) {
    hangUp();
    status(meanwhile, "Not connected to " + target.server() + ": " + why + "; trying again.");
    LOG.info("The realtime link is down, dialling again reason={} wait={}", why, wait);
    redial = thread.schedule(() -> onLine(this::dial), wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void refused(String why) {
    later(why, patience.refused().after(++refusals), State.REFUSED);
  }

  private void ask(LibraryLine asker, String socketId) {
    String channel = target.channel();
    Map<String, String> form = new LinkedHashMap<>();
    form.put("socket_id", socketId);
    form.put("channel_name", channel);
    question = asking.submit(() -> {
      PlatformClient.Answer answer = null;
      String trouble = "";
      try {
        answer = platform.call(client -> {
          try {
            return client.sendForm(AUTH_PATH, form);
          } catch (IOException unreachable) {
            throw new Unreachable(unreachable);
          }
        });
      } catch (Unreachable no) {
        trouble = "the platform server cannot be reached (" + no.getCause().getMessage() + ")";
      } catch (RuntimeException no) {
        trouble = "asking for a signature failed (" + no.getMessage() + ")";
      }
      PlatformClient.Answer said = answer;
      String why = trouble;
      onLine(() -> {
        // a line that was dropped meanwhile needs no answer any more
        if (line == asker) {
          answered(channel, said, why);
        }
      });
    });
  }

  private void answered(String channel, PlatformClient.Answer answer, String trouble) {
    if (answer == null) {
      later(trouble, patience.retry(), ++failures);
    } else if (answer.status() == 200) {
      within(patience.deadline(), "no answer to the subscription");
      line.subscribe(channel, answer.text());
    } else if (answer.status() == 401 || answer.status() == 403 || answer.status() == 404) {
      refused("the platform server refuses this executor's key and secret (HTTP " + answer.status()
          + "); enter them again with `fx setup`");
    } else {
      later("the platform server could not sign the channel (HTTP " + answer.status() + ")", patience.retry(), ++failures);
    }
  }

  private static final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreachable(IOException cause) {
      super(cause);
    }
  }

  /** What the line says; on the line thread, and only while it is the line. */
  private final class Line implements LibraryLine.Events {
    @Override
    public void connected(String socketId) {
      // the question has its own, longer deadlines: that of the platform client
      within(patience.deadline().multipliedBy(3), "no signature from the platform server");
      ask(line, socketId);
    }

    @Override
    public void subscribed() {
      cancel(deadline);
      refusals = 0;
      subscribedAt = System.nanoTime();
      status(State.SUBSCRIBED, "Connected to " + target.server() + " and listening on " + target.channel() + ".");
      LOG.info("The realtime link is up server={} channel={}", target.server(), target.channel());
    }

    @Override
    public void rejected(String why) {
      later("the realtime server does not accept the signature (" + why + ")", patience.retry(), ++failures);
    }

    @Override
    public void event(String name, String json) {
      dispatch.hand(name, json);
    }

    @Override
    public void lost(int code, String reason) {
      if (status.state() == State.SUBSCRIBED && System.nanoTime() - subscribedAt > TimeUnit.SECONDS.toNanos(30)) {
        failures = 0;
      }
      failures++;
      String why = code == 0 || code == ABNORMAL_CLOSE ? "the connection failed"
          : "the server closed it with " + code + (reason.isEmpty() ? "" : ", " + reason);
      if (code >= 4000 && code < 4100) {
        refused(why);
      } else if (code >= 4200 && code < 4300 && failures <= 3) {
        // a server that restarts asks everybody back at once: spread out a little
        later(why, new Backoff(patience.atOnce(), patience.atOnce(), patience.retry().random()).after(1), State.CONNECTING);
      } else {
        later(why, patience.retry(), failures);
      }
    }
  }

  private static Target target(Provisioned provisioned) {
    String host = value(provisioned.pusherHost());
    boolean tls = host.isEmpty() ? !"false".equalsIgnoreCase(value(provisioned.pusherTls()))
        : "true".equalsIgnoreCase(value(provisioned.pusherTls()));
    int port = tls ? 443 : 80;
    try {
      int given = Integer.parseInt(value(provisioned.pusherPort()));
      port = given > 0 && given <= HIGHEST_PORT ? given : port;
    } catch (NumberFormatException none) {
      LOG.debug("No port was provisioned, the usual one is used port={}", port);
    }
    return new Target(value(provisioned.executorId()), value(provisioned.pusherKey()), value(provisioned.pusherCluster()),
        host, port, tls);
  }

  private static String value(String configured) {
    return configured == null || configured.startsWith("$[") ? "" : configured.trim();
  }

  private void status(State state, String detail) {
    Status before = status;
    status = new Status(state, before.state() == state ? before.since() : Instant.now(), detail);
  }

  @Override
  public State state() {
    return status.state();
  }

  @Override
  public Instant since() {
    return status.since();
  }

  @Override
  public String detail() {
    return status.detail();
  }

  long droppedEvents() {
    return dispatch.droppedCount();
  }
}
