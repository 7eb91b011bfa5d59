package com.fxplatform.zmq;

import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bridge to the terminal: the command leg, the push leg and what the terminal told. Idle until it is told a host. */
@Component(
    configurationPid = {"com.fxplatform.zmq", "com.fxplatform.provisioned"},
    service = {TerminalLink.class, ZmqBridge.class},
    immediate = true)
public final class ZmqBridge implements TerminalLink {
  private static final String AUTO = "auto";
  private static final String COMPAT = "compat";
  private static final String ROBUST = "robust";
  private static final String ACCOUNT = "account";

  /** Configuration of PIDs {@code com.fxplatform.zmq} and, winning, {@code com.fxplatform.provisioned}; all of it live. */
  // no @Designate: bnd allows it for components of one PID only
  @ObjectClassDefinition(name = "ZeroMQ bridge", description = "The link to the MT5 Expert Advisor", pid = "com.fxplatform.zmq")
  public @interface Config {
    @AttributeDefinition(description = "Where the terminal is; empty until provisioned, then usually tcp://localhost")
    String zmqHost() default "";

    @AttributeDefinition(description = "Port that the Expert Advisor pushes to, bound by us on 127.0.0.1; 0 for none")
    int zmqPort() default 5555;

    @AttributeDefinition(description = "Port that the Expert Advisor listens on")
    int zmqCommandPort() default 5556;

    @AttributeDefinition(description = "Milliseconds a request without a deadline may wait for its turn")
    long commandTimeout() default 30_000;

    @AttributeDefinition(description = "Milliseconds an answer may take before its outcome is unknown")
    long replyTimeout() default 5_000;

    @AttributeDefinition(description = "Seconds between two looks at the account when nothing else is to do; 0 for none")
    int accountInterval() default 5;

    @AttributeDefinition(
        description =
            "auto: protocol 2 once the terminal says on zmqCommandPort that it speaks it; compat: never; robust: nothing else")
    String zmqProtocol() default "auto";

    @AttributeDefinition(description = "Port that terminals of protocol 2 dial, bound by us on 127.0.0.1 when needed; and the next two")
    int zmqRobustPort() default 5557;

    @AttributeDefinition(description = "Further terminals of protocol 1, each account=host:port")
    String[] zmqTerminals() default {};

    @AttributeDefinition(description = "Our public CURVE key (Z85): protocol 2 is encrypted; empty for no")
    String curvePublicKey() default "";

    @AttributeDefinition(description = "Public CURVE keys (Z85) of the terminals that may come; empty for any")
    String[] curveTerminals() default {};

    @AttributeDefinition(description = "Our secret CURVE key (Z85)")
    String _curveSecretKey() default "";

    @AttributeDefinition(description = "The secret that the Expert Advisor has as InpSharedSecret; empty for none")
    String _sharedSecret() default "";
  }

  private static final Logger LOG = LoggerFactory.getLogger(ZmqBridge.class);

  /** One more terminal of protocol 1. */
  private record Further(String endpoint, CommandLink link, AccountBook book) {}

  private final AccountBook book = new AccountBook();
  private final CommandLink commands;
  private int pushPort;
  private boolean stopped;
  private volatile Config config;
  private volatile PushServer push;
  private volatile RobustLink robust;
  private volatile Map<String, Further> further = Map.of();

  @Activate
  public ZmqBridge(Config config) {
    this.config = config;
    commands = new CommandLink(new CompatDialect(), book, settings(config), new Negotiation()).start();
    follow(config);
  }

  @Modified
  void modified(Config changed) {
    config = changed;
    follow(changed);
    commands.settings(settings(changed));
  }

  private void follow(Config wanted) {
    listen(wanted);
    connect(wanted);
    succeed(wanted, false);
  }

  @Deactivate
  void deactivate() {
    List<Runnable> ends = new ArrayList<>();
    synchronized (this) {
      stopped = true;
      if (push != null) {
        ends.add(push::close);
      }
      ends.add(commands::close);
      further.values().forEach(each -> ends.add(each.link()::close));
      if (robust != null) {
        ends.add(robust::close);
      }
    }
    ends.forEach(Runnable::run);
  }

