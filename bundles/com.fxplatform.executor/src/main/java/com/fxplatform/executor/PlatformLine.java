package com.fxplatform.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fxplatform.api.executor.BoundedBody;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.vault.SecretVault;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The one line to the platform: address, key, secret and the rules of the road. */
@Component(
    service = {PlatformClient.class, PlatformLine.class},
    configurationPid = "com.fxplatform.executor")
@Designate(ocd = PlatformLine.Config.class)
public final class PlatformLine implements PlatformClient {
  /** For the room: decimals stay as they were written. */
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  static final String VERSION = version();
  private static final int MOST = 256 * 1024;
  private static final Duration SET_BACK = Duration.ofSeconds(1);
  private static final String SET_UP = "This executor is not set up: run fx setup.";

  @ObjectClassDefinition(name = "FX Platform executor")
  @interface Config {
    @AttributeDefinition(description = "Where the platform is, https:// except on this machine; written by fx setup")
    String platformUrl() default "";

    @AttributeDefinition(description = "The API key of this executor; written by fx setup")
    String apiKey() default "";

    @AttributeDefinition(description = "When fx setup last ran: a new secret is noticed by it")
    String setupAt() default "";

    @AttributeDefinition(description = "false: nothing is fetched, the override.* lines of this file are the whole configuration")
    boolean autoProvision() default true;

    @AttributeDefinition(description = "true in commands that look and do not run: nothing is fetched and nothing applied")
    boolean standby() default false;

    @AttributeDefinition(description = "Where configurations that once worked are kept")
    String folder() default "";
  }

  /** Whom to talk to and as whom; with a problem there is nobody to talk to. */
  record Access(Optional<PlatformUrl> url, String apiKey, String setupAt, String problem) {
    boolean ready() {
      return problem.isEmpty();
    }

    /** Two accesses of one identity are the same executor at the same platform. */
    String identity() {
      return url.map(PlatformUrl::toString).orElse("") + " " + apiKey;
    }
  }

  /** The server's clock at one moment of ours. */
  private record Reading(Instant server, long nanos, Duration offset) {
    static final Reading NONE = new Reading(Instant.EPOCH, 0, Duration.ZERO);
  }

  /** An answer with what only this room wants to know. */
  record Heard(int status, String etag, String text, Optional<Duration> retryAfter) {
    boolean ok() {
      return status >= 200 && status < 300;
    }
  }

  private static final Duration KEPT_IN_HAND = Duration.ofSeconds(5);
  private static final String NOTHING_HERE = "NOT_FOUND";
  private static final int UNAUTHORIZED = 401;
  private static final int UNAVAILABLE = 503;

  private final Roster<SecretVault> vault = new Roster<>(Duration.ofSeconds(5));
  private final Standing standing = new Standing();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final SecretInHand apiSecret = new SecretInHand(KEPT_IN_HAND);
  private final HttpClient http;
  private volatile Access access;
  private volatile String executorId = "";
  private volatile Duration patience = Duration.ofSeconds(10);
  private volatile Reading reading = Reading.NONE;

  @Activate
  public PlatformLine(Config config) {
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            // a redirect would carry the credentials to somebody else
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            // an answer is read where it arrives: nothing here blocks, and a change of threads costs as much as the reading
            .executor(Runnable::run)
            .build();
    access = read(config);
  }

  @Modified
  void modified(Config config) {
    Access before = access;
    Access now = read(config);
    // first: a new key never goes with the former secret
    apiSecret.putDown();
    access = now;
    if (!now.identity().equals(before.identity())) {
      executorId = "";
      reading = Reading.NONE;
    }
    if (!now.equals(before)) {
      watchers.forEach(Runnable::run);
    }
  }

  @Deactivate
  void close() {
    apiSecret.close();
  }

