// The page: shows the state that comes, sends requests, connects again by itself. It keeps no list of parameters of its
// own: /api/surface says what there is.
"use strict";

const RETRY_MS = 1000, TRAIL = 120, HOLD_MS = 700, STALE_MS = 2000;
const $ = (id) => document.getElementById(id);
let socket = null, number = 0, lastState = 0, surface = null;
const waiting = new Map(), trail = [], rows = new Map();

function say(text) { $("said").textContent = text; if (text) setTimeout(() => { if ($("said").textContent === text) $("said").textContent = ""; }, 6000); }

function ask(request) {
  if (!socket || socket.readyState !== WebSocket.OPEN) { say("not connected: nothing was changed"); return Promise.resolve({ ok: false }); }
  const id = ++number;
  socket.send(JSON.stringify({ ...request, id }));
  return new Promise((resolve) => waiting.set(id, resolve)).then((answer) => { if (!answer.ok) say(answer.error); return answer; });
}

function button(text, press, parent) {
  const made = document.createElement("button");
  made.type = "button"; made.textContent = text;
  made.addEventListener("click", press);
  parent.append(made);
  return made;
}

function shown(parameter, value) {
  if (parameter.kind === "choice") return parameter.choices[Math.round(value)];
  if (parameter.kind === "switch") return value ? "on" : "off";
  return String(Math.round(value * 100) / 100) + (parameter.unit ? " " + parameter.unit : "");
}

function makeParameter(parameter) {
  const box = document.createElement("div");
  box.className = "parameter";
  const label = document.createElement("label");
  const text = document.createElement("span"), output = document.createElement("output"), by = document.createElement("span");
  text.textContent = parameter.name.replace("_enabled", "").replace("_", " ") + ": ";
  by.className = "by";
  let input, touched = 0;
  const set = (value) => { touched = Date.now(); ask({ command: "set", name: parameter.name, value }); };
  if (parameter.kind === "switch") {
    input = button(text.textContent.slice(0, -2), () => set(input.getAttribute("aria-pressed") === "true" ? 0 : 1), box);
    input.title = parameter.help;
  } else {
    input = document.createElement(parameter.kind === "choice" ? "select" : "input");
    if (parameter.kind === "choice") {
      for (const choice of parameter.choices) input.append(new Option(choice, choice));
      input.addEventListener("change", () => set(input.value));
    } else {
      Object.assign(input, { type: "range", min: parameter.low, max: parameter.high, step: parameter.kind === "whole" ? 1 : (parameter.high - parameter.low) / 200 });
      input.addEventListener("input", () => set(Number(input.value)));
    }
    input.title = parameter.help;
    if (parameter.kind === "choice") label.append(text, input); else label.append(text, output, input);
    box.append(label);
  }
  box.append(by);
  (parameter.kind === "switch" ? $("switches") : $("parameters")).append(box);
  rows.set(parameter.name, (value, source) => {
    output.textContent = shown(parameter, value);
    by.textContent = source ? " by " + source : "";
    if (parameter.kind === "switch") input.setAttribute("aria-pressed", value ? "true" : "false");
    else if (Date.now() - touched > HOLD_MS) input.value = parameter.kind === "choice" ? parameter.choices[Math.round(value)] : value;
  });
}

async function build() {
  surface = await (await fetch("/api/surface")).json();
  surface.parameters.forEach(makeParameter);
  for (const action of surface.actions) {
    if (action.name !== "panic") button(action.name, () => act(action.name), $("actions")).title = action.help;
  }
  for (const clock of surface.clocks) {
    const made = button(clock.name, () => ask({ command: "clock", source: clock.name }), $("clocks"));
    made.title = clock.help; made.dataset.clock = clock.name;
  }
}

function act(name) { return ask(name === "start" || name === "stop" ? { command: "transport", action: name } : { command: name }); }

function showSnapshots(names) {
  const box = $("snapshots"), key = names.join("\n");
  if (box.dataset.names === key) return;
  box.dataset.names = key;
  box.replaceChildren();
  if (!names.length) box.textContent = "none yet";
  for (const name of names) button(name, () => ask({ command: "snapshot", action: "recall", name, over_s: Number($("over").value) || 0 }), box);
}

