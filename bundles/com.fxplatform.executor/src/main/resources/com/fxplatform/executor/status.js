"use strict";
const GOOD = new Set(["OK", "SUBSCRIBED", "READY", "applied"]);
const WAIT = new Set(["CONNECTING", "IDLE", "none", "applying", "ABSENT", "WAITING_FOR_SETUP"]);
const at = (id) => document.getElementById(id);
const text = (tag, value) => Object.assign(document.createElement(tag), { textContent: value });
const time = (iso) => (iso ? new Date(iso).toLocaleTimeString() : "");

function card(title, state, detail) {
  const box = document.createElement("div");
  box.className = "card " + (GOOD.has(state) ? "good" : WAIT.has(state) ? "wait" : "bad");
  box.append(text("h3", title), text("strong", state.toLowerCase().replaceAll("_", " ")), text("p", detail || ""));
  return box;
}

function show(s) {
  setUp = s.executor.setUp;
  at("name").textContent = s.executor.name || "FX executor";
  at("sub").textContent = setUp
    ? `${s.executor.id || "not provisioned yet"} at ${s.platform.url}`
    : "Not set up: run fx setup on this machine and type the API key and the API secret.";
  const beat = s.platform.lastHeartbeat ? ` Last heartbeat ${time(s.platform.lastHeartbeat)}.` : "";
  const account = s.terminal.account;
  const money = account ? ` Balance ${account.balance}, equity ${account.equity}.` : "";
  at("cards").replaceChildren(
    card("Platform", s.platform.state, s.platform.detail + beat),
    card("Realtime", s.realtime.state, s.realtime.detail),
    card("Terminal", s.terminal.state, s.terminal.detail + money),
    card("Configuration", s.configuration.state, s.configuration.revision));
  at("foot").textContent = `Version ${s.executor.version}, seen ${time(s.time)}`;
}

function list(commands) {
  at("commands").replaceChildren(...commands.map((c) => {
    const row = document.createElement("tr");
    row.append(text("td", time(c.receivedAt)), text("td", c.command), text("td", c.state), text("td", c.error || c.ticket || ""));
    return row;
  }));
  at("none").textContent = commands.length ? "" : "No command yet.";
}

let token = "";
let setUp = false;

function controls(c) {
  token = c.token;
  const stop = c.emergencyStop;
  at("resume").hidden = !stop && !c.paused;
  at("stop").className = stop ? "bad" : c.paused ? "wait" : "";
  at("halted").textContent = stop
    ? `Trading is halted (${stop.reason}). ${stop.flat ? "Everything is closed. " : ""}${stop.detail}`
    : c.paused ? `Trading is paused (${c.paused}): no new order goes out.`
    : setUp ? "Trading is active." : "No order goes out before the setup.";
  at("proofs").replaceChildren(...Object.entries(stop ? stop.positions : {}).map(([ticket, what]) => text("li", `${ticket}: ${what}`)));
}

async function tell(path) {
  const answer = await fetch(path, { method: "POST", headers: { "X-FX-Local": token, "Content-Type": "application/json" }, body: "{}" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

// a connection that broke says "Failed to fetch", a proxy's answer is no JSON: neither helps anybody
const why = (error) => (error instanceof TypeError || error instanceof SyntaxError
  ? "The executor does not answer: fx status executor tells more." : error.message);

async function press(button, path, question) {
  if (!confirm(question)) return;
  at("said").textContent = "";
  button.disabled = true;
  try {
    await tell(path);
    await see();
  } catch (refused) {
    at("said").textContent = why(refused);
  } finally {
    button.disabled = false;
  }
}

function links(findings) {
  at("links").replaceChildren(...findings.map((l) => {
    const row = document.createElement("tr");
    const state = text("td", l.state);
    state.className = l.state;
    row.append(text("td", l.link), state, text("td", l.detail + (l.remedy ? " " + l.remedy : "")));
    return row;
  }));
}

async function diagnose() {
  at("diagnose").disabled = true;
  at("measured").textContent = "Measuring…";
  try {
    let d = await tell("/api/local/diagnosis");
    links(d.links);
    while (d.running) {
      await new Promise((done) => setTimeout(done, 500));
      d = await read("/api/local/diagnosis");
      links(d.links);
    }
    at("measured").textContent = `Measured at ${new Date().toLocaleTimeString()}.`;
  } catch (refused) {
    at("measured").textContent = why(refused);
  } finally {
    at("diagnose").disabled = false;
  }
}

at("halt").addEventListener("click", (e) => press(e.currentTarget, "/api/local/emergency-stop", "Halt trading and close every position now?"));
at("resume").addEventListener("click", (e) => press(e.currentTarget, "/api/local/resume", "Let new orders go out again?"));
at("diagnose").addEventListener("click", diagnose);

async function read(path) {
  const answer = await fetch(path, { cache: "no-store" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

async function see() {
  const s = await read("/api/local/status");
  const c = await read("/api/local/commands");
  // at once: half a page of now beside half a page of before says what never was
  show(s);
  list(c.commands);
  controls(c);
  at("gone").textContent = "";
  at("cards").className = "";
}

async function look() {
  try {
    await see();
  } catch (gone) {
    // what was seen last is no longer known to be so
    at("gone").textContent = why(gone);
    at("cards").className = "stale";
    at("stop").className = "";
    at("halted").textContent = "";
    at("proofs").replaceChildren();
  }
  setTimeout(look, 2000);
}
look();
