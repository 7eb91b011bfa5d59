package com.fxplatform.executor;

import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.terminal.Lane;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalReply.Outcome;
import com.fxplatform.api.terminal.TerminalRequest;
import com.fxplatform.executor.PlatformLine.Access;
import com.fxplatform.executor.PlatformLine.Heard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Dictionary;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Measures each link in the order in which they depend on each other; takes up to a minute where nothing answers. */
final class Diagnosis {
  private static final int PATIENCE = 8_000;
  private static final long MOST_SKEW = 30;

  private final PlatformLine line;
  private final Supplier<Optional<ProvisionedConfig>> stored;
  private final Function<Dictionary<String, Object>, Optional<TerminalLink>> terminal;
  private final Function<ProvisionedConfig, Dictionary<String, Object>> flat;

  /**
   * @param stored the last configuration that worked, for when the platform gives none
   * @param flat lays the local overrides over a configuration
   * @param terminal the bridge, given the configuration in force
   */
  Diagnosis(
      PlatformLine line,
      Supplier<Optional<ProvisionedConfig>> stored,
      Function<ProvisionedConfig, Dictionary<String, Object>> flat,
      Function<Dictionary<String, Object>, Optional<TerminalLink>> terminal) {
    this.line = line;
    this.stored = stored;
    this.flat = flat;
    this.terminal = terminal;
  }

  void run(Consumer<Finding> told) {
    Access access = line.access();
    Optional<ProvisionedConfig> config = Optional.empty();
    if (access.ready()) {
      told.accept(Finding.ok("Setup", "Address and key are set for " + access.url().orElseThrow() + "."));
      config = platform(access, told);
    } else {
      told.accept(Finding.fail("Setup", access.problem(), "Run fx setup, or fx import-config on a machine that had the former executor."));
      for (String link : new String[] {"DNS", "Connection", "TLS", "Credentials", "Clock", "Realtime"}) {
        told.accept(Finding.skipped(link, "the executor is not set up."));
      }
    }
    terminal(config, told);
  }

  private Optional<ProvisionedConfig> platform(Access access, Consumer<Finding> told) {
    URI base = access.url().orElseThrow().resolve("/");
    int port = base.getPort() > 0 ? base.getPort() : base.getScheme().equals("https") ? 443 : 80;
    boolean reached = reach(base, port, told);
    if (!reached) {
      for (String link : new String[] {"Credentials", "Clock", "Realtime"}) {
        told.accept(Finding.skipped(link, "the platform cannot be reached."));
      }
      return Optional.empty();
    }
    Instant sent = Instant.now();
    try {
      Heard heard = line.exchange("GET", "/api/executor/config", Map.of(), (Map<String, ?>) null, line.patience());
      long ms = Duration.between(sent, Instant.now()).toMillis();
      told.accept(credentials(heard, ms));
      told.accept(clock(heard, sent));
      if (!heard.ok()) {
        told.accept(Finding.skipped("Realtime", "the platform gives no configuration."));
        return Optional.empty();
      }
      ProvisionedConfig config = ProvisionedConfig.read(heard.text(), heard.etag());
      told.accept(new RealtimeEcho(line, config).measure());
      return Optional.of(config);
    } catch (IOException broken) {
      told.accept(Finding.fail("Credentials", PlatformLine.sentence(broken, access), "Check the vault with fx setup, and the network."));
    } catch (IllegalArgumentException invalid) {
      told.accept(Finding.fail("Configuration", invalid.getMessage(), "Tell the platform's operator: the configuration is refused as a whole."));
    }
    told.accept(Finding.skipped("Realtime", "there is no configuration."));
    return Optional.empty();
  }

