package com.fxplatform.web;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.metrics.Meter;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one servlet. It never moves: what moves are the endpoints behind it, and each call to one of them is leased.
 */
@Component(service = {Servlet.class, HealthCheck.class}, configurationPid = "com.fxplatform.web",
    property = {"hc.name=front-door", "hc.tags=live", "hc.tags=ready"})
@Designate(ocd = FrontDoor.Config.class)
@HttpWhiteboardServletPattern("/*")
public final class FrontDoor extends HttpServlet implements HealthCheck {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
  private static final Meter REQUESTS = Meter.timing("fx_http_request_duration_seconds",
      "How long requests took, by route (the template, not the path) and status.", "route", "status");
  private static final String ROUTE = FrontDoor.class.getName() + ".route";
  // whatever has not come by then does not come: what is there is the platform
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final String NOT_FOUND = "NOT_FOUND";
  private static final String METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED";

  @ObjectClassDefinition(name = "FX Platform front door")
  @interface Config {
    @AttributeDefinition(description = "Largest request body in bytes, 1024 to 1048576")
    int maxBody() default 65536;

    @AttributeDefinition(description = "Public address of this platform; https here makes plain HTTP from elsewhere refused")
    String platformUrl() default "";

    @AttributeDefinition(description = "Origins of pages that may call with cookies, separated by commas")
    String allowedOrigins() default "";

    @AttributeDefinition(description = "Addresses of proxies whose X-Forwarded-For and -Proto are believed, separated by commas")
    String trustedProxies() default "";

    @AttributeDefinition(description = "Text of X-RateLimit-Limit (wire-contract 3.2)")
    String rateLimitHeader() default "100";

    @AttributeDefinition(description = "Text of X-RateLimit-Window (wire-contract 3.2)")
    String rateLimitWindowHeader() default "60000";

    @AttributeDefinition(description = "Routes without which the platform is still starting, separated by commas; till then nothing is a 404")
    String expects() default "";
  }

  /** What follows from the configuration; replaced as a whole. */
  private record Rules(int maxBody, CrossOrigin crossOrigin, Peer peer, String rateLimit, String rateWindow, List<String> expects) {}

  private final transient Router router = new Router();
  private final transient Turns turns = new Turns();
  private final transient Roster<Endpoint> endpoints = new Roster<>(Endpoint.ROUTE, Duration.ofSeconds(5));
  // routes whose room is away for a moment
  private final transient Set<String> kept = ConcurrentHashMap.newKeySet();
  private final long began = System.nanoTime();
  private volatile boolean complete;
  private volatile boolean open;
  private transient volatile Rules rules;

  @Activate
  public FrontDoor(Config config) {
    configure(config);
  }

