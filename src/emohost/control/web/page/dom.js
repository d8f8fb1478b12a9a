// Small tools for elements; each writes only what differs, so that a phone has little to do.

export const $ = (id) => document.getElementById(id);

export function text(element, value) {
  if (element.textContent !== String(value)) element.textContent = value;
}

export function attribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

export function make(kind, parent, properties = {}) {
  const made = Object.assign(document.createElement(kind), properties);
  parent.append(made);
  return made;
}

// Pressed as the finger comes down, not as it goes up: what is played by hand is in time. By keyboard as any button.
export function button(parent, label, press, properties = {}) {
  const made = make("button", parent, { type: "button", textContent: label, ...properties });
  return pressed(made, press);
}

export function pressed(element, press) {
  element.addEventListener("pointerdown", (event) => { if (event.button === 0) press(); });
  element.addEventListener("click", (event) => { if (event.detail === 0) press(); });
  return element;
}

// As `press`, for what nobody plays: a finger that scrolls past must not do it.
export function clicked(parent, label, press, properties = {}) {
  const made = make("button", parent, { type: "button", textContent: label, ...properties });
  made.addEventListener("click", press);
  return made;
}

// A list that is made anew only when it has become another.
export function list(element, lines, fill) {
  const key = JSON.stringify(lines);
  if (element.dataset.lines === key) return;
  element.dataset.lines = key;
  element.replaceChildren();
  for (const line of lines) fill(line);
}

// `send(value)` at most every `ms`; the last value is always sent.
export function seldom(ms, send) {
  let last = 0, timer = null, newest;
  return (value) => {
    newest = value;
    if (timer !== null) return;
    timer = setTimeout(() => { timer = null; last = Date.now(); send(newest); }, Math.max(0, last + ms - Date.now()));
  };
}
