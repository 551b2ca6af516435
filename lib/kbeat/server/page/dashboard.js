"use strict";
// Everything that comes from the server is put in as text, never as markup.

const api = "/api/v1/kafka/";
const period = 2000;
const mostLive = 200;
let token = sessionStorage.getItem("kbeat-token");
let before = null;
let awaySince = null;
let socket = null;

const at = id => document.getElementById(id);

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

class NeedsLogin extends Error {}

async function ask(path, body) {
  const headers = {};
  if (token) headers.Authorization = "Bearer " + token;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store",
    signal: AbortSignal.timeout(8000)});
  const answer = await response.json();
  if (response.status === 401) throw new NeedsLogin(answer.detail);
  if (!response.ok && response.status !== 503) throw new Error(answer.detail || response.statusText);
  return answer;
}

function fill(table, columns, rows, empty) {
  const head = element("tr");
  for (const [name, kind] of columns) {
    const cell = element("th", name, kind);
    cell.scope = "col";
    head.append(cell);
  }
  const lines = rows.map(row => {
    const line = element("tr");
    row.forEach((value, i) => {
      const cell = element("td", value instanceof Node ? undefined : value ?? "–", columns[i][1]);
      if (value instanceof Node) cell.append(value);
      line.append(cell);
    });
    return line;
  });
  if (!lines.length) {
    const line = element("tr");
    const cell = element("td", empty);
    cell.colSpan = columns.length;
    line.append(cell);
    lines.push(line);
  }
  table.replaceChildren(head, ...lines);
}

function showAlerts({alerts}) {
  at("alerts").replaceChildren(...(alerts.length
    ? alerts.map(alert => element("li", `${alert.severity}: ${alert.message}`, alert.severity))
    : [element("li", "nothing needs you", "quiet")]));
}

function showRates(metrics) {
  const now = performance.now();
  const shown = [
    ["events accepted", "kbeat_ingest_accepted_total"], ["records delivered live", "kbeat_stream_delivered_total"],
    ["records sent", "kafka_producer_messages_sent_total"], ["records read", "kafka_consumer_messages_consumed_total"]];
  const parts = [];
  for (const [label, name] of shown) {
    const rate = before ? Math.max(0, (metrics[name] - before.metrics[name]) * 1000 / (now - before.now)) : 0;
    parts.push(element("dt", label), element("dd", rate.toFixed(1) + " /s"));
  }
  parts.push(element("dt", "live clients"), element("dd", metrics.kbeat_stream_clients));
  at("rates").replaceChildren(...parts);
  before = {now, metrics};
}

function showTopics({topics}) {
  fill(at("topics"), [["topic", "text"], ["partitions", "number"]],
    topics.map(topic => [topic.name, topic.partitions]), "no topics");
}

function showConsumers({groups}) {
  fill(at("consumers"), [["group", "text"], ["state"], ["members", "number"], ["lag", "number"]],
    groups.map(group => [group.group, group.state, group.members, group.lag]), "no groups");
}

function retryButton(label, body) {
  const button = element("button", "retry");
  button.type = "button";
  button.setAttribute("aria-label", "retry " + label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const report = await ask(api + "dead-letter-queue/retry", body);
      const sent = Object.values(report.targets).reduce((sum, count) => sum + count, 0);
      const left = Object.entries(report.left).map(([reason, count]) => `${count} stay: ${reason}`).join("; ");
      at("letters-said").textContent = `${sent} sent back. ${left}`;
      await refresh();
    } catch (error) {
      at("letters-said").textContent = error.message;
      if (error instanceof NeedsLogin) at("login").hidden = false;
      button.disabled = false;
    }
  });
  return button;
}

function showLetters(stats, {total, letters}) {
  fill(at("patterns"), [["pattern", "text"], ["open", "number"], ["last"]],
    stats.patterns.map(group => [group.pattern, group.count, group.last]), "no open dead letters");
  const rows = letters.map(letter => [letter.topic, letter.error, letter.failed_at,
    retryButton(letter.id, {ids: [letter.id], dlq_topic: letter.dlq})]);
  if (total > 0) rows.push([`all ${total}`, "", "", retryButton("all", {all: true})]);
  fill(at("letters"), [["topic", "text"], ["error", "text"], ["failed at"], ["retry"]], rows, "none");
}

function showBeats({recent_beats: beats}) {
  fill(at("beats"), [["beat", "text"], ["bpm", "number"], ["key"], ["camelot"], ["energy", "number"]],
    beats.map(beat => [beat.beat_id, beat.bpm, beat.key && [beat.key, beat.mode].filter(Boolean).join(" "),
      beat.camelot, beat.energy]), "no beats yet");
}

function cameBack() {
  if (awaySince) before = null;
  awaySince = null;
  at("away").hidden = true;
}

function wentAway(reason) {
  awaySince = awaySince || new Date();
  at("away").hidden = false;
  at("away").textContent =
    `The server does not answer since ${awaySince.toLocaleTimeString()} (${reason}). What is shown is from before.`;
  at("state").textContent = "away";
}

async function refresh() {
  try {
    const status = await ask(api + "status");
    at("state").textContent = `Kafka ${status.health.kafka} · events go ${status.ingest.mode} · ` +
      `${status.outbox.waiting} wait in the outbox · version ${status.version}`;
    showAlerts(await ask(api + "alerts"));
    showRates(await ask(api + "metrics"));
    showBeats(await ask("/api/v1/analytics/summary"));
    showTopics(await ask(api + "topics"));
    showConsumers(await ask(api + "consumers"));
    showLetters(await ask(api + "dead-letter-queue/stats"), await ask(api + "dead-letter-queue?limit=20"));
    cameBack();
    at("login").hidden = true;
  } catch (error) {
    if (error instanceof NeedsLogin) {
      at("login").hidden = false;
      cameBack();
    } else if (error instanceof TypeError || error.name === "TimeoutError") {
      wentAway("no connection");
    } else {
      cameBack();
      at("alerts").replaceChildren(element("li", error.message, "critical"));
    }
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, period);
}

function follow(event) {
  event.preventDefault();
  if (socket) socket.close();
  const url = new URL("/api/v1/stream", location.href.replace(/^http/, "ws"));
  url.searchParams.set("keepalive", "text");
  if (at("live-devices").value) url.searchParams.set("device_ids", at("live-devices").value.replaceAll(" ", ""));
  if (at("live-where").value) url.searchParams.set("where", at("live-where").value);
  const opened = new WebSocket(url, token ? ["kbeat", "kbeat.token." + token] : ["kbeat"]);
  socket = opened;
  opened.onopen = () => { at("live-state").textContent = "following"; };
  opened.onclose = closed => {
    if (socket === opened) at("live-state").textContent = `ended (${closed.code} ${closed.reason})`;
  };
  opened.onmessage = message => {
    if (message.data.startsWith('{"type":"keepalive"')) return;
    at("live").prepend(element("li", message.data));
    while (at("live").children.length > mostLive) at("live").lastChild.remove();
  };
}

async function logIn(event) {
  event.preventDefault();
  at("login-error").textContent = "";
  try {
    const answer = await ask("/api/auth/login", {email: at("email").value, password: at("password").value});
    token = answer.token;
    sessionStorage.setItem("kbeat-token", token);
    at("password").value = "";
    at("login").hidden = true;
    await refresh();
  } catch (error) {
    at("login-error").textContent = error.message;
  }
}

at("live-form").addEventListener("submit", follow);
at("login").addEventListener("submit", logIn);
keepFresh();
