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

async function get(path, use) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.ok) use(await answer.json());
}

async function look() {
  try {
    await get("/api/local/status", show);
    await get("/api/local/commands", (c) => list(c.commands));
  } catch (gone) {
    at("foot").textContent = "The executor does not answer: fx status executor tells more.";
  }
  setTimeout(look, 2000);
}
look();
