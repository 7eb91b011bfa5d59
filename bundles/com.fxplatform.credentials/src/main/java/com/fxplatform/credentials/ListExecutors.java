package com.fxplatform.credentials;

import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory.Ever;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Fields;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /api/executor} (wire-contract 5.4), and page by page: {@code limit} and {@code before} are ours. The figures are
 * over all that match, not over the page.
 */
@Component(property = Endpoint.ROUTE + "=GET /api/executor")
public final class ListExecutors implements Endpoint {
  private static final int MOST = 500;

  private final ExecutorDesk desk;

  @Activate
  public ListExecutors(@Reference ExecutorDesk desk) {
    this.desk = desk;
  }

  @Override
  public Reply handle(Request request) {
    Caller caller = desk.user(request);
    int limit = limit(request);
    List<Ever> all = matching(request, caller);
    List<Ever> page = page(all, request.query("before"), limit + 1);
    boolean more = page.size() > limit;
    List<Ever> shown = more ? page.subList(0, limit) : page;
    Map<String, Map<String, Object>> counts = desk.counts(shown.stream().map(ever -> ever.executor().id()).toList());
    long online = all.stream().filter(ListExecutors::connected).count();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("executors", shown.stream().map(ever -> row(ever, counts)).toList());
    body.put("stats", Map.of(
        "total", all.size(),
        "online", online,
        "offline", all.size() - online,
        "byPlatform", Map.of("MT5", count(all, "MT5"), "MT4", count(all, "MT4"))));
    body.put("before", more ? shown.get(limit - 1).executor().id() : null);
    return Reply.ok(body);
  }

  private List<Ever> matching(Request request, Caller caller) {
    Optional<String> status = request.query("status");
    Optional<String> platform = request.query("platform");
    boolean deleted = request.query("includeDeleted").filter("true"::equals).isPresent();
    return desk.directory.<List<Ever>>call(directory -> directory.everOfUser(caller.userId())).stream()
        .filter(ever -> deleted || ever.deletedAt().isEmpty())
        .filter(ever -> status.isEmpty() || ever.executor().status().equals(status.get()))
        .filter(ever -> platform.isEmpty() || ever.executor().platform().equals(platform.get()))
        .toList();
  }

  /** What follows the executor of the id; nothing follows one that is not there. */
  private static List<Ever> page(List<Ever> all, Optional<String> before, int limit) {
    if (before.isEmpty()) {
      return all.stream().limit(limit).toList();
    }
    return all.stream().dropWhile(ever -> !ever.executor().id().equals(before.get())).skip(1).limit(limit).toList();
  }

  private static int limit(Request request) {
    Fields fields = Fields.of(Map.of());
    int limit = fields.pageSize("limit", request.query("limit"), MOST, MOST);
    fields.check();
    return limit;
  }

  private static Map<String, Object> row(Ever ever, Map<String, Map<String, Object>> counts) {
    Map<String, Object> row = ExecutorView.of(ever.executor());
    row.put("deletedAt", ever.deletedAt());
    row.put("_count", counts.get(ever.executor().id()));
    row.put("isConnected", connected(ever));
    return row;
  }

  private static boolean connected(Ever ever) {
    return ever.deletedAt().isEmpty() && ExecutorView.connected(ever.executor());
  }

  private static long count(List<Ever> executors, String platform) {
    return executors.stream().filter(ever -> ever.executor().platform().equals(platform)).count();
  }
}
