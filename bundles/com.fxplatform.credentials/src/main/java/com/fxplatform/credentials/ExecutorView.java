package com.fxplatform.credentials;

import com.fxplatform.api.executor.Executor;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An executor in the wire's members (wire-contract 5.3 to 5.5). */
final class ExecutorView {
  /** Executors count as connected this long after a heartbeat (wire-contract 5.4). */
  static final Duration ONLINE = Duration.ofMinutes(5);

  private static final List<String> VITALS =
      List.of("version", "accountBalance", "accountEquity", "openPositions", "configRevision", "configState", "terminalState", "tradingState");

  private ExecutorView() {}

  static boolean connected(Executor executor) {
    return executor.lastHeartbeat().filter(heard -> heard.isAfter(Instant.now().minus(ONLINE))).isPresent();
  }

  /** Everything but the secrets; the key masked. */
  static Map<String, Object> of(Executor executor) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("id", executor.id());
    view.put("userId", executor.userId());
    view.put("name", executor.name());
    view.put("apiKey", mask(executor.apiKey()));
    view.put("platform", executor.platform());
    view.put("brokerServer", executor.brokerServer());
    view.put("accountNumber", executor.accountNumber());
    view.put("status", executor.status());
    view.put("lastHeartbeat", executor.lastHeartbeat());
    view.put("createdAt", executor.createdAt());
    view.put("updatedAt", executor.updatedAt());
    view.put("deletedAt", null);
    for (String vital : VITALS) {
      view.put(vital, executor.vitals().get(vital));
    }
    boolean halted = "halted".equals(executor.vitals().get("tradingState"));
    view.put("tradingReason", said(executor, "tradingReason"));
    view.put("tradingSince", said(executor, "tradingSince"));
    view.put("flat", halted ? executor.vitals().get("flat") : null);
    return view;
  }

  private static Object said(Executor executor, String vital) {
    Object value = executor.vitals().get(vital);
    return "".equals(value) ? null : value;
  }

  static String mask(String apiKey) {
    return apiKey.length() < 12 ? "****" : apiKey.substring(0, 8) + "…" + apiKey.substring(apiKey.length() - 4);
  }
}
