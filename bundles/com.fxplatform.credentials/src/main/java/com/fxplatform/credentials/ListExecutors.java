package com.fxplatform.credentials;

import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /api/executor} (wire-contract 5.4). */
@Component(property = Endpoint.ROUTE + "=GET /api/executor")
public final class ListExecutors implements Endpoint {
  private final ExecutorDesk desk;

  @Activate
  public ListExecutors(@Reference ExecutorDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    Optional<String> status = request.query("status");
    Optional<String> platform = request.query("platform");
    List<Executor> executors = desk.directory.<List<Executor>>call(all -> all.ofUser(caller.userId())).stream()
        .filter(executor -> status.isEmpty() || executor.status().equals(status.get()))
        .filter(executor -> platform.isEmpty() || executor.platform().equals(platform.get()))
        .toList();
    long online = executors.stream().filter(ExecutorView::connected).count();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("executors", executors.stream().map(this::row).toList());
    body.put("stats", Map.of(
        "total", executors.size(),
        "online", online,
        "offline", executors.size() - online,
        "byPlatform", Map.of("MT5", count(executors, "MT5"), "MT4", count(executors, "MT4"))));
    return Reply.ok(body);
  }

  private Map<String, Object> row(Executor executor) {
    Map<String, Object> row = ExecutorView.of(executor);
    row.put("_count", desk.counts(executor));
    row.put("isConnected", ExecutorView.connected(executor));
    return row;
  }

  private static long count(List<Executor> executors, String platform) {
    return executors.stream().filter(executor -> executor.platform().equals(platform)).count();
  }
}
