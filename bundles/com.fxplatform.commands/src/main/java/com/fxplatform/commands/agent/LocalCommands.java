package com.fxplatform.commands.agent;

import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The last commands for the executor's own page. */
@Component(property = Endpoint.ROUTE + "=GET /api/local/commands")
public final class LocalCommands implements Endpoint {
  private static final int MOST = 50;

  private final Journal journal;
  private final EmergencyStop stop;
  private final LocalControls controls;

  @Activate
  public LocalCommands(@Reference Journal journal, @Reference EmergencyStop stop, @Reference LocalControls controls) {
    this.stop = stop;
    this.controls = controls;
    this.journal = journal;
  }

  @Override
  public Reply handle(Request request) {
    LocalControls.localOnly(request);
    List<Map<String, Object>> commands = new ArrayList<>();
    for (Entry entry : journal.latest(MOST)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", entry.id());
      one.put("command", entry.name());
      one.put("priority", entry.priority().name());
      one.put("via", entry.via());
      one.put("receivedAt", Instant.ofEpochMilli(entry.receivedAt()));
      one.put("state", entry.state().isFinal() ? entry.status() : entry.state().name().toLowerCase(java.util.Locale.ROOT));
      one.put("changedAt", Instant.ofEpochMilli(entry.changedAt()));
      one.put("reported", entry.reported());
      for (String key : new String[] {"error", "ticket", "executionTime"}) {
        if (entry.result().get(key) != null) {
          one.put(key, entry.result().get(key));
        }
      }
      commands.add(one);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("commands", commands);
    body.put("halted", journal.halted().isPresent());
    if (journal.halted().isPresent()) {
      body.put("emergencyStop", stop.report());
    }
    journal.paused().ifPresent(why -> body.put("paused", why));
    body.put("token", controls.token());
    return Reply.ok(body).with("Cache-Control", "no-store");
  }
}
