package com.fxplatform.deploy;

import com.fxplatform.api.deploy.Deployment;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.live.Voice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /}: the whole house on one page, for the owner's browser. Static: no script, nothing from elsewhere. */
@Component(service = Page.class, property = Page.PATH + "=/")
public final class StatusPage implements Page {
  private static final int DEPLOYMENTS = 30;
  private static final String STYLE = """
      body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2430;background:#f6f7f9}
      h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
      table{border-collapse:collapse;width:100%;background:#fff;border:1px solid #dde1e7}
      th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #eceff3;vertical-align:top;overflow-wrap:break-word}
      td:last-child{overflow-wrap:anywhere}.t{overflow-x:auto}
      th{font-weight:600;color:#5a6675;background:#fbfcfd}td.n{text-align:right;font-variant-numeric:tabular-nums}
      .b{display:inline-block;border-radius:.7em;white-space:nowrap;padding:0 .6em;color:#fff;background:#7a8594;font-size:.9em}
      .ok{background:#1a7f4b}.warn{background:#a86400}.bad{background:#b3261e}.dim{color:#7a8594}
      details{margin:.4rem 0}summary{cursor:pointer;font-weight:600}
      """;

  private final Health health;
  private final Caretaker caretaker;
  private final ConfigurationHealth configuration;

  @Activate
  public StatusPage(@Reference Health health, @Reference Caretaker caretaker, @Reference ConfigurationHealth configuration) {
    this.health = health;
    this.caretaker = caretaker;
    this.configuration = configuration;
  }

  @Override
  public Answer answer(Ask ask) {
    // the page at "/" is asked for every address of one segment that nobody else has
    if (!ask.path().equals("/")) {
      return null;
    }
    Health.Picture picture = health.picture();
    StringBuilder html = new StringBuilder(16_384);
    html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">")
        .append("<title>FX Platform: status</title><style>").append(STYLE)
        .append("</style></head><body><h1>FX Platform ").append(badge(picture.live() ? "live" : "not live", picture.live() ? "ok" : "bad"))
        .append(' ').append(badge(picture.ready() ? "ready" : "not ready", picture.ready() ? "ok" : "warn")).append("</h1>");
    health(html, picture);
    deployments(html);
    rooms(html, picture);
    voices(html);
    configuration(html);
    html.append("</body></html>");
    return new Answer(200, "text/html; charset=utf-8", html.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void health(StringBuilder html, Health.Picture picture) {
    table(html, "Health", "Check", "State", "Says");
    for (Health.Check check : picture.checks()) {
      row(html, text(check.name()), badge(check.status(), check.status().equals("OK") ? "ok" : check.well() ? "warn" : "bad"),
          text(check.message()));
    }
    missing(html, picture, true);
    html.append("</table></div>");
    long others = picture.missing().stream().filter(missing -> !missing.vital()).count();
    if (others > 0) {
      // mostly what another runtime uses of a room: of interest to whoever looks for one of them
      html.append("<details><summary>").append(others).append(others == 1 ? " part is" : " parts are").append(" not here</summary>");
      heads(html, "Part", "State", "Why");
      missing(html, picture, false);
      html.append("</table></div></details>");
    }
  }

  private static void missing(StringBuilder html, Health.Picture picture, boolean vital) {
    for (Wiring.Missing missing : picture.missing()) {
      if (missing.vital() == vital) {
        row(html, text(missing.component()), vital ? badge("MISSING", "bad") : badge("not here", ""),
            text(missing.bundle() + ": " + String.join("; ", missing.reasons())));
      }
    }
  }

  private void deployments(StringBuilder html) {
    table(html, "Deployments", "When", "Id", "Name", "Version", "State", "Why");
    List<Deployment> lines = new ArrayList<>(caretaker.ledger());
    Collections.reverse(lines);
    for (Deployment line : lines.subList(0, Math.min(DEPLOYMENTS, lines.size()))) {
      String state = line.state().name();
      row(html, text(line.at().toString()), text(line.id()), text(line.name()), text(line.version()),
          badge(state, state.equals("SETTLED") ? "ok" : state.equals("REJECTED") ? "bad" : ""), text(line.why()));
    }
    if (lines.isEmpty()) {
      html.append("<tr><td colspan=\"6\" class=\"dim\">Nothing was ever deployed here.</td></tr>");
    }
    html.append("</table></div>");
  }

  private static void rooms(StringBuilder html, Health.Picture picture) {
    table(html, "Bundles", "Name", "Version", "State");
    picture.rooms().stream().sorted(Comparator.comparing(Health.Room::name)).forEach(room ->
        row(html, text(room.name()), text(room.version()), badge(room.state(), room.ok() ? "ok" : "bad")));
    html.append("</table></div>");
  }

  private static void voices(StringBuilder html) {
    table(html, "Who speaks", "For", "Bundle", "Version", "", "Calls", "Failed", "Mean");
    Roster.everywhere().stream().filter(voice -> voice.calls() > 0 || !voice.id().isEmpty())
        .sorted(Comparator.comparing(Voice::bundle).thenComparing(Voice::id)).forEach(voice ->
            row(html, voice.id().isEmpty() ? "<span class=\"dim\">(its service)</span>" : text(voice.id()), text(voice.bundle()),
                text(voice.version()), voice.speaking() ? "speaks" : "<span class=\"dim\">waits</span>", number(voice.calls()),
                number(voice.failures()), voice.calls() == 0 ? ""
                    : String.format(Locale.ROOT, "%.2f ms", voice.totalNanos() / 1e6 / voice.calls())));
    html.append("</table></div>");
  }

  private void configuration(StringBuilder html) {
    Map<?, ?> report = configuration.report();
    html.append("<h2>Configuration</h2>");
    if (report.get("configuration") instanceof Map<?, ?> pids) {
      pids.forEach((pid, rows) -> values(html, String.valueOf(pid), rows));
    }
    values(html, "Settings", report.get("settings"));
  }

  private static void values(StringBuilder html, String title, Object rows) {
    html.append("<details><summary>").append(text(title)).append("</summary>");
    heads(html, "Key", "Value", "Said by");
    if (rows instanceof List<?> list) {
      for (Object row : list) {
        if (row instanceof List<?> cells) {
          row(html, cells.stream().map(cell -> text(String.valueOf(cell))).toArray(String[]::new));
        }
      }
    }
    html.append("</table></div></details>");
  }

  private static void table(StringBuilder html, String title, String... heads) {
    html.append("<h2>").append(text(title)).append("</h2>");
    heads(html, heads);
  }

  /** A table in a box of its own: on a phone the box scrolls, not the page. */
  private static void heads(StringBuilder html, String... heads) {
    html.append("<div class=\"t\"><table><tr>");
    for (String head : heads) {
      html.append("<th>").append(text(head)).append("</th>");
    }
    html.append("</tr>");
  }

  private static void row(StringBuilder html, String... cells) {
    html.append("<tr>");
    for (String cell : cells) {
      html.append("<td>").append(cell).append("</td>");
    }
    html.append("</tr>");
  }

  private static String badge(String word, String kind) {
    return "<span class=\"b " + kind + "\">" + text(word) + "</span>";
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String text(String raw) {
    return String.valueOf(raw).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
  }
}
