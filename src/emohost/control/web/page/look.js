// What there is to see: what is heard and played, the emotion with its trail, health, connections, the log.

import { $, attribute, list, make, text } from "./dom.js";

const TRAIL = 120, CLIP_MS = 2000, FLOOR_DB = -60, LOG = 12, REACH = 0.86;
const BAD_LOAD = 70, BAD_LATE_MS = 10, WARM_DB = -6;
const trail = [];
let clipped = 0, clippedAt = -Infinity;

function gauge(id, value, mark, low, high, mood) {
  const bar = $(id), share = (x) => Math.max(0, Math.min(1, (x - low) / (high - low)));
  bar.children[0].style.transform = `scaleX(${share(value).toFixed(3)})`;
  bar.children[1].style.left = `${(share(mark) * 99).toFixed(1)}%`;
  attribute(bar, "aria-valuenow", Math.round(Math.max(low, Math.min(high, value))));
  const wanted = `bar ${mood}`.trim();
  if (bar.className !== wanted) bar.className = wanted;
}

function showLevel(status) {
  const now = performance.now(), count = status.flags.clipped ?? 0;
  if (count > clipped) clippedAt = now;
  clipped = count;
  const clips = now - clippedAt < CLIP_MS;
  $("clip").hidden = !clips;
  const level = Math.max(-99, status.level_db ?? -99), peak = Math.max(-99, status.peak_db ?? -99);
  gauge("level", level, peak, FLOOR_DB, 0, clips ? "bad" : peak > WARM_DB ? "warm" : "");
  attribute($("level"), "aria-valuetext", `${level.toFixed(0)} dBFS`);
  text($("level_db"), `${level.toFixed(0)} dBFS, peak ${peak.toFixed(0)}`);
}

function showNow(status) {
  for (const id of ["key", "chord_played", "chord_heard"]) text($(id), status[id] || "–");
  text($("tempo"), status.tempo ? status.tempo.toFixed(1) : "–");
  text($("band"), status.band.replace("_", " "));
  text($("style_now"), status.style || "–");
  const beats = $("beats");
  while (beats.children.length > status.beats_per_bar) beats.lastChild.remove();
  while (beats.children.length < status.beats_per_bar) make("i", beats);
  const at = status.tempo && status.band !== "stopped" ? Math.floor(status.beat) % status.beats_per_bar : -1;
  [...beats.children].forEach((each, beat) => { const on = beat === at ? "on" : ""; if (each.className !== on) each.className = on; });
  const chart = status.chart_bar >= 0 ? `; bar ${status.chart_bar + 1} of the chart` : status.chart_bar === -2 ? "; off the chart" : "";
  text($("heard"), `${status.sound} heard; the clock is ${status.clock}${status.clock_lost ? ", which is lost" : ""}${chart}`);
  $("heard").className = status.clock_lost ? "bad" : "";
}

function showEmotion(valence, arousal) {
  const last = trail[trail.length - 1];
  if (last && last[0] === valence && last[1] === arousal) return;
  trail.push([valence, arousal]);
  if (trail.length > TRAIL) trail.shift();
  text($("emotion"), `valence ${valence.toFixed(2)}, arousal ${arousal.toFixed(2)}`);
  const canvas = $("pad"), pen = canvas.getContext("2d"), half = canvas.width / 2, reach = half * REACH;
  canvas.dataset.reach = REACH;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = "#5b667a"; pen.lineWidth = 2;
  pen.beginPath(); pen.arc(half, half, reach, 0, 7); pen.moveTo(half - reach, half); pen.lineTo(half + reach, half); pen.moveTo(half, half - reach); pen.lineTo(half, half + reach); pen.stroke();
  pen.fillStyle = "#b9c2cf"; pen.font = "30px system-ui, sans-serif";
  const word = (what, x, y, align) => { pen.textAlign = align; pen.fillText(what, x, y); };
  word("lively", half, half - reach - 10, "center"); word("calm", half, half + reach + 32, "center");
  word("pleasant", 2 * half - 8, half - 12, "right"); word("unpleasant", 8, half - 12, "left");
  trail.forEach(([x, y], index) => {
    const newest = index === trail.length - 1;
    pen.globalAlpha = newest ? 1 : 0.7 * (index + 1) / trail.length;
    pen.fillStyle = newest ? "#f4f6fa" : "#7cc0ff";
    pen.beginPath(); pen.arc(half + x * reach, half - y * reach, newest ? 16 : 6, 0, 7); pen.fill();
  });
  pen.globalAlpha = 1;
}

