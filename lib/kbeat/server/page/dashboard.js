"use strict";
// Everything that comes from the server is put in as text, never as markup.

const api = "/api/v1/kafka/";
const period = 2000;
const everyNth = 5;  // what costs the server a look at topics is asked for less often
const mostLive = 200;
const points = 60;
let token = sessionStorage.getItem("kbeat-token");
let user = sessionStorage.getItem("kbeat-user");
let before = null;
let awaySince = null;
let socket = null;
let turns = 0;
const history = new Map();
const shown = new Map();

const at = id => document.getElementById(id);

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function drawing(kind, width, height, shapes) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", kind);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of shapes) {
    const shape = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}

function sparkline(values) {
  const top = Math.max(...values, 1e-9);
  const at = (value, i) => `${(i + points - values.length).toFixed(1)},${(19 - 18 * value / top).toFixed(1)}`;
  return drawing("line", points - 1, 20, [
    ["polyline", {points: values.map(at).join(" "), "vector-effect": "non-scaling-stroke"}]]);
}

function waveform(levels) {
  if (!levels || !levels.length) return element("span", "–");
  const loudest = Math.max(...levels, 1e-9);  // a picture of the shape; how loud it is the figures say
  return drawing("wave", levels.length, 20, levels.map((level, i) => {
    const height = Math.max(0.6, 20 * level / loudest);
    return ["rect", {x: i + 0.12, y: (10 - height / 2).toFixed(2), width: 0.76, height: height.toFixed(2)}];
  }));
}

