package com.fxplatform.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Headers;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.realtime.RealtimeApp;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.server.config.JettyWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The gateway on a real Jetty at 127.0.0.1, with a front door small enough for tests. */
public final class GatewayServer implements AutoCloseable {
  public static final String APP_ID = "4711";
  public static final String KEY = "278d425bdf160c739803";
  public static final String SECRET = "7ad3773142a6692b25b8";

  private static final JsonMapper JSON = new JsonMapper();

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);
  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();
  private final Gateway gateway;

  public GatewayServer() throws Exception {
    this(0, Limits.standard());
  }

  public GatewayServer(int port) throws Exception {
    this(port, Limits.standard());
  }

  GatewayServer(int port, Limits limits) throws Exception {
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);
    gateway = new Gateway(config(Gateway.Config.class, Map.of("appId", APP_ID, "key", KEY, "_secret", SECRET)), limits);
    ServletContextHandler context = new ServletContextHandler("/");
    JettyWebSocketServletContainerInitializer.configure(context, null);
    context.addServlet(new ServletHolder(new GatewaySocket(gateway)), "/app/*");
    context.addServlet(new ServletHolder(new Door()), "/");
    server.setHandler(context);
    server.start();
    GatewayRest rest = new GatewayRest(gateway);
    for (String route : new String[] {"POST /apps/{id}/events", "POST /apps/{id}/batch_events", "GET /apps/{id}/channels",
        "GET /apps/{id}/channels/{channel}", "GET /apps/{id}/channels/{channel}/users",
        "POST /apps/{id}/users/{user}/terminate_connections"}) {
      mount(route, rest);
    }
  }

  static Limits limits(Duration activity, Duration pong, int outboundBytes) {
    Limits standard = Limits.standard();
    return new Limits(activity, pong, outboundBytes, standard.connections(), standard.channelsPerConnection(),
        standard.members(), standard.clientEventsPerSecond(), standard.malformedFrames());
  }

  /** A typed configuration with the defaults of its annotation. */
  public static <C> C config(Class<C> type, Map<String, ?> values) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
        (proxy, method, args) -> values.containsKey(method.getName()) ? values.get(method.getName()) : method.getDefaultValue()));
  }

  public void mount(String route, Endpoint endpoint) {
    endpoints.put(route, endpoint);
  }

  public int port() {
    return connector.getLocalPort();
  }

  public RealtimeApp app() {
    return new RealtimeApp(APP_ID, KEY, SECRET, "local", Optional.of("127.0.0.1"), port(), false);
  }

  public int deliver(String channel, String event, String data) {
    return gateway.deliver(channel, event, data);
  }

  public int connections() {
    return gateway.hub().connectionCount();
  }

  public int subscribers(String channel) {
    return gateway.hub().channel(channel).map(Channel::connectionCount).orElse(0);
  }

  public void closeAll(int code) {
    gateway.hub().closeAll(code, "test");
  }

  Gateway gateway() {
    return gateway;
  }

  /** Drains like a stopping bundle, then closes the port. */
  @Override
  public void close() throws Exception {
    gateway.deactivate();
    server.stop();
  }

  private final class Door extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest from, HttpServletResponse to) throws IOException {
      Reply reply;
      try {
        reply = answer(from);
      } catch (Refusal no) {
        reply = Reply.json(no.status(), Map.of("error", no.getMessage(), "code", no.code().orElse("")));
        if (no.retryAfter().isPresent()) {
          reply = reply.with("Retry-After", String.valueOf(no.retryAfter().get().toSeconds()));
        }
      }
      to.setStatus(reply.status());
      reply.headers().forEach(header -> to.addHeader(header.getKey(), header.getValue()));
      if (reply.body() != null) {
        to.setContentType("application/json");
        to.getOutputStream().write(JSON.writeValueAsBytes(reply.body()));
      }
    }

    private Reply answer(HttpServletRequest from) {
      String[] path = from.getRequestURI().split("/");
      for (Map.Entry<String, Endpoint> entry : endpoints.entrySet()) {
        String[] route = entry.getKey().split(" ");
        String[] segments = route[1].split("/");
        if (!route[0].equals(from.getMethod()) || segments.length != path.length) {
          continue;
        }
        Map<String, String> values = new LinkedHashMap<>();
        boolean fits = true;
        for (int i = 0; i < segments.length; i++) {
          if (segments[i].startsWith("{")) {
            values.put(segments[i].substring(1, segments[i].length() - 1),
                URLDecoder.decode(path[i], StandardCharsets.UTF_8));
          } else {
            fits &= segments[i].equals(path[i]);
          }
        }
        if (fits) {
          return entry.getValue().handle(new Asked(from, values));
        }
      }
      throw new Refusal(404, "NOT_FOUND", "Nothing here");
    }
  }

  private static final class Asked implements Request {
    private final HttpServletRequest from;
    private final Map<String, String> values;
    private final byte[] body;

    Asked(HttpServletRequest from, Map<String, String> values) {
      this.from = from;
      this.values = values;
      try {
        body = from.getInputStream().readAllBytes();
      } catch (IOException lost) {
        throw new UncheckedIOException(lost);
      }
    }

    @Override
    public String method() {
      return from.getMethod();
    }

    @Override
    public String path() {
      return from.getRequestURI();
    }

    @Override
    public String rawQuery() {
      return Optional.ofNullable(from.getQueryString()).orElse("");
    }

    @Override
    public String pathValue(String name) {
      return values.get(name);
    }

    @Override
    public Optional<String> query(String name) {
      return Optional.ofNullable(from.getParameter(name));
    }

    @Override
    public Headers headers() {
      return name -> Optional.ofNullable(from.getHeader(name));
    }

    @Override
    public Optional<String> cookie(String name) {
      return Optional.ofNullable(cookies().get(name));
    }

    @Override
    public Map<String, String> cookies() {
      Map<String, String> cookies = new LinkedHashMap<>();
      for (Cookie cookie : from.getCookies() == null ? new Cookie[0] : from.getCookies()) {
        cookies.putIfAbsent(cookie.getName(), cookie.getValue());
      }
      return cookies;
    }

    @Override
    public String source() {
      return from.getRemoteAddr();
    }

    @Override
    public boolean secure() {
      return from.isSecure();
    }

    @Override
    public byte[] body() {
      return body;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map<String, Object> json() {
      try {
        return JSON.readValue(body, Map.class);
      } catch (JsonProcessingException notJson) {
        throw new Refusal(400, INVALID_JSON, "Not JSON");
      } catch (IOException lost) {
        throw new UncheckedIOException(lost);
      }
    }

    @Override
    public Map<String, String> form() {
      if (from.getContentType() == null || !from.getContentType().startsWith("application/x-www-form-urlencoded")) {
        throw new Refusal(415, NOT_A_FORM, "Not a form");
      }
      Map<String, String> fields = new LinkedHashMap<>();
      for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
        String[] parts = pair.split("=", 2);
        if (parts.length == 2) {
          fields.putIfAbsent(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
      }
      return fields;
    }
  }
}