  @Reference(
      cardinality = ReferenceCardinality.AT_LEAST_ONE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindVault(SecretVault service, Map<String, ?> properties) {
    vault.bind(service, properties);
    apiSecret.putDown();
  }

  void unbindVault(SecretVault service) {
    vault.unbind(service);
    apiSecret.putDown();
  }

  @Override
  public String executorId() {
    return executorId;
  }

  @Override
  public Duration clockOffset() {
    Reading last = reading;
    Instant now = Instant.now();
    // a clock that was set back since must not make stale orders fresh; the steady clock does not follow it
    Duration steady = Duration.between(now, last.server().plusNanos(System.nanoTime() - last.nanos()));
    return last != Reading.NONE && steady.compareTo(last.offset().plus(SET_BACK)) > 0 ? steady : last.offset();
  }

  @Override
  public Answer send(String method, String path, Map<String, String> headers, Map<String, ?> json) throws IOException {
    Heard heard = exchange(method, path, headers, json, patience);
    return new Answer(heard.status(), heard.etag(), heard.text());
  }

  @Override
  public Answer sendForm(String path, Map<String, String> form) throws IOException {
    String body =
        form.entrySet().stream()
            .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
            .collect(Collectors.joining("&"));
    Heard heard = form(path, body);
    return new Answer(heard.status(), heard.etag(), heard.text());
  }

  Heard form(String path, String encoded) throws IOException {
    return exchange("POST", path, Map.of("Content-Type", "application/x-www-form-urlencoded"), encoded.getBytes(StandardCharsets.UTF_8), patience);
  }

  Access access() {
    return access;
  }

  Standing standing() {
    return standing;
  }

  Duration patience() {
    return patience;
  }

  /** Runs when address, key or secret were set up anew. */
  void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  /** What the server told of us. */
  void provisioned(String id, Duration connectionTimeout) {
    executorId = id;
    patience = connectionTimeout;
  }

  /** The server's clock, read somewhere between two instants of ours. */
  void clock(Instant server, Instant sent, Instant received) {
    Duration offset = Duration.between(sent.plus(Duration.between(sent, received).dividedBy(2)), server);
    reading = new Reading(received.plus(offset), System.nanoTime(), offset);
  }

  Heard exchange(String method, String path, Map<String, String> headers, Map<String, ?> json, Duration limit)
      throws IOException {
    byte[] body = null;
    if (json != null) {
      try {
        body = JSON.writeValueAsBytes(json);
      } catch (JsonProcessingException bug) {
        throw new IllegalArgumentException("The body is no JSON value", bug);
      }
    }
    return exchange(method, path, headers, body, limit);
  }

  private Heard exchange(String method, String path, Map<String, String> headers, byte[] body, Duration limit)
      throws IOException {
    Access to = access;
    if (!to.ready()) {
      throw new IOException(to.problem());
    }
    HttpRequest request = request(to, method, path, headers, body, limit);
    long start = System.nanoTime();
    try {
      return exchange(request, limit);
    } catch (HttpTimeoutException | ConnectException | SSLException | BoundedBody.TooLong | InterruptedIOException final_) {
      throw final_;
    } catch (IOException broken) {
      // most likely a kept connection that the server had closed: one more try on a fresh one
      Duration left = limit.minusNanos(System.nanoTime() - start);
      if (left.isNegative() || left.isZero()) {
        throw broken;
      }
      return exchange(request, left);
    }
  }

  private HttpRequest request(Access to, String method, String path, Map<String, String> headers, byte[] body, Duration limit)
      throws IOException {
    URI uri = to.url().orElseThrow().resolve(path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(limit);
    request.setHeader("User-Agent", "FX-Executor/" + VERSION);
    request.setHeader("Accept", "application/json");
    if (body != null) {
      request.setHeader("Content-Type", "application/json");
    }
    String id = executorId;
    if (!id.isEmpty()) {
      request.setHeader("X-Executor-Id", id);
    }
    headers.forEach(request::setHeader);
    char[] secret = secret();
    try {
      request.setHeader("X-API-Key", to.apiKey());
      request.setHeader("X-API-Secret", new String(secret));
    } catch (IllegalArgumentException notAHeader) {
      throw new IOException("The API secret has characters that no secret has: run fx setup again.");
    } finally {
      Arrays.fill(secret, '\0');
    }
    return request
        .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  private char[] secret() throws IOException {
    return apiSecret.take(() -> secret(SecretVault.API_SECRET)).orElseThrow(() -> new IOException("There is no API secret in the vault: run fx setup."));
  }

  /** A secret of the vault; the caller clears it. */
  Optional<char[]> secret(String name) throws IOException {
    try {
      return vault.call(
          v -> {
            try {
              return v.read(name);
            } catch (IOException unreadable) {
              throw new UncheckedIOException(unreadable);
            }
          });
    } catch (UncheckedIOException unreadable) {
      throw unreadable.getCause();
    }
  }

  /** A platform that is starting knows neither executors nor commands yet; that is no word about ours. */
  private static boolean nothingHere(int status, String text) {
    try {
      return status == 404 && NOTHING_HERE.equals(JSON.readTree(text).path("code").asText());
    } catch (JsonProcessingException aPage) {
      return false;
    }
  }

  private Heard exchange(HttpRequest request, Duration limit) throws IOException {
    // the request's own timeout ends with the headers; this one holds for the whole answer
    CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, about -> new BoundedBody(MOST));
    try {
      HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      if (response.statusCode() == UNAUTHORIZED) {
        apiSecret.putDown();
      }
      var headers = response.headers();
      Optional<Duration> retryAfter = headers.firstValue("Retry-After").flatMap(PlatformLine::seconds);
      String text = new String(response.body(), StandardCharsets.UTF_8);
      return new Heard(
          nothingHere(response.statusCode(), text) ? UNAVAILABLE : response.statusCode(),
          headers.firstValue("ETag").orElse(""),
          text,
          retryAfter);
    } catch (TimeoutException late) {
      answer.cancel(true);
      throw new HttpTimeoutException("no answer within " + limit.toMillis() + " ms");
    } catch (InterruptedException stop) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while waiting for the platform");
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException("The request could not be sent", failed.getCause());
    }
  }

  /** What went wrong on the way, for a person. */
  static String sentence(IOException trouble, Access to) {
    String host = to.url().map(PlatformUrl::host).orElse("the platform");
    for (Throwable t = trouble; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return "Nobody knows the address " + host + ": check platformUrl and this machine's network.";
      }
      if (t instanceof SSLException) {
        return "No trusted TLS connection to " + host + " is possible: " + t.getMessage() + ".";
      }
      if (t instanceof HttpTimeoutException) {
        return host + " does not answer in time.";
      }
    }
    if (trouble instanceof ConnectException) {
      return host + " takes no connections.";
    }
    String message = trouble.getMessage();
    if (message != null && message.endsWith(".")) {
      return message;
    }
    return "The connection to " + host + " broke: " + (message == null ? "no reason given" : message) + ".";
  }

