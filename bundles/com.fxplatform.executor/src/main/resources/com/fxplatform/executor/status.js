"use strict";
const GOOD = new Set(["OK", "SUBSCRIBED", "READY", "applied"]);
const WAIT = new Set(["CONNECTING", "IDLE", "none", "applying", "ABSENT"]);
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
  at("name").textContent = s.executor.name || "FX executor";
  at("sub").textContent = s.executor.setUp ? `${s.executor.id || "not provisioned yet"} at ${s.platform.url}` : "Not set up: run fx setup.";
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
}

let token = "";

function controls(c) {
  token = c.token;
  const stop = c.emergencyStop;
  at("resume").hidden = !stop && !c.paused;
  at("halted").textContent = stop
    ? `Trading is halted (${stop.reason}). ${stop.flat ? "Everything is closed: " : "Still closing: "}${stop.detail}`
    : c.paused ? `Trading is paused (${c.paused}).` : "";
  at("proofs").replaceChildren(...Object.entries(stop ? stop.positions : {}).map(([ticket, what]) => text("li", `${ticket}: ${what}`)));
}

async function press(path, question) {
  if (!confirm(question)) return;
  const answer = await fetch(path, { method: "POST", headers: { "X-FX-Local": token, "Content-Type": "application/json" }, body: "{}" });
  const said = await answer.json();
  at("halted").textContent = said.message || said.error;
}

async function diagnose() {
  at("diagnose").disabled = true;
  try {
    await fetch("/api/local/diagnosis", { method: "POST", headers: { "X-FX-Local": token, "Content-Type": "application/json" }, body: "{}" });
    let d;
    do {
      await new Promise((done) => setTimeout(done, 500));
      d = await (await fetch("/api/local/diagnosis", { cache: "no-store" })).json();
      at("links").replaceChildren(...d.links.map((l) => {
        const row = document.createElement("tr");
        const state = text("td", l.state);
        state.className = l.state;
        row.append(text("td", l.link), state, text("td", l.detail + (l.remedy ? " " + l.remedy : "")));
        return row;
      }));
    } while (d.running);
  } finally {
    at("diagnose").disabled = false;
  }
}

at("halt").addEventListener("click", () => press("/api/local/emergency-stop", "Halt trading and close every position now?"));
at("resume").addEventListener("click", () => press("/api/local/resume", "Let new orders go out again?"));
at("diagnose").addEventListener("click", diagnose);

async function get(path, use) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.ok) use(await answer.json());
}

async function look() {
  try {
    await get("/api/local/status", show);
    await get("/api/local/commands", (c) => { list(c.commands); controls(c); });
  } catch (gone) {
    at("foot").textContent = "The executor does not answer: fx status executor tells more.";
  }
  setTimeout(look, 2000);
}
look();
