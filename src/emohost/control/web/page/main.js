// The page. It keeps no list of parameters of its own: /api/surface says what there is.

import { $, attribute, text } from "./dom.js";
import { Link } from "./link.js";
import { look } from "./look.js";
import { plan } from "./plan.js";
import { Turn } from "./turn.js";

const SAY_MS = 6000;
let turn = null, spoken = null;

function say(words) {
  clearTimeout(spoken);
  $("said").textContent = words;
  spoken = setTimeout(() => { $("said").textContent = ""; }, SAY_MS);
}

const link = new Link(show, word);

async function ask(request) {
  const answer = await link.ask(request);
  if (!answer.ok) say(answer.error);
  return answer;
}

function show(state) {
  if (turn === null) {
    turn = new Turn(JSON.parse(link.surface), ask);
    turn.say = say;
  }
  const status = state.status;
  text($("connection"), status.state === "playing" ? "playing" : `${status.state} ${status.detail}`);
  turn.show(state);
  look(status);
  plan(status);
}

function word(lost) {
  attribute(document.body, "data-link", lost === null ? "there" : "lost");
  if (lost !== null) text($("connection"), lost);
}

link.open();