  @Modified
  void configure(Config config) {
    if (config.maxBody() < 1024 || config.maxBody() > 1 << 20) {
      throw new IllegalArgumentException("maxBody must be from 1024 to 1048576, not " + config.maxBody());
    }
    String url = set(config.platformUrl(), "");
    Set<String> origins = new HashSet<>(list(config.allowedOrigins()));
    if (origins.isEmpty()) {
      origins.add("http://localhost:3000");
    }
    if (!url.isEmpty()) {
      origins.add(origin(url));
    }
    rules = new Rules(
        config.maxBody(),
        new CrossOrigin(origins),
        new Peer(url.startsWith("https://"), Set.copyOf(list(config.trustedProxies()))),
        set(config.rateLimitHeader(), "100"),
        set(config.rateLimitWindowHeader(), "60000"),
        List.copyOf(list(config.expects())));
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindEndpoint(Endpoint endpoint, Map<String, ?> properties) {
    endpoints.bind(endpoint, properties);
    routes(properties).stream().filter(route -> !kept.remove(route)).forEach(router::add);
  }

  void unbindEndpoint(Endpoint endpoint, Map<String, ?> properties) {
    endpoints.unbind(endpoint);
    for (String route : routes(properties)) {
      // while its room is renewed a caller waits for the newcomer, and is not told that there is nothing
      if (!endpoints.held(route) || !kept.add(route)) {
        router.remove(route);
      }
    }
  }

  private Router.Found find(HttpServletRequest request) {
    Router.Found found = router.find(request.getMethod(), request.getRequestURI());
    while (found.route() != null && kept.contains(found.route().id())
        && !endpoints.held(found.route().id()) && !endpoints.speaks(found.route().id())) {
      // nobody came after all; whoever comes takes the place over
      if (kept.remove(found.route().id())) {
        router.remove(found.route().id());
      }
      found = router.find(request.getMethod(), request.getRequestURI());
    }
    return found;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    long start = System.nanoTime();
    try {
      serve(request, response);
    } finally {
      REQUESTS.took(System.nanoTime() - start, route(request), Integer.toString(response.getStatus()));
      turns.served(request);
    }
  }

  private static String route(HttpServletRequest request) {
    return request.getAttribute(ROUTE) instanceof String route ? route : "none";
  }

  private void serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Rules now = rules;
    SecurityHeaders.write(request, response, now.peer.secure(request), now.rateLimit, now.rateWindow);
    now.crossOrigin.headers(request, response);
    Reply reply;
    try {
      reply = answer(request, response, now);
    } catch (Refusal no) {
      LOG.info("Refused: {} method={} path={} status={} code={}",
          no.getMessage(), request.getMethod(), logged(request.getRequestURI()), no.status(), no.code().orElse("-"));
      reply = refusal(no);
    } catch (RuntimeException | LinkageError bug) {
      LOG.error("A request failed unexpectedly: method={} path={}", request.getMethod(), logged(request.getRequestURI()), bug);
      reply = Reply.json(500, Map.of("error", "Internal server error", "message", "Internal server error", "code", "INTERNAL_ERROR"));
    }
    if (reply != null) {
      if (reply.status() != 408) {
        ServletRequestView.drain(request);
      }
      write(request, response, reply);
    }
  }

  /** The reply, or {@code null} if the response is complete. */
  private Reply answer(HttpServletRequest request, HttpServletResponse response, Rules now) {
    now.peer.requireHttps(request);
    if (now.crossOrigin.isPreflight(request)) {
      now.crossOrigin.preflight(response);
      if (response.getHeader("Access-Control-Allow-Origin") == null) {
        response.setHeader("Access-Control-Allow-Origin", "*");
      }
      return null;
    }
    Router.Found found = find(request);
    if (found.route() == null) {
      if (!missing(now).isEmpty()) {
        // a caller that believes in a 404 throws away what it came to tell
        throw new Refusal(503, "STARTING", "The platform is starting; try again in a moment").withRetryAfter(Duration.ofSeconds(1));
      }
      if (found.allowed().isEmpty()) {
        throw new Refusal(404, NOT_FOUND, "There is nothing at this address");
      }
      response.setHeader("Allow", String.join(", ", found.allowed()));
      if ("OPTIONS".equals(request.getMethod())) {
        return Reply.empty(204);
      }
      throw new Refusal(405, METHOD_NOT_ALLOWED, "This address does not answer " + logged(request.getMethod()));
    }
    request.setAttribute(ROUTE, found.route().id());
    now.crossOrigin.requireSameSite(request);
    var view = new ServletRequestView(
        request, found.values(), now.peer.source(request), now.peer.secure(request), now.maxBody);
    return endpoints.call(found.route().id(), endpoint -> endpoint.handle(view));
  }

  /** What has not come yet; once everything was there it is never asked again. */
  private List<String> missing(Rules now) {
    if (complete) {
      return List.of();
    }
    List<String> missing = now.expects.stream().filter(route -> !endpoints.speaks(route)).toList();
    if (missing.isEmpty() || System.nanoTime() - began > LONGEST_START.toNanos()) {
      complete = true;
      return List.of();
    }
    return missing;
  }