  private static Access read(Config config) {
    String typed = clean(config.platformUrl());
    String key = clean(config.apiKey());
    String setupAt = clean(config.setupAt());
    if (typed.isEmpty() || key.isEmpty()) {
      return new Access(Optional.empty(), key, setupAt, SET_UP);
    }
    try {
      return new Access(Optional.of(PlatformUrl.parse(typed)), key, setupAt, "");
    } catch (IllegalArgumentException bad) {
      return new Access(Optional.empty(), key, setupAt, bad.getMessage());
    }
  }

  /** Threads of this room. */
  static ThreadFactory named(String name) {
    return work -> {
      Thread thread = Executors.defaultThreadFactory().newThread(work);
      thread.setName(name);
      thread.setDaemon(true);
      return thread;
    };
  }

  static String clean(String value) {
    return value == null || value.startsWith("$[") ? "" : value.strip();
  }

  private static Optional<Duration> seconds(String text) {
    try {
      return Optional.of(Duration.ofSeconds(Math.max(0, Math.min(3600, Long.parseLong(text.strip())))));
    } catch (NumberFormatException aDate) {
      return Optional.empty();
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String version() {
    try (InputStream in = PlatformLine.class.getResourceAsStream("/META-INF/MANIFEST.MF")) {
      String own = in == null ? null : new Manifest(in).getMainAttributes().getValue("Bundle-Version");
      return own == null ? "0" : own;
    } catch (IOException unreadable) {
      return "0";
    }
  }
}