function showEmotion(valence, arousal) {
  trail.push([valence, arousal]);
  if (trail.length > TRAIL) trail.shift();
  $("emotion").textContent = `valence ${valence.toFixed(2)}, arousal ${arousal.toFixed(2)}`;
  const canvas = $("circle"), pen = canvas.getContext("2d"), half = canvas.width / 2, reach = half - 16;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = "#5b667a"; pen.fillStyle = "#b5bdca"; pen.font = "13px system-ui";
  pen.beginPath(); pen.arc(half, half, reach, 0, 7); pen.moveTo(16, half); pen.lineTo(canvas.width - 16, half); pen.moveTo(half, 16); pen.lineTo(half, canvas.height - 16); pen.stroke();
  pen.fillText("lively", half + 4, 28); pen.fillText("calm", half + 4, canvas.height - 20); pen.fillText("pleasant", canvas.width - 68, half - 4); pen.fillText("unpleasant", 18, half - 4);
  trail.forEach(([x, y], index) => {
    pen.globalAlpha = (index + 1) / trail.length;
    pen.fillStyle = "#6fb7ff";
    pen.beginPath(); pen.arc(half + x * reach, half - y * reach, index === trail.length - 1 ? 8 : 3, 0, 7); pen.fill();
  });
  pen.globalAlpha = 1;
}

function showTechnical(status) {
  const facts = [
    ["State", status.state], ["Device", status.detail], ["Load, 99 of 100", `${status.load.p99.toFixed(1)} %`, status.load.p99 > 70],
    ["MIDI late, 99 of 100", `${status.lateness_ms.p99.toFixed(1)} ms`, status.lateness_ms.p99 > 10],
    ["Notes", status.notes], ["Restarts", status.restarts, status.restarts > 0], ["Late blocks", status.late_blocks, status.late_blocks > 0],
  ];
  $("technical").replaceChildren(...facts.map(([name, value, bad]) => {
    const row = document.createElement("div"), term = document.createElement("dt"), fact = document.createElement("dd");
    term.textContent = name; fact.textContent = value; if (bad) fact.className = "bad";
    row.append(term, fact);
    return row;
  }));
  const messages = status.messages.slice(-8);
  if ($("log").dataset.last !== messages.join("\n")) {
    $("log").dataset.last = messages.join("\n");
    $("log").replaceChildren(...messages.map((text) => { const row = document.createElement("li"); row.textContent = text; return row; }));
  }
}

function show(state) {
  const status = state.status;
  lastState = Date.now();
  $("connection").textContent = status.state === "playing" ? "playing" : `${status.state} ${status.detail}`;
  $("connection").className = "";
  for (const id of ["key", "chord_played", "chord_heard"]) $(id).textContent = status[id] || "–";
  $("tempo").textContent = status.tempo ? status.tempo.toFixed(1) : "–";
  $("beat").textContent = status.tempo ? `${Math.floor(status.beat) % status.beats_per_bar + 1} / ${status.beats_per_bar}` : "–";
  $("band").textContent = status.band.replace("_", " ") + (status.style ? `, ${status.style}` : "");
  $("level").value = Math.max(-60, status.level_db);
  $("level_db").textContent = `${Math.max(-99, status.level_db).toFixed(0)} dBFS`;
  $("heard").textContent = `${status.sound} heard; the clock is ${status.clock}${status.clock_lost ? ", which is lost" : ""}`;
  for (const made of $("clocks").children) made.setAttribute("aria-pressed", made.dataset.clock === status.clock ? "true" : "false");
  for (const [name, value] of Object.entries(state.parameters)) rows.get(name)?.(value, state.set_by[name]);
  showSnapshots(state.snapshots);
  showEmotion(status.valence, status.arousal);
  showTechnical(status);
}

function lost(text) { $("connection").textContent = text; $("connection").className = "lost"; }

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
  socket.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    if (!told.answer) return show(told);
    waiting.get(told.answer.id)?.(told.answer);
    waiting.delete(told.answer.id);
  });
  socket.addEventListener("close", () => {
    lost("the connection is lost; trying again");
    for (const resolve of waiting.values()) resolve({ ok: false, error: "the connection was lost" });
    waiting.clear();
    setTimeout(connect, RETRY_MS);
  });
}

$("panic").addEventListener("click", () => act("panic"));
$("feel").addEventListener("click", () => ask({ command: "feel", valence: Number($("valence").value), arousal: Number($("arousal").value), weight: 1, seconds: 10 }));
$("save").addEventListener("click", () => ask({ command: "snapshot", action: "save", name: $("name").value }));
$("reload").addEventListener("click", async () => {
  const told = await ask({ command: "reload" });
  if (told.ok) say(`changed now: ${told.live.join(", ") || "nothing"}; from the next start on: ${told.restart.join(", ") || "nothing"}`);
});
setInterval(() => { if (lastState && Date.now() - lastState > STALE_MS) lost("no word from the host"); }, 500);
build().then(connect, () => lost("the page could not be loaded; reload it"));