  /** Called when the HTTP server has started: before, nobody can come in. */
  @Override
  public void init() {
    open = true;
  }

  @Override
  public Result execute() {
    if (!open) {
      return new Result(Result.Status.CRITICAL, "The HTTP server has not started yet");
    }
    List<String> missing = missing(rules);
    return missing.isEmpty()
        ? new Result(Result.Status.OK, "The platform answers")
        : new Result(Result.Status.CRITICAL, "The platform is starting: nobody answers yet for " + missing.get(0));
  }

  private static Reply refusal(Refusal no) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", no.getMessage());
    body.put("message", no.getMessage());
    no.code().ifPresent(code -> body.put("code", code));
    if (!no.meta().isEmpty()) {
      body.put("meta", no.meta());
    }
    body.putAll(no.members());
    Reply reply = Reply.json(no.status(), body);
    for (Map.Entry<String, String> header : no.headers().entrySet()) {
      reply = reply.with(header.getKey(), header.getValue());
    }
    if (no.retryAfter().isPresent()) {
      long seconds = Math.max(1, (no.retryAfter().get().toMillis() + 999) / 1000);
      reply = reply.with("Retry-After", Long.toString(seconds));
    }
    return reply;
  }

  private static void write(HttpServletRequest request, HttpServletResponse response, Reply reply) throws IOException {
    byte[] bytes;
    String type = null;
    if (reply.body() == null) {
      bytes = new byte[0];
    } else if (reply.body() instanceof byte[] raw) {
      bytes = raw;
    } else if (reply.body() instanceof String text) {
      bytes = text.getBytes(StandardCharsets.UTF_8);
    } else {
      type = "application/json";
      try {
        bytes = Json.write(reply.body());
      } catch (IOException unwritable) {
        LOG.error("A reply cannot be written as JSON: path={}", logged(request.getRequestURI()), unwritable);
        bytes = "{\"error\":\"Internal server error\",\"message\":\"Internal server error\"}".getBytes(StandardCharsets.UTF_8);
        reply = Reply.empty(500);
      }
    }
    response.setStatus(reply.status());
    if (type != null) {
      response.setContentType(type);
    }
    for (Map.Entry<String, String> header : reply.headers()) {
      if ("Set-Cookie".equalsIgnoreCase(header.getKey())) {
        response.addHeader(header.getKey(), header.getValue());
      } else {
        response.setHeader(header.getKey(), header.getValue());
      }
    }
    if (reply.status() != 304 && reply.status() != 204) {
      response.setContentLength(bytes.length);
      if (!"HEAD".equals(request.getMethod())) {
        response.getOutputStream().write(bytes);
      }
    }
  }

  private static List<String> routes(Map<String, ?> properties) {
    Object value = properties.get(Endpoint.ROUTE);
    if (value instanceof String[] many) {
      return Arrays.asList(many);
    }
    if (value instanceof Collection<?> many) {
      return many.stream().map(Object::toString).toList();
    }
    return value == null ? List.of() : List.of(value.toString());
  }

  /** What comes from outside may not break a log line, nor fill it. */
  private static String logged(String text) {
    String printable = text.replaceAll("[^\\x21-\\x7e]", "?");
    return printable.length() > 200 ? printable.substring(0, 200) + "..." : printable;
  }

  private static String set(String value, String otherwise) {
    return value == null || value.isBlank() || value.startsWith("$[") ? otherwise : value.trim();
  }

  private static List<String> list(String value) {
    return Arrays.stream(set(value, "").split(",")).map(String::trim).filter(s -> !s.isEmpty()).toList();
  }

  private static String origin(String url) {
    try {
      java.net.URI uri = java.net.URI.create(url);
      return uri.getScheme() + "://" + uri.getRawAuthority();
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException("platformUrl is not an URL: " + url);
    }
  }
}