  /** What the terminal says of its protocols decides which leg carries requests; without it, the first one. */
  private final class Negotiation implements CommandLink.Succession {
    @Override
    public boolean takesOver() {
      return succeed(config, true) && protocol(config).equals(AUTO);
    }

    @Override
    public void take(Pending pending) {
      RobustLink link = robust;
      if (link == null) {
        pending.notSent("The bridge is stopping.");
      } else {
        link.take(pending);
      }
    }
  }

  /** Binds for protocol 2 once it is needed: by configuration, or because the terminal speaks it. */
  private synchronized boolean succeed(Config wanted, boolean spoken) {
    String protocol = protocol(wanted);
    boolean needed =
        !stopped && wanted.zmqRobustPort() > 0 && wanted.zmqRobustPort() < 65535
            && (protocol.equals(ROBUST) || !protocol.equals(COMPAT) && (spoken || commands.second()));
    if (needed && robust == null) {
      robust = new RobustLink(robustSettings(wanted)).start();
    } else if (needed) {
      robust.settings(robustSettings(wanted));
    } else if (robust != null && !protocol.equals(AUTO)) {
      RobustLink former = robust;
      robust = null;
      former.close();
    }
    return robust != null;
  }

  private static RobustSettings robustSettings(Config config) {
    String secret = given(config._curveSecretKey());
    String open = given(config.curvePublicKey());
    boolean curve = RobustSettings.key(secret) && RobustSettings.key(open);
    if (!curve && !(secret + open).isEmpty()) {
      LOG.error("The CURVE keys are no keys, so no terminal of protocol 2 may come: give 40 characters of Z85 each.");
    }
    Settings base = settings(config);
    return new RobustSettings(
        config.zmqRobustPort(),
        // encryption that was asked for and is not there must not end in plain text
        curve || (secret + open).isEmpty() ? base.secret() : "",
        base.replyTimeout(),
        base.commandTimeout(),
        curve ? secret : "",
        curve ? open : "",
        Arrays.stream(config.curveTerminals()).map(ZmqBridge::given).filter(RobustSettings::key).collect(Collectors.toUnmodifiableSet()));
  }

  private static String protocol(Config config) {
    String protocol = given(config.zmqProtocol()).toLowerCase(Locale.ROOT);
    return protocol.equals(ROBUST) || protocol.equals(COMPAT) ? protocol : AUTO;
  }

  private synchronized void connect(Config wanted) {
    Map<String, Further> links = new LinkedHashMap<>();
    Settings base = settings(wanted);
    for (String each : wanted.zmqTerminals()) {
      String[] parts = given(each).split("=", 2);
      Optional<String> endpoint = parts.length == 2 ? Settings.endpoint(parts[1].strip(), wanted.zmqCommandPort()) : Optional.empty();
      if (endpoint.isEmpty() || !parts[0].strip().matches("[A-Za-z0-9._-]{1,64}")) {
        if (!given(each).isEmpty()) {
          LOG.error("A further terminal is not understood and left out: write account=host:port. key=zmqTerminals");
        }
        continue;
      }
      Settings settings =
          new Settings(endpoint, base.secret(), base.commandTimeout(), base.replyTimeout(), base.accountInterval());
      Further before = further.get(parts[0].strip());
      if (before == null) {
        AccountBook own = new AccountBook();
        before = new Further(endpoint.get(), new CommandLink(new CompatDialect(), own, settings).start(), own);
      } else {
        before.link().settings(settings);
      }
      links.put(parts[0].strip(), before);
    }
    List<Further> former = further.entrySet().stream().filter(each -> !links.containsKey(each.getKey())).map(Map.Entry::getValue).toList();
    further = links;
    former.forEach(each -> each.link().close());
  }

  private synchronized void listen(Config config) {
    // an executor that is not provisioned has no terminal that could push
    int wanted = Settings.endpoint(given(config.zmqHost()), config.zmqCommandPort()).isPresent() ? config.zmqPort() : 0;
    if (wanted == pushPort) {
      return;
    }
    if (push != null) {
      push.close();
    }
    push = wanted > 0 && wanted < 65536 ? new PushServer(wanted, book).start() : null;
    pushPort = wanted;
  }

