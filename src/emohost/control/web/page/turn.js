// What there is to turn: parameters with their MIDI learn, actions, clocks, snapshots, the emotion that is felt.

import { $, attribute, button, clicked, list, make, pressed, seldom, text } from "./dom.js";

const RELOADED = { live: "changed now", swap: "exchanged", restart: "from the next start on" };
const HOLD_MS = 700, SEND_MS = 50, FEEL_MS = 100, SURE_MS = 3000;

function shown(parameter, value) {
  if (parameter.kind === "choice") return parameter.choices[Math.round(value)];
  if (parameter.kind === "switch") return value ? "on" : "off";
  return String(Math.round(value * 100) / 100);
}

const named = (parameter) => parameter.name.replace("_enabled", "").replace("_", " ");
const how = () => ({ at: $("when").value, over_s: Number($("over").value) || 0 });

export class Turn {
  // `ask(request)` tells what was refused by itself.
  constructor(surface, ask) {
    this.ask = ask;
    this.rows = new Map();
    this.learns = new Map();
    for (const parameter of surface.parameters) {
      if (parameter.kind === "switch") this.makeSwitch(parameter); else this.makeParameter(parameter);
    }
    this.makeActions(surface);
    this.makeFeeling();
    this.makeSnapshots();
  }

  set(parameter, value) { return this.ask({ command: "set", name: parameter.name, value, ...how() }); }

  makeLearn(parameter, parent) {
    const learn = () => this.ask({ command: "learn", parameter: parameter.name });
    const made = clicked(parent, "Learn", learn, { className: "learn", title: "The MIDI controller that moves next sets it" });
    made.setAttribute("aria-label", `Learn a MIDI controller for ${named(parameter)}`);
    made.dataset.learn = parameter.name;
    this.learns.set(parameter.name, made);
  }

  makeSwitch(parameter) {
    const box = make("div", $("switches"));
    let touched = 0;
    const made = pressed(make("button", box, { type: "button", title: parameter.help }), () => {
      const wanted = made.getAttribute("aria-pressed") !== "true";
      touched = Date.now();
      made.setAttribute("aria-pressed", wanted); // at once: who presses twice means it
      this.set(parameter, Number(wanted));
    });
    made.dataset.parameter = parameter.name;
    make("span", made, { textContent: named(parameter) });
    const by = make("span", made, { className: "by" });
    this.makeLearn(parameter, box);
    this.rows.set(parameter.name, (value, source) => {
      if (Date.now() - touched > HOLD_MS) attribute(made, "aria-pressed", value > 0);
      text(by, source ? ` by ${source}` : "");
    });
  }

  makeParameter(parameter) {
    const box = make("div", $("parameters"), { className: "parameter" });
    const label = make("label", box), name = make("span", label, { textContent: named(parameter) + " " });
    const isChoice = parameter.kind === "choice";
    const value = isChoice ? null : make("b", label);
    if (parameter.unit) make("span", label, { className: "by", textContent: ` ${parameter.unit}` });
    const by = make("span", label, { className: "by" });
    const input = make(isChoice ? "select" : "input", label, { title: parameter.help });
    input.dataset.parameter = parameter.name;
    name.id = `name-${parameter.name}`;
    input.setAttribute("aria-labelledby", name.id);
    let touched = 0;
    const send = seldom(SEND_MS, (wanted) => this.set(parameter, wanted));
    if (isChoice) {
      for (const choice of parameter.choices) input.append(new Option(choice, choice));
    } else {
      const step = parameter.kind === "whole" ? 1 : (parameter.high - parameter.low) / 200;
      Object.assign(input, { type: "range", min: parameter.low, max: parameter.high, step });
    }
    input.addEventListener("input", () => {
      touched = Date.now();
      delete input.dataset.now;
      send(isChoice ? input.value : Number(input.value));
    });
    this.makeLearn(parameter, box);
    this.rows.set(parameter.name, (now, source) => {
      if (value) text(value, shown(parameter, now));
      text(by, source ? ` by ${source}` : "");
      if (Date.now() - touched < HOLD_MS) return;
      const wanted = isChoice ? parameter.choices[Math.round(now)] : String(now);
      if (input.dataset.now !== wanted) input.value = input.dataset.now = wanted;
      if (!isChoice) attribute(input, "aria-valuetext", `${shown(parameter, now)} ${parameter.unit}`.trim());
    });
  }

