// The roll of what the band is about to play: this bar and the next, by part and sixteenth, with chords and the place.

import { $, text } from "./dom.js";

const LEFT = 74, TOP = 28, STEPS = 4, COLOURS = { melody: "#7cc0ff", chords: "#4ecb71", bass: "#ffc857", drums: "#f4a7ff" };
let drawn = "";

function words(status) {
  const bars = status.plan.map((bar, number) => {
    const chords = bar.chords.map((chord, beat) => (chord && chord !== bar.chords[beat - 1] ? chord : "")).filter(Boolean).join(" ");
    const marks = (bar.begins_section ? ", a section begins" : "") + (bar.ends_phrase ? ", a phrase ends" : "");
    return `${number ? "next" : "now"}: ${chords || "no chord yet"}${marks}`;
  });
  return bars.length ? `Section ${status.section + 1}, bar ${status.bar_in_section + 1}; ${bars.join("; ")}` : "nothing is planned";
}

export function plan(status) {
  text($("plan_text"), words(status));
  const canvas = $("roll"), scale = devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const step = status.band === "stopped" ? -1 : Math.floor(status.beat * STEPS);
  const key = JSON.stringify([status.plan, step, width, height]);
  if (key === drawn) return;
  drawn = key;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  draw(pen, width, height, status.plan, step);
}

// One bar below the other, so that names have room on a phone.
function draw(pen, width, height, bars, step) {
  pen.font = "16px system-ui, sans-serif";
  pen.textBaseline = "middle";
  bars.forEach((bar, number) => {
    pen.save();
    pen.translate(0, number * height / 2);
    drawBar(pen, width, height / 2, bar, number === 0 ? step : -1);
    pen.restore();
  });
}

function drawBar(pen, width, height, bar, step) {
  const parts = Object.keys(COLOURS), row = (height - TOP - 4) / parts.length;
  const count = bar.chords.length * STEPS, cell = (width - LEFT) / Math.max(1, count);
  if (step >= 0) {
    pen.fillStyle = "#39445a";
    pen.fillRect(LEFT + step * cell, 0, cell, height - 4);
  }
  bar.chords.forEach((chord, beat) => {
    const at = LEFT + beat * STEPS * cell;
    pen.fillStyle = beat ? "#434c5e" : bar.begins_section ? "#ffc857" : "#b9c2cf";
    pen.fillRect(at, beat ? TOP : 0, beat ? 1 : 3, height - 4 - (beat ? TOP : 0));
    pen.fillStyle = "#f4f6fa";
    if (chord && chord !== bar.chords[beat - 1]) pen.fillText(chord, at + 8, TOP / 2, room(bar.chords, beat) * STEPS * cell - 10);
  });
  parts.forEach((part, at) => {
    const strikes = bar.parts[part], y = TOP + row * at;
    pen.fillStyle = COLOURS[part];
    pen.fillText(part, 6, y + row / 2);
    if (strikes === undefined) return pen.fillText("open until the bar begins", LEFT + 8, y + row / 2);
    [...strikes].forEach((each, sixteenth) => {
      if (each === "x") pen.fillRect(LEFT + sixteenth * cell + 2, y + row * 0.15, Math.max(3, cell - 4), row * 0.7);
    });
  });
}

// Beats until the next chord's name.
function room(chords, beat) {
  const next = chords.findIndex((chord, at) => at > beat && chord && chord !== chords[at - 1]);
  return (next < 0 ? chords.length : next) - beat;
}
