package com.fxplatform.zmq;

import com.fxplatform.api.command.Gate;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.api.terminal.TerminalReply;
import com.fxplatform.api.terminal.TerminalRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The bridge to the terminal: the command leg, the push leg and what the terminal told. Idle until it is told a host. */
@Component(
    configurationPid = {"com.fxplatform.zmq", "com.fxplatform.provisioned"},
    service = {TerminalLink.class, ZmqBridge.class},
    immediate = true)
public final class ZmqBridge implements TerminalLink {
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

    @AttributeDefinition(description = "The secret that the Expert Advisor has as InpSharedSecret; empty for none")
    String _sharedSecret() default "";
  }

  private final AccountBook book = new AccountBook();
  private final CommandLink commands;
  private int pushPort;
  private volatile PushServer push;

  @Activate
  public ZmqBridge(Config config) {
    commands = new CommandLink(new CompatDialect(), book, settings(config)).start();
    listen(config);
  }

  @Modified
  void modified(Config config) {
    commands.settings(settings(config));
    listen(config);
  }

  @Deactivate
  void deactivate() {
    PushServer server = push;
    if (server != null) {
      server.close();
    }
    commands.close();
  }

  private synchronized void listen(Config config) {
    // an executor that is not provisioned has no terminal that could push
    int wanted = settings(config).endpoint().isPresent() ? config.zmqPort() : 0;
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
        Settings.endpoint(given(config.zmqHost()), config.zmqCommandPort()),
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

  @Override
  public CompletableFuture<TerminalReply> submit(TerminalRequest request, Gate gate) {
    return commands.submit(request, gate);
  }

  @Override
  public Status status() {
    return commands.status();
  }

  @Override
  public Optional<Account> account() {
    return book.latest();
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
