package com.fxplatform.executor;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.RealtimeLink;
import com.fxplatform.api.terminal.Account;
import com.fxplatform.api.terminal.TerminalLink;
import com.fxplatform.executor.PlatformLine.Access;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What the executor's own page shows: measured states, no secrets. */
@Component(property = Endpoint.ROUTE + "=GET /api/local/status")
public final class LocalStatus implements Endpoint {
  private final Roster<TerminalLink> terminal = new Roster<>(Duration.ofSeconds(5));
  private final Roster<RealtimeLink> realtime = new Roster<>(Duration.ofSeconds(5));
  private final PlatformLine line;

  @Activate
  public LocalStatus(@Reference PlatformLine line) {
    this.line = line;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindTerminal(TerminalLink service, Map<String, ?> properties) {
    terminal.bind(service, properties);
  }

  void unbindTerminal(TerminalLink service) {
    terminal.unbind(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindRealtime(RealtimeLink service, Map<String, ?> properties) {
    realtime.bind(service, properties);
  }

  void unbindRealtime(RealtimeLink service) {
    realtime.unbind(service);
  }

  @Override
  public Reply handle(Request request) {
    localOnly(request);
    Access access = line.access();
    Standing standing = line.standing();
    Map<String, Object> status = new LinkedHashMap<>();
    Map<String, Object> executor = new LinkedHashMap<>();
    executor.put("id", line.executorId());
    executor.put("name", standing.name());
    executor.put("version", PlatformLine.VERSION);
    executor.put("setUp", access.ready());
    status.put("executor", executor);
    Map<String, Object> platform = new LinkedHashMap<>();
    platform.put("url", access.url().map(PlatformUrl::toString).orElse(""));
    platform.put("state", (standing.beat().problem().isEmpty() ? standing.platform().talk() : Standing.Talk.TROUBLE).name());
    platform.put("detail", standing.beat().problem().isEmpty() ? standing.platform().detail() : standing.beat().problem());
    platform.put("since", standing.platform().since());
    standing.beat().accepted().ifPresent(at -> platform.put("lastHeartbeat", at));
    platform.put("clockOffsetMs", line.clockOffset().toMillis());
    status.put("platform", platform);
    status.put(
        "configuration",
        Map.of("revision", standing.revision().revision(), "state", standing.revision().state(), "since", standing.revision().since()));
    String silent = access.ready() ? "No realtime room is running." : "It starts when this executor is set up.";
    status.put("realtime", realtime.speaks("") ? realtime.<Map<String, Object>>call(LocalStatus::realtime) : absent(silent));
    status.put("terminal", terminal.speaks("") ? terminal.<Map<String, Object>>call(LocalStatus::terminal) : absent("No terminal bridge is running."));
    status.put("time", Instant.now());
    return Reply.ok(status).with("Cache-Control", "no-store");
  }

  /** A page of somebody else whose name was made to point to this machine must not read along. */
  static void localOnly(Request request) {
    String host = request.headers().first("Host").orElse("").replaceAll(":\\d+$", "");
    if (!PlatformUrl.loopback(host)) {
      throw new Refusal(403, "LOCAL_ONLY", "This page is for this machine only: open it as http://127.0.0.1.");
    }
  }

  private static Map<String, Object> realtime(RealtimeLink link) {
    return Map.of("state", link.state().name(), "since", link.since(), "detail", link.detail());
  }

  private static Map<String, Object> terminal(TerminalLink link) {
    TerminalLink.Status now = link.status();
    Map<String, Object> shown = new LinkedHashMap<>(Map.of("state", now.state().name(), "since", now.since(), "detail", now.detail()));
    link.account().ifPresent(account -> shown.put("account", account(account)));
    return shown;
  }

  private static Map<String, Object> account(Account account) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("balance", account.balance());
    shown.put("equity", account.equity());
    shown.put("freeMargin", account.freeMargin());
    shown.put("profit", account.profit());
    account.openPositions().ifPresent(count -> shown.put("openPositions", count));
    shown.put("at", account.at());
    return shown;
  }

  private static Map<String, Object> absent(String why) {
    return Map.of("state", "ABSENT", "detail", why);
  }
}