  makeActions(surface) {
    const act = (name) => this.ask(name === "start" || name === "stop" ? { command: "transport", action: name } : { command: name });
    for (const { name, help } of surface.actions) {
      if (name === "panic") pressed($("panic"), () => act("panic")).title = help;
      else button($("actions"), name, () => act(name), { title: help }).dataset.action = name;
    }
    $("panic").dataset.action = "panic";
    for (const { name, help } of surface.clocks) {
      clicked($("clocks"), name, () => this.ask({ command: "clock", source: name }), { title: help }).dataset.clock = name;
    }
    $("reload").addEventListener("click", async () => {
      const told = await this.ask({ command: "reload" });
      if (!told.ok) return;
      const said = Object.entries(RELOADED).filter(([kind]) => told[kind]?.length).map(([kind, done]) => `${done}: ${told[kind].join(", ")}`);
      this.say(said.join("; ") || "nothing has changed");
    });
  }

  // The point on the pad under a finger, or the two sliders and the button, which a keyboard reaches.
  makeFeeling() {
    const valence = $("valence"), arousal = $("arousal"), pad = $("pad");
    const feel = () => this.ask({ command: "feel", valence: Number(valence.value), arousal: Number(arousal.value), weight: 1, seconds: Number($("feel_s").value) || 10 });
    const often = seldom(FEEL_MS, feel);
    const at = (event) => {
      const box = pad.getBoundingClientRect(), within = (share) => Math.max(-1, Math.min(1, share));
      valence.value = within(((event.clientX - box.left) / box.width * 2 - 1) / pad.dataset.reach);
      arousal.value = within((1 - (event.clientY - box.top) / box.height * 2) / pad.dataset.reach);
      often();
    };
    pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); at(event); });
    pad.addEventListener("pointermove", (event) => { if (pad.hasPointerCapture(event.pointerId)) at(event); });
    $("feel").addEventListener("click", feel);
  }

  makeSnapshots() {
    const save = async () => {
      const told = await this.ask({ command: "snapshot", action: "save", name: $("name").value.trim() });
      if (told.ok) $("name").value = "";
    };
    $("save").addEventListener("click", save);
    $("name").addEventListener("keydown", (event) => { if (event.key === "Enter") save(); });
  }

  showSnapshots(names) {
    list($("snapshots"), names, (name) => {
      const box = make("div", $("snapshots"), { className: "shot" });
      button(box, name, () => this.ask({ command: "snapshot", action: "recall", name, ...how() })).dataset.recall = name;
      let sure = false;
      const away = clicked(box, "Delete", () => {
        if (sure) return this.ask({ command: "snapshot", action: "delete", name });
        sure = true;
        away.textContent = "Sure?";
        setTimeout(() => { sure = false; away.textContent = "Delete"; }, SURE_MS);
      });
      away.dataset.delete = name;
      away.setAttribute("aria-label", `Delete ${name}; press twice`);
    });
    if (!names.length) text($("snapshots"), "none yet");
  }

  showLearning(learn) {
    for (const [name, made] of this.learns) {
      const waits = learn.waits && learn.parameter === name;
      attribute(made, "aria-pressed", Boolean(waits));
      text(made, waits ? "Move it …" : "Learn");
    }
    const what = learn.parameter?.replace("_enabled", "").replace("_", " ");
    text($("learned"), learn.waits ? `move the controller that is to set ${what}` : learn.found ? `learned for ${what}: ${learn.found}` : "");
  }

  show(state) {
    for (const [name, value] of Object.entries(state.parameters)) this.rows.get(name)?.(value, state.set_by[name]);
    for (const made of $("clocks").children) attribute(made, "aria-pressed", made.dataset.clock === state.status.clock);
    this.showSnapshots(state.snapshots);
    this.showLearning(state.learn);
  }
}