function showHealth(status) {
  const load = status.load, late = status.lateness_ms;
  gauge("load", load.p99, load.max, 0, 100, load.p99 > BAD_LOAD ? "bad" : "");
  text($("load_text"), `${load.p50.toFixed(1)} %, 99 of 100 below ${load.p99.toFixed(1)}, worst ${load.max.toFixed(1)}`);
  gauge("late", late.p99, late.max, 0, 20, late.p99 > BAD_LATE_MS ? "bad" : "");
  text($("late_text"), `${late.p50.toFixed(1)} ms, 99 of 100 below ${late.p99.toFixed(1)}, worst ${late.max.toFixed(1)}`);
  const audio = status.audio, counts = (what) => Object.entries(what).map(([name, count]) => `${name.replaceAll("_", " ")} ${count}`).join(", ");
  const facts = [
    ["State", status.state], ["Device", status.detail],
    ["Sound", audio.sample_rate ? `${audio.sample_rate} Hz, blocks of ${audio.block_size}` : "–"],
    ["Sound to note", status.latency ? `${(status.latency.device_ms + status.latency.block_ms + status.latency.delay_ms).toFixed(1)} ms` : "–"],
    ["Notes", `${status.notes}, ${status.sounding} on`], ["Side B", status.side_b.process ?? "none"],
    ["Restarts", status.restarts, status.restarts > 0], ["Late blocks", status.late_blocks, status.late_blocks > 0],
    ["Blocks with", counts(status.flags) || "no fault", Object.keys(status.flags).length > 0],
    ["Dropped", counts(status.dropped) || "nothing", Object.keys(status.dropped).length > 0],
  ];
  list($("facts"), facts, ([name, value, bad]) => {
    const row = make("div", $("facts"));
    make("dt", row, { textContent: name });
    make("dd", row, { textContent: value, className: bad ? "bad" : "" });
  });
}

function showConnections(status) {
  const { audio, midi } = status, lines = [];
  const all = (names) => names.join(", ") || "nothing";
  (audio.inputs ?? []).forEach((names, port) => lines.push([`Audio in ${port + 1} ← ${all(names)}`, !names.length]));
  (audio.outputs ?? []).forEach((names, port) => lines.push([`Audio out ${port + 1} → ${all(names)}`]));
  if (!midi.name) lines.push(["No MIDI port"]);
  else lines.push([midi.open ? `${midi.name} → ${all(midi.outputs)}` : `${midi.name} is not open`, !midi.open]);
  (midi.inputs ?? []).forEach((names, port) => lines.push([`MIDI in ${port + 1} ← ${all(names)}`]));
  for (const { about, pid } of status.side_b.writers ?? []) lines.push([`Side B ← ${about} (process ${pid})`]);
  list($("connections"), lines, ([line, bad]) => make("li", $("connections"), { textContent: line, className: bad ? "bad" : "" }));
  list($("networks"), status.networks, (each) => {
    const file = each.file?.split(/[/\\]/).pop();
    const line = each.error ? `${each.role}: ${each.error}` : `${each.role}: ${file}, ${each.precision}, ${each.status}`;
    make("li", $("networks"), { textContent: line, className: each.error || each.status === "untrained" ? "bad" : "" });
  });
  list($("log"), status.messages.slice(-LOG).reverse(), (line) => make("li", $("log"), { textContent: line }));
}

export function look(status) {
  showNow(status);
  showLevel(status);
  showEmotion(status.valence, status.arousal);
  showHealth(status);
  showConnections(status);
}
