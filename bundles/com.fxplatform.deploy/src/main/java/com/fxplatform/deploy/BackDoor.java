package com.fxplatform.deploy;

import com.fxplatform.api.live.Roster;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
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
 * The back door: the JDK's own HTTP server on the loopback address, so that it answers even when {@code web} is down.
 * What can be asked are {@link Page}s.
 */
@Component(service = BackDoor.class, immediate = true, configurationPid = "com.fxplatform.deploy",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = BackDoor.Config.class)
public final class BackDoor {
  /** Where the back door is. */
  @ObjectClassDefinition(name = "FX Platform back door")
  @interface Config {
    @AttributeDefinition(description = "Port on 127.0.0.1; 0 for any.")
    int port() default 0;

    @AttributeDefinition(description = "Folder that holds admin.token.")
    String folder();
  }

  private static final Logger LOG = LoggerFactory.getLogger(BackDoor.class);
  private static final int THREADS = 4;
  // a page on the web may send its visitor's browser to 127.0.0.1, but only under a host name of its own
  private static final Pattern LOOPBACK = Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);

  private final Roster<Page> pages = new Roster<>(Page.PATH, Duration.ofSeconds(5));
  private final ExecutorService threads;
  private volatile AdminToken token;
  private HttpServer server;
  private int wantedPort;

  @Activate
  public BackDoor(Config config) throws IOException {
    AtomicInteger count = new AtomicInteger();
    threads = new ThreadPoolExecutor(THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(64),
        task -> named(task, "fx-deploy-door-" + count.incrementAndGet()));
    open(config);
  }

  @Reference(service = Page.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindPage(Page page, Map<String, ?> properties) {
    pages.bind(page, properties);
  }

  void unbindPage(Page page) {
    pages.unbind(page);
  }

  @Modified
  void modified(Config config) throws IOException {
    if (config.port() == wantedPort) {
      token = AdminToken.in(Path.of(config.folder()));
    } else {
      server.stop(0);
      open(config);
    }
  }

  private void open(Config config) throws IOException {
    token = AdminToken.in(Path.of(config.folder()));
    wantedPort = config.port();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort), 16);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    LOG.info("The back door is open. port={}", port());
  }

  static Thread named(Runnable task, String name) {
    Thread thread = Executors.defaultThreadFactory().newThread(task);
    thread.setName(name);
    thread.setDaemon(true);
    return thread;
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Deactivate
  void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Page.Answer answer = answer(exchange);
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("X-Frame-Options", "DENY");
      exchange.getResponseHeaders().set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
      if (answer.status() == 401 && exchange.getRequestURI().getPath().equals("/")) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"FX Platform, password: the content of data/admin.token\"");
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head || answer.body().length == 0 ? -1 : answer.body().length);
      if (!head && answer.body().length > 0) {
        exchange.getResponseBody().write(answer.body());
      }
    }
  }

  private Page.Answer answer(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || !LOOPBACK.matcher(host).matches()) {
      return Page.Answer.json(421, "{\"error\":\"The back door answers to 127.0.0.1 and localhost only.\"}");
    }
    String path = exchange.getRequestURI().getPath();
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    // a browser repeats its password for whatever page makes it ask, so it may look and nothing else
    boolean looks = exchange.getRequestMethod().equals("GET") && path.equals("/");
    boolean trusted = token.opens(authorization) || (looks && token.opensBrowser(authorization));
    try {
      String type = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")).orElse("");
      Optional<Page.Answer> answer = pages.tryCall(pages.speaks(path) ? path : path.substring(0, path.lastIndexOf('/') + 1),
          page -> trusted || page.open()
              ? page.answer(new Page.Ask(exchange.getRequestMethod(), path, trusted, type, exchange.getRequestBody())) : null);
      if (answer.isPresent()) {
        return answer.get();
      }
      // strangers do not learn what there is
      return trusted
          ? Page.Answer.json(404, "{\"error\":\"There is nothing here.\"}")
          : Page.Answer.json(401, "{\"error\":\"Send Authorization: Bearer and the content of data/admin.token.\"}");
    } catch (RuntimeException bug) {
      LOG.error("The back door could not answer. path={}", path, bug);
      return Page.Answer.json(500, "{\"error\":\"Internal error; the log says more.\"}");
    }
  }
}
