package com.fxplatform.web;

import com.fxplatform.api.vault.PrivateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTPS by a certificate and a key in PEM files, on a port beside the plain one. The files are looked at again every few
 * seconds: a renewed certificate counts for the next connection, and one that does not fit leaves the former in place.
 */
@Component(service = {ConnectorFactory.class, HealthCheck.class}, property = {"hc.name=tls", "hc.tags=ready"},
    configurationPid = "com.fxplatform.web.tls")
@Designate(ocd = TlsDoor.Config.class)
public final class TlsDoor implements ConnectorFactory, HealthCheck {
  @ObjectClassDefinition(name = "FX Platform front door: HTTPS")
  @interface Config {
    @AttributeDefinition(description = "PEM file with the certificate and its chain (FX_TLS_CERTIFICATE); empty: no HTTPS of its own")
    String certificate() default "";

    @AttributeDefinition(description = "PEM file with the private key, PKCS #8 (FX_TLS_KEY)")
    String key() default "";

    @AttributeDefinition(description = "Port, or address:port (FX_TLS_LISTEN)")
    String listen() default "8443";

    @AttributeDefinition(description = "Address to listen on if listen does not say it")
    String host() default "127.0.0.1";

    @AttributeDefinition(description = "Seconds between two looks at the files")
    int look() default 5;
  }

  private static final Logger LOG = LoggerFactory.getLogger(TlsDoor.class);
  private static final Duration SOON = Duration.ofDays(14);
  private static final long IDLE_MS = 30_000;

  private ScheduledExecutorService timer;
  private Config config;
  private Server server;
  private ServerConnector connector;
  private SslContextFactory.Server context;
  private String password;
  private PemPair pair;
  private volatile String problem;
  private volatile boolean open;

  @Activate
  public TlsDoor(Config config) {
    this.config = config;
  }

  @Override
  public Connector createConnector(Server of) {
    return new NoConnector(of, () -> arrived(of), this::leaving);
  }

  private synchronized void arrived(Server of) {
    server = of;
    open();
  }

  private synchronized void leaving() {
    close();
    server = null;
  }

  @Modified
  synchronized void modified(Config next) {
    close();
    config = next;
    if (server != null) {
      open();
    }
  }

  @Deactivate
  synchronized void deactivate() {
    close();
  }

  private boolean wanted() {
    return set(config.certificate()) || set(config.key());
  }

  private static boolean set(String value) {
    return value != null && !value.isBlank() && !value.startsWith("$[");
  }

  private void open() {
    problem = null;
    if (!wanted()) {
      return;
    }
    timer = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = Executors.defaultThreadFactory().newThread(task);
      thread.setName("fx-web-tls");
      thread.setDaemon(true);
      return thread;
    });
    int seconds = Math.max(1, config.look());
    look();
    timer.scheduleWithFixedDelay(this::look, seconds, seconds, TimeUnit.SECONDS);
  }

  /** Opens the port with what the files hold, or takes what they hold now. */
  private synchronized void look() {
    if (timer == null || server == null) {
      return;
    }
    try {
      if (!set(config.certificate()) || !set(config.key())) {
        throw new IOException("HTTPS needs both files: set FX_TLS_CERTIFICATE and FX_TLS_KEY");
      }
      Path certificate = Path.of(config.certificate().trim());
      Path key = Path.of(config.key().trim());
      if (PemPair.changed(pair, certificate, key)) {
        PemPair next = PemPair.read(certificate, key);
        PrivateFile.exposed(key).ifPresent(why -> LOG.warn("The private key can be read by others: {}", why));
        use(next);
        pair = next;
      }
      if (connector == null) {
        listen();
      }
      problem = null;
    } catch (Exception failed) {
      String why = failed instanceof IOException ? failed.getMessage() : failed.toString();
      if (!why.equals(problem)) {
        problem = why;
        LOG.warn("HTTPS {}: {}", connector == null ? "is not open" : "goes on with the former certificate", why);
      }
    }
  }

  private void use(PemPair next) throws Exception {
    if (context == null) {
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      password = HexFormat.of().formatHex(random);
      context = new SslContextFactory.Server();
      context.setKeyStorePassword(password);
      context.setKeyManagerPassword(password);
      context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
      context.setKeyStore(next.store(password.toCharArray()));
    } else {
      context.reload(renewed -> {
        try {
          renewed.setKeyStore(next.store(password.toCharArray()));
        } catch (IOException unusable) {
          throw new IllegalArgumentException(unusable.getMessage(), unusable);
        }
      });
    }
    LOG.info("HTTPS has a certificate subject={} validUntil={}", next.subject(), next.validUntil());
  }

  private void listen() throws Exception {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    // the certificate is the client's business: a health check asks by address
    http.addCustomizer(new SecureRequestCustomizer(false));
    ServerConnector next = new ServerConnector(server, context, new HttpConnectionFactory(http));
    String listen = set(config.listen()) ? config.listen().trim() : "8443";
    int colon = listen.lastIndexOf(':');
    next.setHost(colon < 0 ? set(config.host()) ? config.host() : "127.0.0.1" : listen.substring(0, colon));
    try {
      next.setPort(Integer.parseInt(listen.substring(colon + 1)));
    } catch (NumberFormatException noPort) {
      throw new IOException("FX_TLS_LISTEN must be a port, or address:port");
    }
    next.setIdleTimeout(IDLE_MS);
    server.addConnector(next);
    try {
      next.start();
    } catch (IOException taken) {
      server.removeConnector(next);
      throw new IOException("port " + listen + " cannot be opened: choose another with FX_TLS_LISTEN", taken);
    }
    connector = next;
    open = true;
    LOG.info("HTTPS is open address=https://{}:{}", next.getHost(), next.getLocalPort());
  }

  private void close() {
    open = false;
    if (timer != null) {
      timer.shutdownNow();
      timer = null;
    }
    if (connector != null) {
      try {
        connector.stop();
      } catch (Exception stubborn) {
        LOG.warn("The HTTPS port did not close properly", stubborn);
      }
      server.removeConnector(connector);
      connector = null;
    }
    context = null;
    pair = null;
  }

  @Override
  public Result execute() {
    if (problem != null) {
      return new Result(open ? Result.Status.WARN : Result.Status.CRITICAL,
          (open ? "HTTPS goes on with the former certificate: " : "HTTPS is not open: ") + problem + ".");
    }
    PemPair now;
    synchronized (this) {
      now = pair;
    }
    if (!open || now == null) {
      return new Result(Result.Status.OK, "HTTPS is not configured here.");
    }
    boolean soon = now.validUntil().isBefore(Instant.now().plus(SOON));
    return new Result(soon ? Result.Status.WARN : Result.Status.OK, "HTTPS is open; its certificate is good until " + now.validUntil()
        + (soon ? ": renew it, the files are read again by themselves." : "."));
  }
}