  private static boolean reach(URI base, int port, Consumer<Finding> told) {
    String host = base.getHost();
    long start = System.nanoTime();
    try {
      InetAddress[] all = InetAddress.getAllByName(host.replaceAll("[\\[\\]]", ""));
      told.accept(Finding.ok("DNS", host + " is " + all[0].getHostAddress() + " (" + since(start) + " ms)."));
    } catch (UnknownHostException nobody) {
      told.accept(Finding.fail("DNS", "Nobody knows the address " + host + ".", "Check platformUrl, and this machine's network and name server."));
      told.accept(Finding.skipped("Connection", "the address is unknown."));
      told.accept(Finding.skipped("TLS", "the address is unknown."));
      return false;
    }
    if (proxied(base)) {
      told.accept(Finding.unknown("Connection", "Goes through a proxy, which decides.", ""));
      told.accept(Finding.skipped("TLS", "it goes through a proxy; the credentials below are the measure."));
      return true;
    }
    start = System.nanoTime();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PATIENCE);
      told.accept(Finding.ok("Connection", host + ":" + port + " takes connections (" + since(start) + " ms)."));
    } catch (IOException refused) {
      told.accept(
          Finding.fail("Connection", host + ":" + port + " takes no connection: " + refused.getMessage() + ".", "Check that the platform runs, and what firewall is in between."));
      told.accept(Finding.skipped("TLS", "there is no connection."));
      return false;
    }
    if (!base.getScheme().equals("https")) {
      told.accept(Finding.ok("TLS", "Not needed: the platform is on this machine."));
      return true;
    }
    return tls(host, port, told);
  }

  private static boolean proxied(URI base) {
    java.net.ProxySelector selector = java.net.ProxySelector.getDefault();
    return selector != null && selector.select(base).stream().anyMatch(proxy -> proxy.type() != java.net.Proxy.Type.DIRECT);
  }

  private static boolean tls(String host, int port, Consumer<Finding> told) {
    long start = System.nanoTime();
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(host, port), PATIENCE);
      plain.setSoTimeout(PATIENCE);
      try (SSLSocket socket = (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket(plain, host, port, true)) {
        SSLParameters rules = socket.getSSLParameters();
        rules.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(rules);
        socket.startHandshake();
        X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        told.accept(
            Finding.ok(
                "TLS",
                socket.getSession().getProtocol() + ", certificate valid until " + certificate.getNotAfter().toInstant() + " (" + since(start) + " ms)."));
        return true;
      }
    } catch (SSLException untrusted) {
      boolean dates = false;
      for (Throwable t = untrusted; t != null; t = t.getCause()) {
        dates |= t instanceof CertificateExpiredException || t instanceof CertificateNotYetValidException;
      }
      told.accept(
          Finding.fail(
              "TLS",
              "No trusted connection to " + host + ": " + untrusted.getMessage() + ".",
              dates
                  ? "Check this machine's clock, else tell the platform's operator that the certificate is out of date."
                  : "If a company's authority signs it, name its PEM file: fx.tls.ca=/path/ca.pem; else check the address."));
    } catch (IOException | NoSuchAlgorithmException broken) {
      told.accept(Finding.fail("TLS", "The handshake with " + host + " broke: " + broken.getMessage() + ".", "Check the address and what is in between."));
    }
    return false;
  }

  private static Finding credentials(Heard heard, long ms) {
    return switch (heard.status()) {
      case 200 -> Finding.ok("Credentials", "The platform knows this executor (" + ms + " ms).");
      case 400, 401, 404 ->
          Finding.fail("Credentials", "The platform refuses key or secret (HTTP " + heard.status() + ").", "Run fx setup with what the platform shows for this executor.");
      case 429 -> Finding.unknown("Credentials", "The platform asks us to slow down (HTTP 429).", "Wait a minute and measure again.");
      default -> Finding.fail("Credentials", "The platform has a problem of its own (HTTP " + heard.status() + ").", "Try again later, or tell its operator.");
    };
  }

  private static Finding clock(Heard heard, Instant sent) {
    Optional<Instant> server = ProvisionedConfig.clock(heard.text());
    if (server.isEmpty()) {
      return Finding.unknown("Clock", "The platform does not tell its time.", "");
    }
    Instant middle = sent.plus(Duration.between(sent, Instant.now()).dividedBy(2));
    long ms = Duration.between(middle, server.get()).toMillis();
    String said = "This machine's clock is " + Math.abs(ms) + " ms " + (ms > 0 ? "behind" : "ahead of") + " the platform's.";
    return Math.abs(ms) <= MOST_SKEW * 1000
        ? Finding.ok("Clock", said)
        : Finding.fail("Clock", said, "Switch on automatic time; orders are still judged by the platform's clock.");
  }

  private void terminal(Optional<ProvisionedConfig> fresh, Consumer<Finding> told) {
    Optional<ProvisionedConfig> config = fresh.or(stored);
    Optional<TerminalLink> link = Optional.empty();
    String why = "there is no configuration yet, neither from the platform nor on the disk.";
    if (config.isPresent()) {
      try {
        link = terminal.apply(flat.apply(config.get()));
        why = "no terminal bridge is running.";
      } catch (IllegalArgumentException invalid) {
        why = invalid.getMessage();
      }
    }
    if (link.isEmpty()) {
      for (String name : new String[] {"Terminal", "Token", "AutoTrading"}) {
        told.accept(Finding.skipped(name, why));
      }
      return;
    }
    terminal(link.get(), told);
  }

  private static void terminal(TerminalLink link, Consumer<Finding> told) {
    long start = System.nanoTime();
    TerminalReply pong = ask(link, "PING");
    if (pong.outcome() == Outcome.OK) {
      told.accept(Finding.ok("Terminal", "The Expert Advisor answers (" + since(start) + " ms)."));
    } else if (link.status().state() == TerminalLink.State.AUTHENTICATION_FAILED) {
      told.accept(Finding.ok("Terminal", "The Expert Advisor answers."));
      told.accept(
          Finding.fail("Token", "The Expert Advisor refuses the shared secret.", "Put the secret that the platform shows into the input InpSharedSecret of the Expert Advisor."));
      told.accept(Finding.skipped("AutoTrading", "the terminal does not let us in."));
      return;
    } else {
      told.accept(
          Finding.fail(
              "Terminal",
              pong.error().orElse("The terminal does not answer.") + " (" + link.status().state().name().toLowerCase(java.util.Locale.ROOT) + ")",
              "Start MetaTrader 5, attach the Expert Advisor to a chart, allow DLL imports, and check the port."));
      told.accept(Finding.skipped("Token", "the terminal does not answer."));
      told.accept(Finding.skipped("AutoTrading", "the terminal does not answer."));
      return;
    }
    told.accept(Finding.ok("Token", "The Expert Advisor takes the shared secret."));
    told.accept(autoTrading(ask(link, "GET_ACCOUNT")));
  }

  private static Finding autoTrading(TerminalReply account) {
    Object allowed = account.data().getOrDefault("tradeAllowed", account.data().get("autoTrading"));
    if (Boolean.TRUE.equals(allowed)) {
      return Finding.ok("AutoTrading", "The terminal may trade.");
    }
    String remedy = "The button Algo Trading in MetaTrader must be green, and the Expert Advisor's own setting must allow trading.";
    return Boolean.FALSE.equals(allowed)
        ? Finding.fail("AutoTrading", "The terminal must not trade now.", remedy)
        : Finding.unknown("AutoTrading", "This Expert Advisor does not tell; the first order will.", remedy);
  }

  private static TerminalReply ask(TerminalLink link, String name) {
    Instant until = Instant.now().plusMillis(PATIENCE);
    try {
      return link.submit(new TerminalRequest("diagnose-" + until.toEpochMilli(), name, Map.of(), Lane.READ, Optional.of(until)), () -> {})
          .get(PATIENCE + 6_000, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException none) {
      return new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of("The terminal does not answer."), Optional.empty());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return new TerminalReply(Outcome.UNKNOWN, Map.of(), Optional.of("Stopped."), Optional.empty());
    }
  }

  static long since(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