function ago(text) {
  const made = element("time");
  made.dateTime = text ?? "";
  const when = new Date(text);
  if (isNaN(when)) {
    made.textContent = text || "–";
    return made;
  }
  const seconds = Math.max(0, (Date.now() - when) / 1000);
  const [size, unit] = seconds < 90 ? [1, "s"] : seconds < 5400 ? [60, "min"] : seconds < 172800 ? [3600, "h"] : [86400, "d"];
  made.textContent = `${Math.round(seconds / size)} ${unit} ago`;
  made.title = when.toLocaleString();
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

// A table is made anew only when it has changed, and what had the focus keeps it.
function fill(table, columns, rows, empty) {
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const head = element("tr", null, "head");
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
    const cell = element("td", empty, "empty");
    cell.colSpan = columns.length;
    line.append(cell);
    lines.push(line);
  }
  const body = element("tbody");
  if (rows.length) body.append(head);
  body.append(...lines);
  const text = new XMLSerializer().serializeToString(body);
  if (shown.get(table) === text) return;
  shown.set(table, text);
  const open = [...table.querySelectorAll("details[open]")].map(details => details.dataset.key);
  table.replaceChildren(body);
  for (const details of table.querySelectorAll("details")) details.open = open.includes(details.dataset.key);
  if (focused) table.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function button(label, key, action) {
  const made = element("button", label);
  made.type = "button";
  made.dataset.key = key;
  made.setAttribute("aria-label", key);
  made.addEventListener("click", () => action(made));
  return made;
}

async function change(pressed, said, work) {
  pressed.disabled = true;
  try {
    said.textContent = await work();
    await refresh(true);
  } catch (error) {
    said.textContent = error.message;
    if (error instanceof NeedsLogin) askForLogin();
  } finally {
    pressed.disabled = false;
  }
}

function showAlerts({alerts}, {problems}) {
  const lines = [
    ...alerts.map(alert => element("li", `${alert.severity} · ${alert.alert.replaceAll("_", " ")}: ${alert.text}`, alert.severity)),
    ...problems.map(problem => element("li", problem, "warning"))];
  at("alerts").replaceChildren(...(lines.length ? lines : [element("li", "nothing needs you", "quiet")]));
}

function number(value) {
  return value.toLocaleString(undefined, {maximumFractionDigits: value < 10 ? 1 : 0});
}

function showRates(metrics) {
  const now = performance.now();
  const rates = [
    ["events accepted", "kbeat_ingest_accepted_total"], ["records read", "kafka_consumer_messages_consumed_total"],
    ["events handled", "kafka_consumer_messages_processed_total"],
    ["records sent", "kafka_producer_messages_sent_total"], ["delivered live", "kbeat_stream_delivered_total"]];
  const levels = [["live clients", "kbeat_stream_clients"], ["lag", "kafka_consumer_lag"],
    ["wait in outbox", "kbeat_outbox_waiting"]];
  const cards = [];
  const card = (label, value, unit) => {
    const past = history.get(label) ?? [];
    past.push(value);
    if (past.length > points) past.shift();
    history.set(label, past);
    const made = element("div");
    const figure = element("dd", number(value));
    if (unit) figure.append(element("small", " " + unit));
    figure.append(sparkline(past));
    made.append(element("dt", label), figure);
    cards.push(made);
  };
  for (const [label, name] of rates)
    card(label, before ? Math.max(0, (metrics[name] - before.metrics[name]) * 1000 / (now - before.now)) : 0, "/s");
  for (const [label, name] of levels) card(label, metrics[name] ?? 0);
  at("rates").replaceChildren(...cards);
  before = {now, metrics};
}

function showTopics({topics}) {
  fill(at("topics"), [["topic", "name"], ["partitions", "number"], ["copies", "number"]],
    topics.map(topic => [topic.name, topic.partitions, topic.replication]),
    "No topics yet: the first event makes its own.");
}

function showConsumers({groups}) {
  fill(at("consumers"), [["group", "name"], ["state"], ["members", "number"], ["lag", "number"], ["", "act"]],
    groups.map(({group, state, enabled, members, lag}) => [group, enabled ? state : "switched off", members, lag,
      button(enabled ? "Off" : "On", `switch ${group} ${enabled ? "off" : "on"}`, pressed =>
        change(pressed, at("consumers-said"), async () => {
          await ask(api + "consumers/toggle", {group, enabled: !enabled});
          return `${group} is ${enabled ? "off: it takes in nothing" : "on again"}`;
        }))]),
    "No group has read anything yet: kbeat serve --consume TOPIC, or kbeat consume.");
}

function retryButton(label, key, body) {
  return button(label, key, pressed => change(pressed, at("letters-said"), async () => {
    const report = await ask(api + "dead-letter-queue/retry", body);
    const sent = Object.values(report.targets).reduce((sum, count) => sum + count, 0);
    const left = Object.entries(report.left).map(([reason, count]) => `${count} stay: ${reason}`).join("; ");
    return `${sent} sent back. ${left}`;
  }));
}

function letterError(letter) {
  const made = element("details");
  made.dataset.key = letter.id;
  const head = element("summary", letter.error);
  head.dataset.key = "show " + letter.id;
  made.append(head, element("pre", letter.value ?? "(no value)"));
  return made;
}

function showLetters(stats, {total, letters}) {
  fill(at("patterns"), [["pattern", "text"], ["open", "number"], ["last", "time"]],
    stats.patterns.map(group => [group.pattern, group.count, ago(group.last)]), "no open dead letters");
  const rows = letters.map(letter => [letter.topic, letterError(letter), ago(letter.failed_at),
    retryButton("Retry", "retry " + letter.id, {ids: [letter.id], dlq_topic: letter.dlq})]);
  if (total > 1) rows.push([`all ${total}`, "", "", retryButton("Retry all", "retry all", {all: true})]);
  at("letters").parentElement.hidden = !rows.length;
  fill(at("letters"), [["topic", "name"], ["error", "text"], ["failed", "time"], ["", "act"]], rows, "none");
}

function showBeats({recent_beats: beats}) {
  fill(at("beats"), [["beat", "name"], ["level over time"], ["bpm", "number"], ["key"], ["camelot"], ["energy", "number"],
    ["length", "number"]],
    beats.map(beat => [beat.beat_id, waveform(beat.waveform), beat.bpm,
      beat.key && (beat.mode && !beat.key.endsWith(beat.mode) ? `${beat.key} ${beat.mode}` : beat.key), beat.camelot, beat.energy,
      beat.duration && `${Math.floor(beat.duration / 60)}:${String(Math.floor(beat.duration % 60)).padStart(2, "0")}`]),
    "No beats yet: a BEAT_CREATED event on beats-events brings the first (kbeat serve --consume beats-events).");
}

function cameBack() {
  if (awaySince) before = null;
  awaySince = null;
  at("away").hidden = true;
  at("main").classList.remove("stale");
}

function wentAway(reason) {
  awaySince = awaySince || new Date();
  at("away").hidden = false;
  at("away").textContent =
    `The server does not answer since ${awaySince.toLocaleTimeString()} (${reason}). What is shown is from before.`;
  at("state").textContent = "away";
  at("state").className = "bad";
  at("main").classList.add("stale");
}

function showStatus(status) {
  const waiting = status.outbox.waiting ? ` · ${number(status.outbox.waiting)} wait in the outbox` : "";
  at("state").textContent = `Kafka ${status.health.kafka} · events go ${status.ingest.mode}${waiting} · ${status.version}`;
  at("state").className = status.health.kafka === "disconnected" || status.problems.length ? "bad" : "";
}

async function refresh(everything) {
  try {
    const status = await ask(api + "status");
    showStatus(status);
    showAlerts(await ask(api + "alerts"), status);
    showRates(await ask(api + "metrics"));
    showBeats(await ask("/api/v1/analytics/summary"));
    cameBack();
    // A broker that is away keeps these from being answered; the rest goes on.
    if (everything && status.health.kafka !== "disconnected") {
      showTopics(await ask(api + "topics"));
      showConsumers(await ask(api + "consumers"));
      showLetters(await ask(api + "dead-letter-queue/stats"), await ask(api + "dead-letter-queue?limit=20"));
    }
  } catch (error) {
    if (error instanceof NeedsLogin) {
      askForLogin();
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
  if (!document.hidden) await refresh(awaySince !== null || turns++ % everyNth === 0);
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
  opened.onopen = () => {
    at("live-state").textContent = "following: what comes from now on is shown here";
    at("live-stop").disabled = false;
  };
  opened.onclose = closed => {
    if (socket !== opened) return;
    const why = closed.reason || (closed.code === 1000 || closed.code === 1005 ? "stopped" : "the connection was lost");
    at("live-state").textContent = `not following: ${why}`;
    at("live-stop").disabled = true;
  };
  opened.onmessage = message => {
    if (message.data.startsWith('{"type":"keepalive"')) return;
    at("live").prepend(element("li", message.data));
    while (at("live").children.length > mostLive) at("live").lastChild.remove();
  };
}

function showUser() {
  at("who-name").textContent = token ? user : "";
  at("log-in").textContent = token ? "Log out" : "Log in";
}

function askForLogin() {
  if (!at("login").hidden) return;
  at("login").hidden = false;
  at("email").focus();
}

function forget() {
  token = user = null;
  sessionStorage.clear();
  showUser();
}

async function logIn(event) {
  event.preventDefault();
  at("login-error").textContent = "";
  token = null;
  try {
    const answer = await ask("/api/auth/login", {email: at("email").value, password: at("password").value});
    token = answer.token;
    user = `${at("email").value} (${answer.role})`;
    sessionStorage.setItem("kbeat-token", token);
    sessionStorage.setItem("kbeat-user", user);
    at("password").value = "";
    at("login").hidden = true;
    showUser();
    await refresh(true);
  } catch (error) {
    at("login-error").textContent = error.message;
  }
}

at("live-form").addEventListener("submit", follow);
at("live-stop").addEventListener("click", () => socket?.close());
at("login").addEventListener("submit", logIn);
at("login-cancel").addEventListener("click", () => { at("login").hidden = true; });
at("log-in").addEventListener("click", () => token ? forget() : askForLogin());
showUser();
keepFresh();