  private static Settings settings(Config config) {
    Duration command = millis(config.commandTimeout(), Settings.COMMAND_TIMEOUT);
    Duration reply = millis(config.replyTimeout(), Settings.REPLY_TIMEOUT);
    return new Settings(
        protocol(config).equals(ROBUST) ? Optional.empty() : Settings.endpoint(given(config.zmqHost()), config.zmqCommandPort()),
        given(config._sharedSecret()),
        command,
        reply.compareTo(command) < 0 ? reply : command,
        Duration.ofSeconds(Math.max(0, config.accountInterval())));
  }

  private static Duration millis(long value, Duration otherwise) {
    return value > 0 ? Duration.ofMillis(Math.min(value, Duration.ofHours(1).toMillis())) : otherwise;
  }

  /** An unresolved placeholder is a missing value. */
  private static String given(String value) {
    return value == null || value.startsWith("$[") ? "" : value.strip();
  }

  /** The link of protocol 2 while it is the one to go through. */
  private Optional<RobustLink> second() {
    RobustLink link = robust;
    return link != null && (protocol(config).equals(ROBUST) || commands.second()) ? Optional.of(link) : Optional.empty();
  }

  @Override
  public CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
    Object account = request.parameters().get(ACCOUNT);
    if (account == null) {
      Optional<RobustLink> second = second();
      return second.isPresent() ? second.get().submit(request, gate, Optional.empty()) : commands.submit(request, gate);
    }
    Map<String, Object> parameters = new LinkedHashMap<>(request.parameters());
    parameters.remove(ACCOUNT);
    TerminalRequest bare = new TerminalRequest(request.id(), request.name(), parameters, request.lane(), request.deadline());
    String wanted = account.toString();
    Further other = further.get(wanted);
    if (other != null) {
      return other.link().submit(bare, gate);
    }
    Optional<RobustLink> second = second();
    if (second.isPresent()) {
      return second.get().submit(bare, gate, Optional.of(wanted));
    }
    if (book.latest().flatMap(Account::number).filter(wanted::equals).isPresent()) {
      return commands.submit(bare, gate);
    }
    return CompletableFuture.completedFuture(
        new TerminalReply(
            TerminalReply.Outcome.NOT_SENT, Map.of(),
            Optional.of("No terminal of account " + wanted.replaceAll("[^A-Za-z0-9._-]", "?") + " is known: see zmqTerminals in com.fxplatform.zmq."),
            Optional.empty()));
  }

  @Override
  public boolean knows(String name) {
    return CompatDialect.knows(name) || second().map(link -> link.knows(name)).orElse(false);
  }

  @Override
  public Status status() {
    Status first = commands.status();
    // without the first leg's word nobody knows whether the second is the one
    return second().filter(any -> first.state() == State.READY || protocol(config).equals(ROBUST)).map(RobustLink::status).orElse(first);
  }

  @Override
  public Optional<Account> account() {
    return second().flatMap(RobustLink::account).or(book::latest);
  }

  @Override
  public Optional<Quote> quote(String symbol) {
    return second().flatMap(link -> link.quote(symbol));
  }

  /** What is wrong with terminals beside the one that {@link #status} is about; one sentence. */
  Optional<String> otherTrouble() {
    for (Map.Entry<String, Further> each : further.entrySet()) {
      Status status = each.getValue().link().status();
      if (status.state() != State.READY) {
        return Optional.of("Terminal " + each.getKey() + ": " + status.detail());
      }
    }
    RobustLink link = robust;
    return link == null
        ? Optional.empty()
        : link.terminals().stream().filter(each -> !each.alive()).findFirst()
            .map(each -> "Terminal " + each.label() + " sends no heartbeat: see whether MetaTrader 5 hangs, or restart it.");
  }

  /** Why the terminal cannot push; empty if it can, or need not. */
  Optional<String> pushTrouble() {
    PushServer server = push;
    return server == null ? Optional.empty() : server.trouble();
  }

  /** The port that the terminal can push to; 0 for none. */
  int pushPort() {
    PushServer server = push;
    return server == null ? 0 : server.port();
  }
}
