package com.fxplatform.pusher;

import com.fxplatform.api.realtime.Publisher;
import com.fxplatform.api.realtime.RealtimeApp;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes events: into the gateway of this process at once, to a hosted app by one thread in order. The queue before
 * that thread is bounded; what does not fit is dropped and counted, because a nudge is not worth waiting for.
 */
@Component(service = {Outbox.class, Publisher.class})
public final class Outbox implements Publisher {
  static final int MOST_BYTES = 10 * 1024;
  static final int MOST_NAME = 200;
  static final int MOST_WAITING = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /** Made by the first event, not by the start. */
  private static final class Json {
    private static final DateTimeFormatter INSTANT =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    static final Gson GSON = new GsonBuilder().disableHtmlEscaping().serializeNulls()
        .registerTypeAdapter(Instant.class,
            (JsonSerializer<Instant>) (instant, type, context) -> new JsonPrimitive(INSTANT.format(instant)))
        .create();
  }

  private final AppInForce apps;
  private final ThreadPoolExecutor sender = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES,
      new ArrayBlockingQueue<>(MOST_WAITING), Threads.named("publish"));
  private final ExecutorService httpThreads = Executors.newFixedThreadPool(2, Threads.named("http"));
  private final Supplier<Hosted> api;
  // of the sender thread: a server with its own gateway never needs it
  private Hosted hosted;
  private final LongAdder sent = new LongAdder();
  private final OncePerMinute refused = new OncePerMinute(total ->
      LOG.warn("An event was not published: its name or data is too large or cannot be written as JSON total={}", total));
  private final OncePerMinute homeless = new OncePerMinute(total ->
      LOG.warn("Events are not published, there is no realtime server at the moment total={}", total));
  private final OncePerMinute dropped = new OncePerMinute(total ->
      LOG.warn("Events are dropped, hosted Pusher takes them too slowly total={} waiting={}", total, MOST_WAITING));
  private final OncePerMinute failed = new OncePerMinute(total ->
      LOG.warn("Hosted Pusher did not take an event; check app id, key, secret and cluster total={} last={}",
          total, lastFailure()));
  private volatile String lastFailure = "";

  /** One publication to a hosted app; returns the HTTP status. */
  interface Hosted {
    int publish(RealtimeApp app, String channel, String event, String data) throws IOException, InterruptedException;
  }

  @Activate
  public Outbox(@Reference AppInForce apps) {
    this.apps = apps;
    this.api = () -> new HostedApi(httpThreads)::publish;
    sender.allowCoreThreadTimeOut(true);
  }

  Outbox(AppInForce apps, Hosted hosted) {
    this.apps = apps;
    this.api = () -> hosted;
  }

  @Deactivate
  void deactivate() {
    sender.shutdownNow();
    httpThreads.shutdownNow();
  }

  @Override
  public boolean publish(String channel, String event, Map<String, ?> data) {
    String json;
    try {
      json = Json.GSON.toJson(data);
    } catch (RuntimeException notJson) {
      LOG.debug("Not JSON channel={} event={}", channel, event, notJson);
      refused.happened();
      return false;
    }
    if (event.isEmpty() || event.length() > MOST_NAME || json.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      refused.happened();
      return false;
    }
    return apps.hosted().isPresent() ? queue(channel, event, json) : deliver(channel, event, json);
  }

  private boolean deliver(String channel, String event, String json) {
    try {
      if (apps.deliver(channel, event, json)) {
        sent.increment();
        return true;
      }
      homeless.happened();
    } catch (IllegalArgumentException unfit) {
      LOG.debug("The gateway does not take it channel={} event={}", channel, event, unfit);
      refused.happened();
    } catch (RuntimeException bug) {
      // a nudge: whoever publishes goes on
      LOG.error("The gateway failed to deliver an event channel={} event={}", channel, event, bug);
    }
    return false;
  }

  private boolean queue(String channel, String event, String json) {
    try {
      sender.execute(() -> send(channel, event, json));
      return true;
    } catch (RejectedExecutionException full) {
      dropped.happened();
      return false;
    }
  }

  private void send(String channel, String event, String json) {
    Optional<RealtimeApp> app = apps.hosted();
    if (app.isEmpty()) {
      deliver(channel, event, json);
      return;
    }
    try {
      int status = attempt(app.get(), channel, event, json);
      if (status >= 200 && status < 300) {
        sent.increment();
        lastFailure = "";
      } else {
        lastFailure = "HTTP " + status;
        failed.happened();
      }
    } catch (IOException unreachable) {
      lastFailure = unreachable.toString();
      failed.happened();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Once more if it was the line or the far side: a kept connection may have ended meanwhile. */
  private int attempt(RealtimeApp app, String channel, String event, String json) throws IOException, InterruptedException {
    if (hosted == null) {
      hosted = api.get();
    }
    try {
      int status = hosted.publish(app, channel, event, json);
      return status < 500 ? status : hosted.publish(app, channel, event, json);
    } catch (IOException once) {
      return hosted.publish(app, channel, event, json);
    }
  }

  /** What the last publication said, or an empty string if it was good. */
  String lastFailure() {
    return lastFailure;
  }

  long sentCount() {
    return sent.sum();
  }

  long lostCount() {
    return refused.total() + homeless.total() + dropped.total() + failed.total();
  }
}
