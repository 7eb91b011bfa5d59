package com.fxplatform.gateway;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.websocket.server.JettyServerUpgradeRequest;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServlet;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where clients knock: {@code ws://host:port/app/{key}?protocol=7}. The one class that knows Jetty. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/app/*")
public final class GatewaySocket extends JettyWebSocketServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(GatewaySocket.class);
  private static final String PREFIX = "/app/";

  private final transient Gateway gateway;

  @Activate
  public GatewaySocket(@Reference Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  protected void configure(JettyWebSocketServletFactory factory) {
    factory.setMaxTextMessageSize(Limits.FRAME_BYTES);
    factory.setMaxFrameSize(Limits.FRAME_BYTES);
    // our own timer probes much earlier; this one only backs it up
    factory.setIdleTimeout(Duration.ofMinutes(5));
    factory.setCreator((request, response) -> {
      // no compression: a broadcast is the same bytes for everybody
      response.setExtensions(List.of());
      return new Client(gateway, key(request), parameter(request, "protocol"));
    });
  }

  /** Whoever does not ask for a WebSocket is told to; Jetty would show a page of its own. */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
    if ("GET".equals(request.getMethod()) && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
        && request.getHeader("Sec-WebSocket-Key") != null) {
      super.service(request, response);
      return;
    }
    response.setStatus(426);
    response.setHeader("Upgrade", "websocket");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("X-XSS-Protection", "1; mode=block");
    response.setHeader("Referrer-Policy", "strict-origin-when-cross-origin");
    response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
    response.setContentType("application/json");
    if (!"HEAD".equals(request.getMethod())) {
      String text = "This address speaks WebSocket only";
      response.getOutputStream().write(("{\"error\":\"" + text + "\",\"message\":\"" + text + "\",\"code\":\"WEBSOCKET_ONLY\"}")
          .getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static String key(JettyServerUpgradeRequest request) {
    String path = request.getHttpServletRequest().getRequestURI();
    int at = path.indexOf(PREFIX);
    return at < 0 ? "" : path.substring(at + PREFIX.length());
  }

  private static String parameter(JettyServerUpgradeRequest request, String name) {
    List<String> values = request.getParameterMap().get(name);
    return values == null || values.isEmpty() ? null : values.get(0);
  }

  /** One socket. Public, because Jetty looks its methods up by reflection. */
  public static final class Client implements Session.Listener.AutoDemanding {
    private final Gateway gateway;
    private final String key;
    private final String protocol;
    private Session session;
    private Optional<Connection> connection = Optional.empty();

    Client(Gateway gateway, String key, String protocol) {
      this.gateway = gateway;
      this.key = key;
      this.protocol = protocol;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
      session = opened;
      connection = gateway.hub().open(new JettyWire(opened), key, protocol);
    }

    @Override
    public void onWebSocketText(String text) {
      connection.ifPresent(open -> gateway.conversation().heard(open, text));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      callback.succeed();
      connection.ifPresent(open -> gateway.hub().close(open, 1003, "Send text"));
    }

    @Override
    public void onWebSocketPing(ByteBuffer payload) {
      connection.ifPresent(open -> open.heard(gateway.hub().now()));
      ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
      session.sendPong(copy, Callback.NOOP);
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
      connection.ifPresent(open -> open.heard(gateway.hub().now()));
    }

    @Override
    public void onWebSocketClose(int code, String reason) {
      connection.ifPresent(gateway.hub()::gone);
    }

    @Override
    public void onWebSocketError(Throwable cause) {
      LOG.debug("A client's socket failed", cause);
      // Jetty closes it after an error, with 1009 for a message that is too long
    }
  }

  private record JettyWire(Session session) implements Wire {
    @Override
    public void send(String text, Consumer<Boolean> done) {
      session.sendText(text, Callback.from(() -> done.accept(true), failed -> done.accept(false)));
    }

    @Override
    public void ping() {
      session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
    }

    @Override
    public CompletableFuture<Void> close(int code, String reason) {
      CompletableFuture<Void> said = new CompletableFuture<>();
      session.close(code, reason, Callback.from(() -> said.complete(null), failed -> said.complete(null)));
      return said;
    }

    @Override
    public void abort() {
      if (session.isOpen()) {
        session.disconnect();
      }
    }
  }
}
